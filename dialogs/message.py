"""The neutral message: what a person should see, before any channel's looks.

Every string here is plain text: no Markdown, no HTML, no mentions. Renderers must show it literally;
people's own words stand in `Quote`s and in fields, so that a renderer can set them apart.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words, relayed as they are. `label` says whose, as a kind ("The expert"), never by force a name."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Field:
    """Something to fill in. A button with `form=True` sends it under `name`."""

    name: str
    label: str
    value: str = ""
    placeholder: str = ""
    multiline: bool = False
    max_length: int = 4000


@dataclass(frozen=True, slots=True)
class Button:
    """Submits `say`, the same line a person could type; with `form` the fields come along by name.

    `style` is "", "primary" or "danger". At most one button of a message is primary.
    """

    label: str
    say: str
    style: str = ""
    form: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list (an earlier answer, a question in a queue), with its own buttons."""

    title: str
    text: str = ""
    note: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one reader, in the reader's language.

    `text` is never empty: it is also the notification and the screen reader's line. Shown in this order:
    title, text, quotes, facts, entries, fields, buttons, note. `card` names the message so that a later one
    with the same name in the same conversation replaces it in place; "" means it is never replaced.
    """

    text: str
    title: str = ""
    quotes: tuple[Quote, ...] = ()
    facts: tuple[Fact, ...] = ()
    entries: tuple[Entry, ...] = ()
    entries_title: str = ""
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = ()
    note: str = ""
    card: str = ""
    language: str = "en"

    @property
    def is_plain(self) -> bool:
        """Whether a line of plain text says it all: no structure, no buttons, nobody's quoted words."""
        return not (
            self.title or self.quotes or self.facts or self.entries or self.fields
            or self.buttons or self.note or self.card
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready dict without the empty parts; `from_json` reads it back equal."""
        return {name: value for name, value in asdict(self).items() if value not in ("", ())}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Message":
        """The message that `to_json` wrote. Raises TypeError on unknown parts."""
        parts = dict(data)
        for name, kind in _PARTS.items():
            parts[name] = tuple(kind(**part) for part in parts.get(name, ()))
        parts["entries"] = tuple(
            Entry(**{**entry, "buttons": tuple(Button(**button) for button in entry.get("buttons", ()))})
            for entry in data.get("entries", ())
        )
        return cls(**parts)


_PARTS: dict[str, type] = {"quotes": Quote, "facts": Fact, "fields": Field, "buttons": Button}
