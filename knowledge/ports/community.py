"""People, their accounts, and all that is kept of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from knowledge.people import Person, Role
from knowledge.places import Audience


class People(Protocol):
    def get(self, person: int) -> Person:
        """Raises KeyError for an id nobody has."""
        ...

    def of_ids(self, ids: Iterable[int]) -> list[Person]:
        """Those that exist, sorted by id."""
        ...

    def having(self, role: Role, network: int | None = None) -> list[Person]:
        """Who holds the role everywhere or, if a network is named, there. Sorted by id."""
        ...

    def having_somewhere(self, role: Role) -> list[Person]:
        """Who holds the role anywhere at all. Sorted by id."""
        ...

    def members(self, network: int, after: int, limit: int) -> list[int]:
        """The next numbers of members after one, in their order."""
        ...

    def in_network(self, network: int) -> list[Person]:
        """Its members. Sorted by id."""
        ...

    def named(self, text: str, limit: int = 5) -> list[Person]:
        """Everybody whose name contains the words of `text`, accents and case aside; an exact name alone."""
        ...

    def set_language(self, person: int, language: str) -> None: ...

    def block(self, person: int, question: int, by: int, now: datetime) -> bool:
        """Keeps somebody from writing to others; False when they are kept from it for that question already."""
        ...

    def unblock(self, person: int, question: int) -> bool:
        """False when they were not blocked for that question. They may still be for another."""
        ...

    def describe_self(self, person: int, part: str, value: object) -> None:
        """Keeps what somebody says of themselves: `topics`, `speaks`, `region`, `time_zone`. No import changes it."""
        ...

    def toured(self, person: int) -> Mapping[str, int]:
        """By role, the card of its welcome that they saw last; one more than there are when they are through."""
        ...

    def listed(self) -> list[Person]:
        """Those who agreed to be found by what they know. Sorted by id."""
        ...

    def with_key(self, key: str) -> Person | None:
        """Whoever is known by that key: an address, or a channel's id of somebody first met there."""
        ...

    def address(self, person: int) -> str:
        """Where a letter reaches them, "" for whoever is in no import."""
        ...

    def grant(self, person: int, role: Role, network: int | None, by: int) -> None:
        """Gives a role, everywhere or in one network, that they do not hold yet; no import takes it back."""
        ...

    def revoke(self, person: int, role: Role, network: int | None) -> None:
        """Takes back a role that they hold, whoever gave it."""
        ...

    def prefer(self, person: int, /, **preferences: object) -> None:
        """Keeps what somebody chose for themselves: `supervisor_id`, `away_until` (UTC), `weekly_cap`, `channel`,
        `digest`."""
        ...


class Personal(Protocol):
    """All that is kept of one person, wherever it lies."""

    def about(self, person: int) -> Mapping[str, Sequence[Mapping[str, object]]]:
        """Every row about them by table, JSON-ready, without whatever names somebody else."""
        ...

    def forget(self, person: int) -> None:
        """Removes or empties all of it. Twice changes nothing more."""
        ...


class Links(Protocol):
    """Accounts of one person, and the codes that link them. A code is kept by its digest only."""

    def issue(self, number: int, digest: str, expires_at: datetime) -> None:
        """Keeps a code for this person, in the place of an earlier one."""
        ...

    def redeem(self, digest: str, now: datetime) -> int | None:
        """Uses a code up; returns whose it was, None when there is none or its time is over."""
        ...

    def tries(self, number: int, since: datetime) -> int:
        """How many wrong codes this person typed since."""
        ...

    def note_try(self, number: int, now: datetime) -> None: ...

    def is_newcomer(self, number: int) -> bool:
        """Whether nobody knows more of them than the channel in which they were first met."""
        ...

    def apart(self, one: int, other: int) -> bool:
        """Whether these cannot become one: an import knows both, both are on one channel, or both have a part in one
        question, flag or peer assist."""
        ...

    def channels(self, number: int) -> list[str]:
        """The names of the channels on which they can be written to."""
        ...

    def places(self, number: int) -> list[int]:
        """Our numbers of all their conversations that work."""
        ...

    def merge(self, keeper: int, other: int) -> None:
        """All that was the other's is the keeper's; where both chose something, the keeper's choice holds."""
        ...

    def split(self, keeper: int, reach: Audience, now: datetime) -> bool:
        """Each linked account is a newcomer's again; False when there is none."""
        ...
