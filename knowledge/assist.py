"""A peer assist's life: three to five people, each of whom said yes, think about somebody's problem for a while.

It is never changed in place: each move returns the next one, or raises a Refusal that the person reads.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from knowledge.errors import Refusal
from knowledge.places import Audience

FEWEST, MOST = 3, 5
"""How many meet, the asker aside: "peer assists" of "small networks of people"."""


class State(StrEnum):
    """Where a peer assist stands.

    DRAFT      written down and previewed; nobody else has seen it
    GATHERING  people are invited; who said yes is known to nobody but themselves
    MEETING    enough said yes: they see each other, and talk
    CONCLUDED  the note-taker wrote down what came out of it
    FAILED     too few said yes in time
    LAPSED     its time was over, and nothing was written down
    CALLED_OFF taken back by the asker
    """

    DRAFT = "draft"
    GATHERING = "gathering"
    MEETING = "meeting"
    CONCLUDED = "concluded"
    FAILED = "failed"
    LAPSED = "lapsed"
    CALLED_OFF = "called_off"


OVER = frozenset({State.CONCLUDED, State.FAILED, State.LAPSED, State.CALLED_OFF})


class Place(StrEnum):
    """Where they meet. RELAYED: through the bot; OPENING: a group conversation is being made; GROUP: in it."""

    RELAYED = "relayed"
    OPENING = "opening"
    GROUP = "group"


class Reply(StrEnum):
    """What somebody said to the invitation. OUT: no, or left again. CLOSED: said nothing in time."""

    OPEN = "open"
    IN = "in"
    OUT = "out"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Times are UTC."""

    person: int
    invited_at: datetime
    reply: Reply = Reply.OPEN
    replied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assist:
    """All times are UTC. `question` is the number of the one it is about, None for none. `named` when the asker chose
    to be seen by those who take part. `due_at` is when the clock next has something to do with it."""

    id: int
    asker: int
    text: str
    language: str
    audience: Audience
    created_at: datetime
    question: int | None = None
    state: State = State.DRAFT
    version: int = 0
    named: bool = False
    invitations: tuple[Invitation, ...] = ()
    place: Place = Place.RELAYED
    note_taker: int | None = None
    reminded: bool = False
    result: str = ""
    shared: bool = False
    gather_until: datetime | None = None
    ends_at: datetime | None = None
    due_at: datetime | None = None

    # What can be asked of it

    def who(self, *replies: Reply) -> tuple[int, ...]:
        """Those whose invitation stands so; those who are in, in the order in which they said yes."""
        found = [one for one in self.invitations if one.reply in replies]
        return tuple(
            one.person for one in sorted(found, key=lambda one: (one.replied_at or one.invited_at, one.person))
        )

    @property
    def members(self) -> tuple[int, ...]:
        """Who is in."""
        return self.who(Reply.IN)

    def invitation_of(self, person: int) -> Invitation | None:
        return next((one for one in self.invitations if one.person == person), None)

    # The asker

    def worded(self, person: int, text: str) -> "Assist":
        self._asked_by(person)
        self._only(frozenset({State.DRAFT}))
        return replace(self, text=text)

    def signed(self, person: int, named: bool) -> "Assist":
        """Decided before anybody is invited: they say yes knowing whether they will know the asker."""
        self._asked_by(person)
        self._only(frozenset({State.DRAFT}))
        return replace(self, named=named)

    def gathering(self, person: int, until: datetime, due_at: datetime) -> "Assist":
        self._asked_by(person)
        self._only(frozenset({State.DRAFT}))
        return replace(self, state=State.GATHERING, gather_until=until, due_at=due_at)

    def called_off(self, person: int) -> "Assist":
        self._asked_by(person)
        self._only(frozenset(State) - OVER)
        return replace(self._closed(), state=State.CALLED_OFF, due_at=None)

    def sharing(self, person: int) -> "Assist":
        """The asker's yes: the result may become knowledge."""
        self._asked_by(person)
        self._only(frozenset({State.CONCLUDED}))
        return replace(self, shared=True)

    # Those invited

    def invited(self, person: int, now: datetime) -> "Assist":
        self._only(frozenset({State.GATHERING}))
        if person == self.asker or self.invitation_of(person) or len(self.who(Reply.OPEN, Reply.IN)) >= MOST:
            raise ValueError("an invitation goes to somebody else, once, and to no more than may come")
        return replace(self, invitations=(*self.invitations, Invitation(person, now)))

    def joined(self, person: int, now: datetime) -> "Assist":
        """Yes. Until enough have said so, nobody is told who did."""
        mine = self._invited(person)
        self._only(frozenset({State.GATHERING}))
        if mine.reply is Reply.IN:
            raise Refusal("assist.in_already", assist=self.id)
        if mine.reply is Reply.OUT and len(self.who(Reply.OPEN, Reply.IN)) >= MOST:
            raise Refusal("assist.full", assist=self.id)
        return self._replied(person, Reply.IN, now)

    def left(self, person: int, now: datetime) -> "Assist":
        """No, or no longer: nobody is told."""
        mine = self._invited(person)
        if mine.reply not in (Reply.OPEN, Reply.IN):
            raise Refusal("assist.out_already", assist=self.id)
        self._only(frozenset({State.GATHERING, State.MEETING}))
        after = self._replied(person, Reply.OUT, now)
        if self.note_taker == person:
            after = replace(after, note_taker=after.members[0] if after.members else None)
        return after

    # Together

    def meeting(self, place: Place, ends_at: datetime) -> "Assist":
        """Enough are in: they see each other from now on. The first to say yes takes the notes, until another does."""
        self._only(frozenset({State.GATHERING}))
        if len(self.members) < FEWEST:
            raise Refusal("assist.too_few", assist=self.id, fewest=FEWEST)
        closed = self._closed()
        return replace(
            closed, state=State.MEETING, place=place, note_taker=self.members[0], ends_at=ends_at, due_at=ends_at
        )

    def placed(self, place: Place) -> "Assist":
        """The group conversation was made, or could not be."""
        if self.state is not State.MEETING or self.place is not Place.OPENING:
            return self
        return replace(self, place=place)

    def speaking(self, person: int) -> None:
        """Raises Refusal for whoever may not speak in it now."""
        if person != self.asker:
            self._in(person)
        self._only(frozenset({State.MEETING}))

    def noting(self, person: int) -> "Assist":
        """Somebody who is in takes over the notes."""
        self._in(person)
        self._only(frozenset({State.MEETING}))
        return replace(self, note_taker=person)

    def concluded(self, person: int, result: str) -> "Assist":
        self._in(person)
        self._only(frozenset({State.MEETING, State.LAPSED}))
        if person != self.note_taker:
            raise Refusal("assist.not_your_notes", assist=self.id)
        return replace(self, state=State.CONCLUDED, result=result, due_at=None)

    # The clock

    def failed(self) -> "Assist":
        self._only(frozenset({State.GATHERING}))
        return replace(self._closed(), state=State.FAILED, due_at=None)

    def lapsed(self) -> "Assist":
        self._only(frozenset({State.MEETING}))
        return replace(self, state=State.LAPSED, due_at=None)

    # Who, and when: refusals read alike for a stranger and for a number that does not exist

    def _asked_by(self, person: int) -> None:
        if person != self.asker:
            raise Refusal("assist.unknown", assist=self.id)

    def _invited(self, person: int) -> Invitation:
        mine = self.invitation_of(person)
        if mine is None:
            raise Refusal("assist.unknown", assist=self.id)
        return mine

    def _in(self, person: int) -> None:
        if self._invited(person).reply is not Reply.IN:
            raise Refusal("assist.not_in", assist=self.id)

    def _only(self, states: frozenset[State]) -> None:
        if self.state not in states:
            raise Refusal(f"assist.is_{self.state}", assist=self.id)

    def _replied(self, person: int, reply: Reply, now: datetime) -> "Assist":
        invitations = tuple(
            replace(one, reply=reply, replied_at=now) if one.person == person else one for one in self.invitations
        )
        return replace(self, invitations=invitations)

    def _closed(self) -> "Assist":
        """Whoever said nothing can no longer say yes."""
        invitations = tuple(
            replace(one, reply=Reply.CLOSED) if one.reply is Reply.OPEN else one for one in self.invitations
        )
        return replace(self, invitations=invitations)
