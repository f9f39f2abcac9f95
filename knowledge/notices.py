"""What a use case wants somebody to hear: facts only; and the same in words, as it is put in the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that one person should hear.

    `to` is a person's id. `key` says what happened (`question.offer`); each key has one function in
    `dialogs/composing.py` that words it. `values` hold only what the recipient may know: a notice to an
    expert never carries who asked. A notice with the `card` of an earlier one to the same person replaces
    that one where it stands; "" always stands alone. `about` is the question's number, 0 when there is none.
    """

    to: int
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    card: str = ""
    about: int = 0
    # Our number of a group conversation in which it is said, to nobody in particular; then `to` is 0.
    place: int = 0
    # An edit of a card that was never sent (or is gone) is dropped rather than sent anew.
    only_edit: bool = False
    # The one channel it goes by, "" for where they are written to. "email" is a letter (`knowledge.mail`).
    by: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A notice in words, on its way to a conversation; None: there is none, and a postman finds it undeliverable.

    `kind` is the notice's key, `payload` the message. `anew`: sent as a new message even where its card stands.
    """

    conversation: int | None
    person: int | None
    kind: str
    about: int
    payload: Mapping[str, Any]
    only_edit: bool = False
    anew: bool = False
