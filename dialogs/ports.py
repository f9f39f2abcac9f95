"""What a turn needs kept, beside what the use cases need."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from knowledge.issues import Issues
from knowledge.notices import Post
from knowledge.people import Person
from knowledge.places import Audience
from knowledge.ports import People, Work


class Conversations(Protocol):
    def first_hearing(self, channel: str, key: str, twin: str, arrived_at: datetime, now: datetime) -> bool:
        """Notes that something was heard; False when it, or its twin under another id, was already. `key` and `twin`
        are digests."""
        ...

    def person_known_as(self, channel: str, remote_id: str) -> int | None: ...

    def bind(self, channel: str, remote_id: str, person: int) -> None: ...

    def works(self, channel: str, remote_id: str) -> bool:
        """Whether the channel's conversation is known to us, and nothing says that it no longer works."""
        ...

    def at(self, channel: str, remote_id: str, person: int | None, address: Mapping[str, Any], now: datetime) -> int:
        """Our id of the channel's conversation, its address kept current. `person` None: a group."""
        ...

    def shows(self, conversation: int, card: str) -> bool:
        """Whether a card of that name stands in the conversation already."""
        ...

    def of_people(self, people: Sequence[int]) -> Mapping[int, int]:
        """Where each of these is written to; whoever never wrote to us is left out."""
        ...

    def mailbox(self, person: int, now: datetime) -> int | None:
        """Our id of the conversation by which letters reach somebody; None when they have no address."""
        ...

    def whose(self, channel: str, remote_id: str) -> int | None:
        """Whose conversation it is; None for a group's, and for one we do not know."""
        ...


class Newcomers(People, Protocol):
    def add(self, key: str, name: str, language: str, time_zone: str, reach: Audience, now: datetime) -> Person: ...


class Desk(Work, Protocol):
    """One turn's transaction."""

    newcomer_reach: Audience
    first_km: str
    """The key of whoever becomes the KM team while nobody is; "" for nobody."""

    @property
    def people(self) -> Newcomers: ...
    @property
    def conversations(self) -> Conversations: ...
    @property
    def issues(self) -> Issues: ...

    def post(self, posts: Sequence[Post]) -> None:
        """Puts messages in the outbox of this transaction, in this order."""
        ...

    def savepoint(self) -> AbstractContextManager[Any]:
        """What is written within is undone when it raises."""
        ...
