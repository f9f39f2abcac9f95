"""A flag's life: an opportunity, a challenge or a partnership that a member would like others to explore.

A flag is never changed in place: each move returns the next one, or raises a Refusal that the person reads.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from knowledge.errors import Refusal


class Type(StrEnum):
    """The three the proposal names."""

    OPPORTUNITY = "opportunity"
    CHALLENGE = "challenge"
    PARTNERSHIP = "partnership"


class State(StrEnum):
    """Where a flag stands.

    DRAFT      written down; nobody else has seen it
    SUBMITTED  with the moderators of its network
    PROPOSED   a moderator put it in other words, and its flagger has not agreed yet
    PUBLISHED  the network reads it and may react
    REJECTED   not published, for a reason its flagger was told; may be reworded and submitted again
    RETRACTED  taken back by its flagger
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    REJECTED = "rejected"
    RETRACTED = "retracted"


MINE = frozenset({State.DRAFT, State.REJECTED})
"""Its flagger may change everything about it."""
MODERATED = frozenset({State.SUBMITTED, State.PROPOSED})
"""Moderators have it, the network does not."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What somebody of the network says to a flag, for its flagger alone. `number` counts from 1 within its flag;
    `named` when they chose to show their name."""

    number: int
    author: int
    text: str
    named: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Flag:
    """All times are UTC. `named` when its flagger chose to be shown; `proposal` are a moderator's words for it, ""
    for none; `reason` why it was not published; `moderator` who decided last; `reactions` how many came. `raised` once
    it waited so long that more people were asked to decide; `due_at` when the clock next has something to do with it.
    """

    id: int
    flagger: int
    text: str
    language: str
    created_at: datetime
    type: Type | None = None
    network: int | None = None
    state: State = State.DRAFT
    version: int = 0
    named: bool = False
    proposal: str = ""
    reason: str = ""
    moderator: int | None = None
    reactions: int = 0
    raised: bool = False
    due_at: datetime | None = None
    published_at: datetime | None = None
    ended_at: datetime | None = None

    # The flagger

    def worded(self, person: int, text: str) -> "Flag":
        """Other words. Once a moderator has it, they must look at these again."""
        self._flagged_by(person)
        if self.state in MODERATED:
            return replace(self, text=text, state=State.SUBMITTED, proposal="")
        return replace(self._mine(person), text=text)

    def typed(self, person: int, type: Type) -> "Flag":
        return replace(self._mine(person), type=type)

    def placed(self, person: int, network: int) -> "Flag":
        return replace(self._mine(person), network=network)

    def signed(self, person: int, named: bool) -> "Flag":
        """Whether its flagger is shown. A name that moderators or the network have read cannot be hidden again."""
        self._flagged_by(person)
        self._only(frozenset(State) - {State.RETRACTED})
        if self.named and not named and self.state not in MINE:
            raise Refusal("flag.named_already", flag=self.id)
        return replace(self, named=named)

    def submitted(self, person: int, due_at: datetime) -> "Flag":
        """To the moderators. It needs a type and a network by then."""
        flag = self._mine(person)
        if flag.type is None:
            raise Refusal("flag.no_type", flag=self.id)
        if flag.network is None:
            raise Refusal("flag.no_network", flag=self.id)
        return replace(flag, state=State.SUBMITTED, raised=False, due_at=due_at)

    def agreed(self, person: int, now: datetime) -> "Flag":
        """The moderator's words are fine: published with them."""
        self._flagged_by(person)
        self._only(frozenset({State.PROPOSED}))
        return replace(self, state=State.PUBLISHED, text=self.proposal, proposal="", published_at=now, due_at=None)

    def retracted(self, person: int, now: datetime) -> "Flag":
        self._flagged_by(person)
        self._only(frozenset(State) - {State.RETRACTED})
        return replace(self, state=State.RETRACTED, proposal="", ended_at=now, due_at=None)

    # The moderators, who are told apart by whoever calls; nobody moderates what they flagged

    def proposed(self, moderator: int, text: str) -> "Flag":
        """The moderator's words for it. Nothing is published in words that its flagger has not seen."""
        self._moderated_by(moderator)
        return replace(self, state=State.PROPOSED, proposal=text, moderator=moderator, due_at=None)

    def approved(self, moderator: int, now: datetime) -> "Flag":
        self._moderated_by(moderator)
        self._only(frozenset({State.SUBMITTED}))
        return replace(self, state=State.PUBLISHED, moderator=moderator, published_at=now, due_at=None)

    def rejected(self, moderator: int, reason: str) -> "Flag":
        self._moderated_by(moderator)
        return replace(self, state=State.REJECTED, proposal="", reason=reason, moderator=moderator, due_at=None)

    def waited(self) -> "Flag":
        """Nobody decided in time: more people may."""
        self._only(frozenset({State.SUBMITTED}))
        return replace(self, raised=True, due_at=None)

    # The network

    def reacted(self, person: int) -> "Flag":
        if person == self.flagger:
            raise Refusal("flag.your_own", flag=self.id)
        self._only(frozenset({State.PUBLISHED}))
        return replace(self, reactions=self.reactions + 1)

    # Who, and when

    def _flagged_by(self, person: int) -> None:
        if person != self.flagger:
            raise Refusal("flag.unknown", flag=self.id)

    def _moderated_by(self, moderator: int) -> None:
        if moderator == self.flagger:
            raise Refusal("flag.unknown", flag=self.id)
        self._only(MODERATED)

    def _mine(self, person: int) -> "Flag":
        """As a draft: what was rejected begins anew, without the reason."""
        self._flagged_by(person)
        self._only(MINE)
        return replace(self, state=State.DRAFT, reason="")

    def _only(self, states: frozenset[State]) -> None:
        if self.state not in states:
            raise Refusal(f"flag.is_{self.state}", flag=self.id)
