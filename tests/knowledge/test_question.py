"""A question's life, tried with any moves by anybody in any order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from knowledge.errors import Refusal
from knowledge.places import Audience
from knowledge.question import DRAFTS, HELD, LIVE, OVER, UNDER_WAY, OfferState, Outcome, Question, State

ASKER = 1
PEOPLE = st.integers(1, 5)
START = datetime(2026, 3, 2, tzinfo=UTC)
LATER = START + timedelta(hours=1)


def asked() -> Question:
    return Question(7, ASKER, "Who?", "en", Audience.UNDP, START)


class Life(RuleBasedStateMachine):
    """Every move is tried; a refused one must leave the question as it was."""

    @initialize()
    def begin(self) -> None:
        self.question = asked()
        self.now = START

    def move(self, name: str, *arguments: object) -> None:
        self.now += timedelta(minutes=1)
        before = self.question
        try:
            self.question = getattr(before, name)(*arguments)
        except Refusal:
            assert self.question is before
        except ValueError:
            # Only an offer to the asker or to somebody approached before is a bug of the caller.
            assert name in ("offered", "invited")
            assert arguments[0] == ASKER or arguments[0] in before.approached

    @rule()
    def suggest(self) -> None:
        self.move("suggested")

    @rule()
    def edit(self) -> None:
        self.move("edited", "Who else?")

    @rule(item=st.integers(1, 3))
    def settle(self, item: int) -> None:
        self.move("settled", item, self.now)

    @rule(person=PEOPLE)
    def offer(self, person: int) -> None:
        self.move("offered", person, (), self.now, LATER)

    @rule()
    def escalate(self) -> None:
        self.move("escalated", self.now)

    @rule(person=PEOPLE)
    def take(self, person: int) -> None:
        self.move("taken", person, self.now, LATER)

    @rule(person=PEOPLE, how=st.sampled_from([OfferState.DECLINED, OfferState.PASSED, OfferState.UNREACHED]))
    def give_back(self, person: int, how: OfferState) -> None:
        self.move("given_back", person, how, self.now, LATER)

    @rule(person=PEOPLE)
    def answer(self, person: int) -> None:
        self.move("answered", person, self.now, LATER)

    @rule(person=PEOPLE)
    def reply(self, person: int) -> None:
        self.move("replied", person, self.now, LATER)

    @rule(person=PEOPLE)
    def reveal(self, person: int) -> None:
        self.move("named", person)

    @rule(person=PEOPLE, how=st.sampled_from(list(Outcome)))
    def close(self, person: int, how: Outcome) -> None:
        self.move("closed", person, how, self.now)

    @rule(person=PEOPLE)
    def want_another(self, person: int) -> None:
        self.move("another", person)

    @rule(person=PEOPLE)
    def reopen(self, person: int) -> None:
        self.move("reopened", person, self.now)

    @rule()
    def wait(self) -> None:
        self.move("waits", self.now, LATER)

    @rule(person=PEOPLE)
    def lapse(self, person: int) -> None:
        self.move("lapsed", person, self.now)

    @rule(person=PEOPLE)
    def withhold(self, person: int) -> None:
        self.move("withheld", person, self.now, LATER)

    @rule(person=PEOPLE)
    def invite_beside(self, person: int) -> None:
        self.move("invited", person, (), self.now)

    @rule(person=PEOPLE)
    def seem_to_invite(self, person: int) -> None:
        self.move("not_invited", person, self.now)

    @rule(person=PEOPLE, opening=st.integers(1, 3))
    def open_to_more_voices(self, person: int, opening: int) -> None:
        self.move("opened", person, opening)

    @rule(person=PEOPLE)
    def shut(self, person: int) -> None:
        self.move("shut", person)

    @rule(network=st.integers(1, 3))
    def place(self, network: int) -> None:
        self.move("placed", network)

    @rule()
    def merge(self) -> None:
        self.move("merged", 8, self.now, LATER)

    @rule()
    def bring(self) -> None:
        self.move("brought", self.now, LATER)

    @rule()
    def part(self) -> None:
        self.move("parted")

    @rule()
    def end(self) -> None:
        self.move("ended", self.now)

    @rule(person=PEOPLE, minutes=st.integers(1, 600))
    def save_time(self, person: int, minutes: int) -> None:
        self.move("saved", person, minutes)

    @rule(person=PEOPLE, yes=st.booleans())
    def use(self, person: int, yes: bool) -> None:
        self.move("was_used", person, yes)

    @rule(person=PEOPLE)
    def withdraw(self, person: int) -> None:
        self.move("withdrawn", person, self.now)

    @rule()
    def expire(self) -> None:
        self.move("expired", self.now)

    @invariant()
    def nobody_is_offered_their_own_question_or_the_same_twice(self) -> None:
        people = [offer.person for offer in self.question.offers]
        # One that was withheld was never brought to anybody.
        assert self.question.offer_to(ASKER) is None
        assert len(people) == len(set(people))

    @invariant()
    def it_is_held_by_exactly_whoever_took_it(self) -> None:
        question = self.question
        if question.state in HELD:
            assert question.expert is not None
            offer = question.offer_to(question.expert)
            assert offer is not None
            assert offer.state is OfferState.TAKEN
            assert not question.open_offers
        else:
            assert question.state in OVER or question.expert is None

    @invariant()
    def only_who_answered_may_add_and_only_while_it_lasts(self) -> None:
        question = self.question
        for offer in question.offers:
            if offer.state is OfferState.ANSWERED:
                assert question.answered_at is not None
                assert offer.person != question.expert

    @invariant()
    def it_follows_another_only_while_merged_or_once_that_brought_its_answer(self) -> None:
        question = self.question
        assert question.state is not State.MERGED or question.merged_into is not None
        assert question.merged_into is None or question.state in OVER | {State.MERGED}

    @invariant()
    def a_draft_is_known_to_nobody_and_what_is_over_is_offered_to_nobody(self) -> None:
        question = self.question
        assert question.state not in DRAFTS or not question.offers
        assert question.state not in OVER or not any(offer.state in LIVE for offer in question.offers)
        # Of what was closed the asker is asked once more; of the rest never.
        assert question.state not in OVER - {State.CLOSED} or question.due_at is None

    @invariant()
    def others_read_it_only_while_somebody_may_answer(self) -> None:
        assert self.question.opening is None or self.question.state in UNDER_WAY

    @invariant()
    def an_outcome_is_said_by_the_asker_and_never_by_silence(self) -> None:
        question = self.question
        assert (question.outcome is not None) == (question.state is State.CLOSED)
        assert (question.closed_at is not None) == (question.state in OVER)


TestLife = Life.TestCase


STRANGER = 9
MOVES = {
    "taken": (START, LATER),
    "given_back": (OfferState.DECLINED, START, LATER),
    "answered": (START, LATER),
    "replied": (START, LATER),
    "named": (),
    "closed": (Outcome.SOLVED, START),
    "reopened": (START,),
    "another": (),
    "saved": (15,),
    "was_used": (True,),
    "has_changed": (True,),
    "withdrawn": (START,),
    "opened": (1,),
    "shut": (),
}


@pytest.mark.parametrize("move", MOVES)
def test_a_stranger_reads_the_same_as_for_a_number_that_does_not_exist(move: str) -> None:
    offered = asked().offered(2, (), START, LATER)
    with pytest.raises(Refusal) as refused:
        getattr(offered, move)(STRANGER, *MOVES[move])
    assert refused.value.key == "question.unknown"
