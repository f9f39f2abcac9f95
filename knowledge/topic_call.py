"""A call for topics: until a date a network's members propose and endorse; then one proposal becomes an event.

Endorsements are the votes. A call is never changed in place: each move returns the next one, or raises a Refusal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from knowledge.errors import Refusal


class State(StrEnum):
    """Where a call stands.

    OPEN     members propose and endorse
    TIED     it closed with several in front; whoever looks after the network chooses among these
    DECIDED  one proposal won
    EMPTY    it closed and nothing was endorsed
    STOPPED  ended before its date; nothing was decided
    """

    OPEN = "open"
    TIED = "tied"
    DECIDED = "decided"
    EMPTY = "empty"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Call:
    """All times are UTC. `opener` may stand for nobody any more; `tied` are the numbers of the proposals in front,
    `winner` is the one that was chosen.

    Members are told page by page, by their numbers: `told_up_to` is the last who was, None when all were.
    `mended_up_to` is the same of what changes on the cards they got before."""

    id: int
    network: int
    opener: int
    opened_at: datetime
    closes_at: datetime
    state: State = State.OPEN
    version: int = 0
    tied: tuple[int, ...] = ()
    winner: int | None = None
    told_up_to: int | None = None
    mended_up_to: int | None = None

    @property
    def announcing(self) -> bool:
        """Whether there are members who have no card yet and should get one."""
        return self.state is State.OPEN and self.told_up_to is not None

    def mending(self) -> "Call":
        """What members read of it is no longer so. Whoever gets their card only later reads it as it is then."""
        return replace(self, mended_up_to=0, told_up_to=self.told_up_to if self.state is State.OPEN else None)

    def told(self, last: int | None) -> "Call":
        """The next page of members heard, or saw their card change; `last` of them, None when nobody is left."""
        return replace(self, told_up_to=last) if self.announcing else replace(self, mended_up_to=last)

    def closed(self, counts: Mapping[int, int]) -> "Call":
        """Votes are counted: endorsements by proposal. Those in front win together; with several of them somebody must
        choose."""
        self._only(State.OPEN)
        most = max(counts.values(), default=0)
        front = tuple(sorted(number for number, count in counts.items() if count == most)) if most else ()
        if len(front) == 1:
            return replace(self, state=State.DECIDED, winner=front[0])
        return replace(self, state=State.TIED if front else State.EMPTY, tied=front)

    def picked(self, proposal: int) -> "Call":
        self._only(State.TIED)
        if proposal not in self.tied:
            raise Refusal("call.not_tied", proposal=proposal)
        return replace(self, state=State.DECIDED, winner=proposal)

    def left(self, gone: int) -> "Call":
        """One of those in front is no longer there (withdrawn, dropped or merged): the last one left wins by itself."""
        self._only(State.TIED)
        front = tuple(number for number in self.tied if number != gone)
        if len(front) == 1:
            return replace(self, state=State.DECIDED, tied=front, winner=front[0])
        return replace(self, tied=front)

    def stopped(self) -> "Call":
        self._only(State.OPEN)
        return replace(self, state=State.STOPPED)

    def moved(self, closes_at: datetime) -> "Call":
        """Another closing date."""
        self._only(State.OPEN)
        return replace(self, closes_at=closes_at)

    def _only(self, state: State) -> None:
        if self.state is not state:
            raise Refusal(f"call.is_{self.state}", call=self.id)
