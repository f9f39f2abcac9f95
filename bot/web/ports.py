"""What the room needs kept, as it sees it. Handed in; `storage/web.py` keeps it in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from knowledge.people import Role


class Profile(Protocol):
    """Somebody a pane can be. `roles` are all they hold anywhere; a plain member has none."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def office(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def roles(self) -> Sequence[Role]: ...
    @property
    def sample(self) -> bool: ...


class Line(Protocol):
    """One line of a conversation: a delivered message, or what the person typed.

    `id` gives its place and never changes. `revision` counts the changes of its conversation: an edited line
    gets the next one. `message` is `Message.to_json`, None for typed text. `key` is the submission's own id,
    "" for messages. `failed` means that the typed text was not heard. `at` is UTC.
    """

    @property
    def id(self) -> int: ...
    @property
    def revision(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def message(self) -> Mapping[str, Any] | None: ...
    @property
    def typed(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def failed(self) -> bool: ...


class Store(Protocol):
    """The page's memory. Everybody's conversation has the id "web:<person>"."""

    async def settle(self) -> None:
        """Gives everybody who lacks one a web identity and conversation, so that all can be reached here."""
        ...

    async def people(self, search: str = "", limit: int = 50) -> Sequence[Profile]:
        """Whose name or office holds all words of `search`; sample people first, then by name."""
        ...

    async def person(self, person: int) -> Profile | None: ...

    async def lines(self, person: int, limit: int = 200) -> Sequence[Line]:
        """The last `limit` lines, in their places."""
        ...

    async def changes(self, person: int, since: int, limit: int = 100) -> Sequence[Line]:
        """The first `limit` lines with a revision above `since`, by revision; empty when nothing is newer."""
        ...

    async def revision(self, person: int) -> int:
        """The highest revision of the conversation, 0 while it is empty."""
        ...

    async def append(self, person: int, key: str, text: str, at: datetime) -> None:
        """Keeps what the person typed. The same key again only takes a `failed` back."""
        ...

    async def fail(self, person: int, key: str) -> None:
        """Marks what was typed as not heard."""
        ...

    async def deliver(
        self, person: int, delivery: int, message: Mapping[str, Any], replaces: str, at: datetime
    ) -> str | None:
        """Keeps a message, or puts it in the place of the one with the id `replaces`; returns its id.

        The same delivery again changes nothing. None when there is nothing to replace.
        Raises KeyError when the person has no web conversation.
        """
        ...
