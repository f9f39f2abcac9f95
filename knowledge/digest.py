"""The weekly top 5 of a network: what is picked for it, how it is approved, and how it reaches a reader.

A digest is never changed in place: each move returns the next one, or raises a Refusal that the facilitator reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from knowledge.errors import Refusal

MOST_SENT = 5
"""What one reader gets of a digest."""
MOST_PICKED = 12
"""What a digest may hold, so that readers of other circles and topics find five in it too."""
LONGEST_TITLE = 160
LONGEST_SUMMARY = 500


class Way(StrEnum):
    """How somebody gets the digest."""

    CHAT = "chat"
    EMAIL = "email"
    BOTH = "both"
    OFF = "off"

    @property
    def by_email(self) -> bool:
        return self in (Way.EMAIL, Way.BOTH)

    @property
    def in_chat(self) -> bool:
        return self in (Way.CHAT, Way.BOTH)


class State(StrEnum):
    """Where a digest stands.

    DRAFT     with whoever looks after its network; nobody else sees it
    SECOND    approved by one person, and waits for another
    APPROVED  goes out, to each reader at their own next morning
    SENT      went to everybody it was for
    """

    DRAFT = "draft"
    SECOND = "second"
    APPROVED = "approved"
    SENT = "sent"


OUT = frozenset({State.APPROVED, State.SENT})


@dataclass(frozen=True, slots=True)
class Pick:
    """Something in a digest, by its candidate's key; in other words than its own where `title` or `summary` say so.

    Its words are not kept otherwise: what is taken back, or empty by now, is in no digest any more.
    """

    key: str
    title: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """One network's digest of one week ("2026-W10", ISO 8601, by UTC). Picks stand in the facilitator's order.
    `approved_by` and `second_by` said yes, at `approved_at` (UTC) the last of them. `version` is raised by any move."""

    id: int
    network: int
    week: str
    created_at: datetime
    picks: tuple[Pick, ...] = ()
    state: State = State.DRAFT
    version: int = 0
    approved_by: int | None = None
    second_by: int | None = None
    approved_at: datetime | None = None

    def with_pick(self, key: str) -> "Digest":
        self._draft()
        if any(one.key == key for one in self.picks):
            raise Refusal("digest.picked", digest=self.id)
        if len(self.picks) >= MOST_PICKED:
            raise Refusal("digest.full", digest=self.id, most=MOST_PICKED)
        return replace(self, picks=(*self.picks, Pick(key)))

    def without(self, place: int) -> "Digest":
        self._draft()
        left = list(self.picks)
        left.remove(self.at(place))
        return replace(self, picks=tuple(left))

    def moved(self, place: int, to: int) -> "Digest":
        """The pick at one place (from 1) at another; the others move along."""
        self._draft()
        one = self.at(place)
        self.at(to)
        rest = [other for other in self.picks if other is not one]
        return replace(self, picks=(*rest[: to - 1], one, *rest[to - 1 :]))

    def worded(self, place: int, *, title: str | None = None, summary: str | None = None) -> "Digest":
        """Other words for one; "" for its own again."""
        self._draft()
        before = self.at(place)
        after = replace(
            before,
            title=before.title if title is None else title,
            summary=before.summary if summary is None else summary,
        )
        return replace(self, picks=tuple(after if one is before else one for one in self.picks))

    def at(self, place: int) -> Pick:
        if not 1 <= place <= len(self.picks):
            raise Refusal("digest.no_place", digest=self.id, place=place)
        return self.picks[place - 1]

    def approved(self, by: int, now: datetime, *, twice: bool) -> "Digest":
        """With `twice` the first yes waits for somebody else's."""
        if self.state in OUT:
            raise Refusal("digest.approved_already", digest=self.id)
        if self.state is State.SECOND:
            if by == self.approved_by:
                raise Refusal("digest.second_is_another", digest=self.id)
            return replace(self, state=State.APPROVED, second_by=by, approved_at=now)
        if not self.picks:
            raise Refusal("digest.empty", digest=self.id)
        return replace(self, state=State.SECOND if twice else State.APPROVED, approved_by=by, approved_at=now)

    def recalled(self) -> "Digest":
        """Back with the facilitator: nobody got it yet."""
        if self.state not in (State.SECOND, State.APPROVED):
            raise Refusal("digest.not_out", digest=self.id)
        return replace(self, state=State.DRAFT, approved_by=None, second_by=None, approved_at=None)

    def sent(self) -> "Digest":
        return replace(self, state=State.SENT)

    def _draft(self) -> None:
        if self.state is not State.DRAFT:
            raise Refusal("digest.not_draft", digest=self.id)


def week_of(at: datetime) -> str:
    year, week, _ = at.isocalendar()
    return f"{year}-W{week:02}"


@dataclass(frozen=True, slots=True)
class Sending:
    """A digest on its way to one reader by one channel ("chat" or "email"), due at their own morning (UTC)."""

    digest: int
    person: int
    channel: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the sending of a digest has come: readers by channel that wait, that were written to, and that were left
    out, since they turned it off, or nothing of it is for them."""

    waiting: int = 0
    sent: int = 0
    skipped: int = 0

    @property
    def begun(self) -> bool:
        return bool(self.sent or self.skipped)


def first_five(ranks: Sequence[tuple[bool, int]]) -> list[int]:
    """The places of what a reader gets, of picks given as (whether it is on a topic of theirs, its place): theirs
    first, then in the facilitator's order."""
    return [place for _, place in sorted(ranks, key=lambda one: (not one[0], one[1]))[:MOST_SENT]]
