"""A question's life: its states, and the moves from one to the next.

A question is never changed in place: each move returns the next one, or raises a Refusal that the person reads.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from knowledge.errors import Refusal
from knowledge.matching.port import Reason
from knowledge.places import Audience
from knowledge.wishes import Identity, Wishes


class State(StrEnum):
    """Where a question stands.

    ASKED      written down and previewed; nobody else has seen it
    SUGGESTED  the same, with earlier answers shown beside the preview
    OFFERED    sent; at least one person may take it
    TAKEN      one person holds it and has not answered yet
    ANSWERED   at least one answer reached the asker; both may go on
    CLOSED     over, with an outcome
    ESCALATED  nobody fitted or nobody took it: with the facilitator
    MERGED     a facilitator found that another question asks the same: its asker gets the answers to that one
    WITHDRAWN  taken back by the asker
    EXPIRED    over by silence, which is never counted as solved
    ENDED      over by the facilitator's word; not an outcome either, and its asker can take it up again
    """

    ASKED = "asked"
    SUGGESTED = "suggested"
    OFFERED = "offered"
    TAKEN = "taken"
    ANSWERED = "answered"
    CLOSED = "closed"
    ESCALATED = "escalated"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    ENDED = "ended"


DRAFTS = frozenset({State.ASKED, State.SUGGESTED})
"""Nobody but the asker knows of it."""
WAITING = frozenset({State.OFFERED, State.ESCALATED})
"""Sent, and held by nobody."""
HELD = frozenset({State.TAKEN, State.ANSWERED})
"""An expert and the asker can write to each other."""
UNDER_WAY = WAITING | HELD
"""Somebody may yet answer."""
OVER = frozenset({State.CLOSED, State.WITHDRAWN, State.EXPIRED, State.ENDED})


class Outcome(StrEnum):
    SOLVED = "solved"
    PARTLY = "partly"
    NO = "no"


class OfferState(StrEnum):
    """OPEN can be taken; TAKEN holds the question; ANSWERED held it and answered, before the asker wanted one more
    answer; BESIDE may add an answer while somebody else holds it; the others are over, each for its own reason.
    WITHHELD was never brought: to whoever named the person it must look like an offer that nobody answers."""

    OPEN = "open"
    BESIDE = "beside"
    TAKEN = "taken"
    ANSWERED = "answered"
    DECLINED = "declined"
    PASSED = "passed"
    CLOSED = "closed"
    SNOOZED = "snoozed"
    UNREACHED = "unreached"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Offer:
    """One person asked to take the question. `reasons` are why them. Times are UTC."""

    person: int
    state: OfferState
    offered_at: datetime
    reasons: tuple[Reason, ...] = ()
    ended_at: datetime | None = None


LIVE = frozenset({OfferState.OPEN, OfferState.BESIDE})
"""Brought to somebody who has not said anything yet."""


class Side(StrEnum):
    ASKER = "asker"
    EXPERT = "expert"


@dataclass(frozen=True, slots=True)
class Relay:
    """One message that crossed from one side to the other. `number` counts from 1 within its question."""

    number: int
    side: Side
    author: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A private question. All times are UTC.

    `due_at` is when the clock next has something to do with it, None for never. `waiting_since` is when it was last
    sent on its way without anybody holding it. `asker_asks` and `expert_asks` once a side asked for the other's name.
    `helped` are those whose answers the asker says helped. `minutes_saved`, `used` and `changed` are what the asker
    says of it later, None as long as they say nothing; `followed_up` once they were asked. `network` is the place whose
    desk looks after it, from the sending on; None where it fits none. `merged_into` is the question whose answers its
    asker gets. `opening` are the words in which its asker lets others read it, and answer
    (`knowledge.opening`); None as long as they do not.
    """

    id: int
    asker: int
    text: str
    language: str
    audience: Audience
    asked_at: datetime
    state: State = State.ASKED
    version: int = 0
    offers: tuple[Offer, ...] = ()
    expert: int | None = None
    wishes: Wishes = field(default_factory=Wishes)
    asker_named: bool = False
    expert_named: bool = False
    asker_asks: bool = False
    expert_asks: bool = False
    outcome: Outcome | None = None
    item: int | None = None
    helped: tuple[int, ...] = ()
    network: int | None = None
    merged_into: int | None = None
    opening: int | None = None
    minutes_saved: int | None = None
    used: bool | None = None
    changed: bool | None = None
    followed_up: bool = False
    coached: bool = False
    relayed: int = 0
    reminded: bool = False
    sent_at: datetime | None = None
    waiting_since: datetime | None = None
    taken_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    due_at: datetime | None = None

    # What can be asked of it

    def offer_to(self, person: int) -> Offer | None:
        """The offer that was brought to them, None when none was."""
        return next((one for one in self.offers if one.person == person and one.state is not OfferState.WITHHELD), None)

    def answered_by(self, person: int) -> bool:
        """Whether they answered, and hold it no longer."""
        offer = self.offer_to(person)
        return offer is not None and offer.state is OfferState.ANSWERED

    @property
    def circle(self) -> tuple[Audience, int | None]:
        """Who may read what comes of it: its audience, or the network that its asker keeps it within."""
        within = self.wishes.network
        return (self.audience, None) if within is None else (Audience.SUB_NETWORK, within)

    @property
    def open_offers(self) -> tuple[Offer, ...]:
        return tuple(offer for offer in self.offers if offer.state is OfferState.OPEN)

    @property
    def approached(self) -> frozenset[int]:
        """Everybody it was ever offered to, or seemed to be."""
        return frozenset(offer.person for offer in self.offers)

    # While it is only the asker's

    def suggested(self) -> "Question":
        self._only(frozenset({State.ASKED}))
        return replace(self, state=State.SUGGESTED)

    def edited(self, text: str) -> "Question":
        """Another text; goes back to ASKED, since what fitted the old one may not fit this."""
        self._only(DRAFTS)
        return replace(self, text=text, state=State.ASKED)

    def wished(self, wishes: Wishes) -> "Question":
        """Other wishes for a question nobody has seen."""
        self._only(DRAFTS)
        return replace(self, wishes=wishes, asker_named=wishes.identity is Identity.NAMED)

    def settled(self, item: int, now: datetime) -> "Question":
        """An earlier answer is enough. Possible until somebody took it."""
        self._only(DRAFTS | WAITING)
        return replace(
            self._offers_closed(now),
            state=State.CLOSED,
            outcome=Outcome.SOLVED,
            item=item,
            closed_at=now,
            due_at=None,
            opening=None,
        )

    # On its way to somebody

    def offered(self, person: int, reasons: tuple[Reason, ...], now: datetime, due_at: datetime) -> "Question":
        """Offers it to one more person. The first offer is the sending."""
        self._only(DRAFTS | WAITING)
        if person == self.asker or person in self.approached:
            raise ValueError("an offer goes to somebody else, once")
        offer = Offer(person, OfferState.OPEN, now, reasons)
        return replace(
            self,
            state=State.OFFERED,
            offers=(*self.offers, offer),
            sent_at=self.sent_at or now,
            waiting_since=self.waiting_since or now,
            due_at=due_at,
        )

    def waits(self, now: datetime, due_at: datetime) -> "Question":
        """Sent, though nobody who fits can be disturbed yet."""
        self._only(DRAFTS | WAITING)
        return replace(
            self,
            state=State.OFFERED,
            sent_at=self.sent_at or now,
            waiting_since=self.waiting_since or now,
            due_at=due_at,
        )

    def lapsed(self, person: int, now: datetime) -> "Question":
        """An open offer is called off, since others are asked now."""
        self._only(WAITING)
        return self._offer_ended(person, OfferState.CLOSED, now)

    def withheld(self, person: int, now: datetime, due_at: datetime) -> "Question":
        """Looks as if it had been offered to somebody who must not hear of it, or who asked it."""
        self._only(WAITING)
        offer = Offer(person, OfferState.WITHHELD, now, ended_at=now)
        offers = self.offers if person in self.approached else (*self.offers, offer)
        return replace(self, state=State.OFFERED, offers=offers, waiting_since=self.waiting_since or now, due_at=due_at)

    def escalated(self, now: datetime) -> "Question":
        """To the facilitator. Open offers stay open: a late expert may still take it."""
        self._only(DRAFTS | WAITING | {State.TAKEN})
        freed = self._freed(OfferState.CLOSED, now) if self.state is State.TAKEN else self
        return replace(freed, state=State.ESCALATED, sent_at=self.sent_at or now, due_at=None)

    def taken(self, person: int, now: datetime, due_at: datetime) -> "Question":
        """The first to take it holds it; every other open offer is closed."""
        self._of(person)
        if self.expert == person and self.state in HELD:
            raise Refusal("question.already_yours", question=self.id)
        if self.state in HELD:
            raise Refusal("question.already_taken", question=self.id)
        self._only(WAITING)
        offer = self.offer_to(person)
        if offer is None or offer.state not in LIVE:
            raise Refusal("question.offer_over", question=self.id)
        held = self._offer_ended(person, OfferState.TAKEN, now)._offers_closed(now)
        return replace(
            held, state=State.TAKEN, expert=person, taken_at=now, waiting_since=None, due_at=due_at, reminded=False
        )

    def given_back(self, person: int, how: OfferState, now: datetime, due_at: datetime | None) -> "Question":
        """Declined, passed on, snoozed, or never reached. Whoever held it lets it go."""
        self._of(person)
        offer = self.offer_to(person)
        if self.state is State.ANSWERED and self.expert == person:
            raise Refusal("question.already_answered", question=self.id)
        if offer is not None and offer.state is OfferState.BESIDE and self.state in HELD:
            return self._offer_ended(person, how, now)
        self._only(WAITING | {State.TAKEN})
        if offer is None or offer.state not in LIVE | {OfferState.TAKEN}:
            raise Refusal("question.offer_over", question=self.id)
        if self.expert == person:
            return replace(self._freed(how, now), state=State.OFFERED, due_at=due_at)
        return replace(self._offer_ended(person, how, now), due_at=due_at)

    # By the facilitator's hand

    def invited(self, person: int, reasons: tuple[Reason, ...], now: datetime) -> "Question":
        """One more person may add an answer beside whoever holds it."""
        self._only(HELD)
        if person == self.asker or person in self.approached:
            raise ValueError("an offer goes to somebody else, once")
        return replace(self, offers=(*self.offers, Offer(person, OfferState.BESIDE, now, reasons)))

    def not_invited(self, person: int, now: datetime) -> "Question":
        """Looks as if it had been: for somebody who must not hear of it, or who asked it."""
        self._only(HELD)
        if person in self.approached:
            return self
        return replace(self, offers=(*self.offers, Offer(person, OfferState.WITHHELD, now, ended_at=now)))

    def placed(self, network: int | None) -> "Question":
        """Another desk looks after it."""
        self._only(DRAFTS | WAITING)
        return replace(self, network=network)

    def merged(self, into: int, now: datetime, due_at: datetime) -> "Question":
        """Its asker gets the answers to that question; whoever had this one is asked nothing more. Refused once there
        is an answer to it."""
        self._only(WAITING | {State.TAKEN})
        if self.answered_at is not None:
            raise Refusal("question.is_answered", question=self.id)
        freed = self._freed(OfferState.CLOSED, now) if self.state is State.TAKEN else self
        return replace(
            freed._offers_closed(now), state=State.MERGED, merged_into=into, due_at=due_at, waiting_since=None,
            reminded=False, opening=None,
        )  # fmt: skip

    def brought(self, now: datetime, due_at: datetime) -> "Question":
        """An answer to the question it was merged into has reached its asker."""
        self._only(frozenset({State.MERGED}))
        return replace(self, answered_at=self.answered_at or now, due_at=due_at, reminded=False)

    def parted(self) -> "Question":
        """On its own way again: the question it was merged into ended without an answer."""
        self._only(frozenset({State.MERGED}))
        return replace(self, state=State.OFFERED, merged_into=None, due_at=None)

    def ended(self, now: datetime) -> "Question":
        """The facilitator says that it is over."""
        self._only(frozenset(State) - OVER - DRAFTS)
        freed = self._freed(OfferState.CLOSED, now) if self.state is State.TAKEN else self
        if self.state is State.ANSWERED:
            freed = self._unheld()
        over = freed._offers_closed(now)
        return replace(over, state=State.ENDED, closed_at=now, waiting_since=None, due_at=None, opening=None)

    # Read by others than those it was brought to

    def opened(self, person: int, opening: int) -> "Question":
        """Its asker lets others read it, in those words; ends with the question."""
        self._asked_by(person)
        self._only(UNDER_WAY)
        return replace(self, opening=opening)

    def shut(self, person: int) -> "Question":
        """Taken back. Whoever has offered to answer meanwhile stays asked."""
        self._asked_by(person)
        return replace(self, opening=None)

    # Between the two

    def answered(self, person: int, now: datetime, due_at: datetime) -> "Question":
        """An answer from whoever holds it, or more from somebody who answered before, until it is over."""
        if self.answered_by(person) and self.state not in OVER:
            return replace(self, relayed=self.relayed + 1)
        offer = self.offer_to(person)
        if offer is not None and offer.state is OfferState.BESIDE and self.state in HELD:
            beside = self._offer_ended(person, OfferState.ANSWERED, now)
            return replace(beside, relayed=self.relayed + 1, answered_at=self.answered_at or now)
        if offer is not None and offer.state is OfferState.BESIDE and self.state in WAITING:
            # Whoever held it has given it back meanwhile: it is theirs now.
            return self.taken(person, now, due_at).answered(person, now, due_at)
        self._held_by(person)
        return replace(
            self,
            state=State.ANSWERED,
            relayed=self.relayed + 1,
            answered_at=self.answered_at or now,
            due_at=due_at,
            reminded=False,
        )

    def replied(self, person: int, now: datetime, due_at: datetime) -> "Question":
        """The asker adds something for the expert who holds it."""
        self._asked_by(person)
        if self.state in WAITING or self.state in DRAFTS:
            raise Refusal("question.nobody_yet", question=self.id)
        self._only(HELD)
        return replace(self, relayed=self.relayed + 1, due_at=due_at)

    def named(self, person: int) -> "Question":
        """Consents to being named to the other side; there is no way back from having been named."""
        if person == self.asker:
            self._only(HELD)
            return replace(self, asker_named=True)
        self._held_by(person)
        return replace(self, expert_named=True)

    def asked_for_name(self, person: int) -> "Question":
        """One side would like to know the other; asked once for each pair."""
        if person == self.asker:
            self._only(HELD)
            return replace(self, asker_asks=True)
        self._held_by(person)
        return replace(self, expert_asks=True)

    # The end

    def another(self, person: int) -> "Question":
        """The asker wants one more answer, from somebody new; who answered so far may still add to theirs."""
        self._asked_by(person)
        self._only(frozenset({State.ANSWERED}))
        return replace(self._unheld(), state=State.OFFERED, due_at=None, reminded=False)

    def closed(
        self,
        person: int,
        outcome: Outcome,
        now: datetime,
        *,
        helped: tuple[int, ...] = (),
        due_at: datetime | None = None,
    ) -> "Question":
        """The asker says whether it helped, and whose answers did; a second word on it replaces the first. `due_at` is
        when they are asked what became of it."""
        self._asked_by(person)
        said = self.state is State.CLOSED and self.item is None
        if said and (self.outcome is not outcome or self.helped != helped):
            return replace(self, outcome=outcome, helped=helped)
        if self.state is State.CLOSED:
            raise Refusal("question.outcome_known", question=self.id)
        # Once there is an answer, the asker need not wait for one more.
        ends = UNDER_WAY | {State.EXPIRED, State.MERGED, State.ENDED}
        self._only(ends if self.answered_at else frozenset({State.ANSWERED}))
        over = self._offers_closed(now)
        if self.state is State.TAKEN:
            over = over._freed(OfferState.CLOSED, now)
        return replace(
            over, state=State.CLOSED, outcome=outcome, helped=helped, closed_at=now, due_at=due_at, opening=None
        )

    def saved(self, person: int, minutes: int) -> "Question":
        """How much of the asker's time it saved, in minutes; a second word replaces the first."""
        self._over_well(person)
        return replace(self, minutes_saved=minutes)

    def asked_again(self) -> "Question":
        """The asker is asked what became of it: once."""
        self._only(frozenset({State.CLOSED}))
        return replace(self, followed_up=True, due_at=None)

    def was_used(self, person: int, used: bool) -> "Question":
        self._over_well(person)
        return replace(self, used=used)

    def has_changed(self, person: int, changed: bool) -> "Question":
        """Whether it changed what the asker does."""
        self._over_well(person)
        return replace(self, changed=changed)

    def reopened(self, person: int, now: datetime) -> "Question":
        """It did not help after all: ready to be offered to somebody new."""
        self._asked_by(person)
        if self.state is State.ENDED or (self.state is State.CLOSED and self.outcome is not Outcome.SOLVED):
            # To an answer that was no help there is nothing to add.
            freed = self._unheld()
            for offer in freed.offers if self.outcome is Outcome.NO else ():
                if offer.state is OfferState.ANSWERED:
                    freed = freed._offer_ended(offer.person, OfferState.CLOSED, now)
            return replace(
                freed, state=State.OFFERED, outcome=None, helped=(), minutes_saved=None, closed_at=None,
                merged_into=None, due_at=None, reminded=False,
            )  # fmt: skip
        self._only(frozenset({State.CLOSED}))
        raise Refusal("question.solved", question=self.id)

    def withdrawn(self, person: int, now: datetime) -> "Question":
        self._asked_by(person)
        self._only(frozenset(State) - OVER)
        over = self._offers_closed(now)
        return replace(over, state=State.WITHDRAWN, closed_at=now, due_at=None, opening=None)

    def expired(self, now: datetime) -> "Question":
        """Nobody said anything for too long. Not an outcome."""
        self._only(DRAFTS | {State.ANSWERED, State.MERGED})
        over = self._offers_closed(now)
        return replace(over, state=State.EXPIRED, closed_at=now, due_at=None, opening=None)

    # Who, and when: refusals read alike for a stranger and for a number that does not exist

    def _asked_by(self, person: int) -> None:
        if person != self.asker:
            raise Refusal("question.unknown", question=self.id)

    def _over_well(self, person: int) -> None:
        """Closed, and of some help to whoever asked it."""
        self._asked_by(person)
        self._only(frozenset({State.CLOSED}))
        if self.outcome is Outcome.NO:
            raise Refusal("question.did_not_help", question=self.id)

    def _of(self, person: int) -> None:
        if self.offer_to(person) is None:
            raise Refusal("question.unknown", question=self.id)

    def _held_by(self, person: int) -> None:
        self._of(person)
        if self.state in WAITING:
            raise Refusal("question.take_first", question=self.id)
        if self.state in HELD and self.expert != person:
            raise Refusal("question.already_taken", question=self.id)
        self._only(HELD)

    def _only(self, states: frozenset[State]) -> None:
        if self.state not in states:
            raise Refusal(f"question.is_{self.state}", question=self.id)

    def _freed(self, how: OfferState, now: datetime) -> "Question":
        """Whoever held it holds it no longer."""
        return self._offer_ended(self.expert, how, now)._unheld()

    def _unheld(self) -> "Question":
        # Who was named was named to one person; the next one starts without.
        named = self.wishes.identity is Identity.NAMED
        held = self.offer_to(self.expert) if self.expert is not None else None
        answered = held is not None and held.state is OfferState.TAKEN
        offers = tuple(
            replace(offer, state=OfferState.ANSWERED) if answered and offer.person == self.expert else offer
            for offer in self.offers
        )
        return replace(
            self,
            offers=offers,
            expert=None,
            taken_at=None,
            asker_named=named,
            expert_named=False,
            asker_asks=False,
            expert_asks=False,
        )

    def _offer_ended(self, person: int | None, how: OfferState, now: datetime) -> "Question":
        offers = tuple(
            replace(offer, state=how, ended_at=now) if offer.person == person else offer for offer in self.offers
        )
        return replace(self, offers=offers)

    def _offers_closed(self, now: datetime) -> "Question":
        offers = tuple(
            replace(offer, state=OfferState.CLOSED, ended_at=now) if offer.state in LIVE else offer
            for offer in self.offers
        )
        return replace(self, offers=offers)
