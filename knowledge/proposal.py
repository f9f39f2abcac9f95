"""A proposal's life: a topic that a member would like the network to discuss, and others endorse.

A proposal is never changed in place: each move returns the next one, or raises a Refusal that the person reads.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from knowledge.errors import Refusal


class State(StrEnum):
    """Where a proposal stands.

    DRAFT      written down; nobody else has seen it
    OPEN       its network reads it and may endorse it
    MERGED     it asked for the same as another, which has its endorsements now
    CHOSEN     it won a call; an event is made of it
    DROPPED    taken out by whoever looks after the network, for a reason its proposer was told
    WITHDRAWN  taken back by its proposer
    """

    DRAFT = "draft"
    OPEN = "open"
    MERGED = "merged"
    CHOSEN = "chosen"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"


class Speaker(StrEnum):
    """Whether its proposer speaks at the event that is made of it."""

    NOT_ASKED = ""
    ASKED = "asked"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Proposal:
    """All times are UTC. `endorsed` is how many stood behind it when it was chosen; before, they are counted where they
    are kept. `priority` is the corporate priority it serves, in the desk's words, "" for none. `moderator` dropped it,
    for a `reason`; `call` chose it."""

    id: int
    proposer: int
    text: str
    language: str
    created_at: datetime
    network: int | None = None
    state: State = State.DRAFT
    version: int = 0
    priority: str = ""
    reason: str = ""
    moderator: int | None = None
    merged_into: int | None = None
    call: int | None = None
    endorsed: int = 0
    speaker: Speaker = Speaker.NOT_ASKED
    ended_at: datetime | None = None

    # Its proposer

    def worded(self, person: int, text: str) -> "Proposal":
        """Other words, before anybody has read it: what others endorse stays as they read it."""
        return replace(self._draft(person), text=text)

    def placed(self, person: int, network: int) -> "Proposal":
        return replace(self._draft(person), network=network)

    def opened(self, person: int) -> "Proposal":
        draft = self._draft(person)
        if draft.network is None:
            raise Refusal("proposal.no_network", proposal=self.id)
        return replace(draft, state=State.OPEN)

    def withdrawn(self, person: int, now: datetime) -> "Proposal":
        self._proposed_by(person)
        self._only(State.DRAFT, State.OPEN)
        return replace(self, state=State.WITHDRAWN, ended_at=now)

    def spoken(self, person: int, yes: bool) -> "Proposal":
        """Whether they speak at the event; they may think better of it."""
        self._proposed_by(person)
        self._only(State.CHOSEN)
        return replace(self, speaker=Speaker.YES if yes else Speaker.NO)

    # Its network

    def endorsable(self, person: int) -> None:
        """Raises Refusal where this person's endorsement does not count: their own, or one that is not open."""
        if person == self.proposer:
            raise Refusal("proposal.your_own", proposal=self.id)
        self._only(State.OPEN)

    # Whoever looks after the network, who is told apart by whoever calls

    def tagged(self, priority: str) -> "Proposal":
        self._only(State.OPEN, State.CHOSEN)
        return replace(self, priority=priority)

    def dropped(self, moderator: int, reason: str, now: datetime) -> "Proposal":
        """Nobody drops their own: they withdraw it."""
        if moderator == self.proposer:
            raise Refusal("proposal.withdraw_yours", proposal=self.id)
        self._only(State.OPEN)
        return replace(self, state=State.DROPPED, reason=reason, moderator=moderator, ended_at=now)

    def restored(self) -> "Proposal":
        self._only(State.DROPPED)
        return replace(self, state=State.OPEN, reason="", moderator=None, ended_at=None)

    def merged(self, into: "Proposal", now: datetime) -> "Proposal":
        """Its endorsements go to the other one, of the same network."""
        self._only(State.OPEN)
        into._only(State.OPEN)
        if into.id == self.id:
            raise Refusal("proposal.itself", proposal=self.id)
        if into.network != self.network:
            raise Refusal("proposal.apart", proposal=self.id, into=into.id)
        return replace(self, state=State.MERGED, merged_into=into.id, ended_at=now)

    def chosen(self, call: int, endorsed: int, now: datetime) -> "Proposal":
        """It won; its proposer is asked to speak."""
        self._only(State.OPEN)
        return replace(
            self, state=State.CHOSEN, call=call, endorsed=endorsed, speaker=Speaker.ASKED, ended_at=now
        )  # fmt: skip

    # Who, and when

    def _proposed_by(self, person: int) -> None:
        if person != self.proposer:
            raise Refusal("proposal.unknown", proposal=self.id)

    def _draft(self, person: int) -> "Proposal":
        self._proposed_by(person)
        self._only(State.DRAFT)
        return self

    def _only(self, *states: State) -> None:
        if self.state not in states:
            raise Refusal(f"proposal.is_{self.state}", proposal=self.id)
