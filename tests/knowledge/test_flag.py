"""A flag's life, tried with any moves by anybody in any order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from knowledge.errors import Refusal
from knowledge.flag import MINE, Flag, State, Type

FLAGGER = 1
PEOPLE = st.integers(1, 4)
START = datetime(2026, 3, 2, tzinfo=UTC)
LATER = START + timedelta(hours=24)


class Life(RuleBasedStateMachine):
    """Every move is tried; a refused one must leave the flag as it was."""

    @initialize()
    def begin(self) -> None:
        self.flag = Flag(7, FLAGGER, "0", "en", START)
        self.now = START
        self.words = 0
        # What the flagger wrote or agreed to, and whom moderators approved: nothing else may be published.
        self.agreed = {"0"}
        self.approved = False
        self.read_with_name = False

    def move(self, name: str, *arguments: object) -> bool:
        self.now += timedelta(minutes=1)
        before = self.flag
        try:
            self.flag = getattr(before, name)(*arguments)
        except Refusal:
            assert self.flag is before
            return False
        if self.flag.named and self.flag.state not in MINE:
            self.read_with_name = True
        if self.flag.state in MINE:
            self.read_with_name = self.approved = False
        return True

    @rule(person=PEOPLE)
    def word(self, person: int) -> None:
        self.words += 1
        if self.move("worded", person, str(self.words)):
            assert person == FLAGGER
            self.agreed.add(str(self.words))
            self.approved = False

    @rule(person=PEOPLE, type=st.sampled_from(list(Type)))
    def choose(self, person: int, type: Type) -> None:
        self.move("typed", person, type)

    @rule(person=PEOPLE)
    def place(self, person: int) -> None:
        self.move("placed", person, 3)

    @rule(person=PEOPLE, named=st.booleans())
    def sign(self, person: int, named: bool) -> None:
        assert not self.move("signed", person, named) or person == FLAGGER

    @rule(person=PEOPLE)
    def submit(self, person: int) -> None:
        self.move("submitted", person, LATER)

    @rule()
    def wait(self) -> None:
        self.move("waited")

    @rule(moderator=PEOPLE)
    def propose(self, moderator: int) -> None:
        self.words += 1
        if self.move("proposed", moderator, str(self.words)):
            self.approved = True

    @rule(person=PEOPLE)
    def agree(self, person: int) -> None:
        proposal = self.flag.proposal
        if self.move("agreed", person, self.now):
            self.agreed.add(proposal)

    @rule(moderator=PEOPLE)
    def approve(self, moderator: int) -> None:
        if self.move("approved", moderator, self.now):
            assert moderator != FLAGGER
            self.approved = True

    @rule(moderator=PEOPLE)
    def reject(self, moderator: int) -> None:
        self.move("rejected", moderator, "Not here.")

    @rule(person=PEOPLE)
    def react(self, person: int) -> None:
        before = self.flag
        if self.move("reacted", person):
            assert before.state is State.PUBLISHED
            assert person != FLAGGER

    @rule(person=PEOPLE)
    def retract(self, person: int) -> None:
        assert not self.move("retracted", person, self.now) or person == FLAGGER

    @invariant()
    def nothing_is_published_without_two_yeses(self) -> None:
        if self.flag.state is State.PUBLISHED:
            assert self.flag.text in self.agreed
            assert self.approved
            assert self.flag.moderator not in (None, FLAGGER)
            assert self.flag.type is not None
            assert self.flag.network is not None

    @invariant()
    def a_name_that_was_read_is_not_hidden_again(self) -> None:
        if self.read_with_name and self.flag.state is not State.RETRACTED:
            assert self.flag.named

    @invariant()
    def the_clock_waits_for_moderators_alone(self) -> None:
        assert self.flag.due_at is None or self.flag.state is State.SUBMITTED

    @invariant()
    def only_what_is_proposed_has_a_proposal(self) -> None:
        assert bool(self.flag.proposal) == (self.flag.state is State.PROPOSED)


TestLife = Life.TestCase


@pytest.mark.parametrize("move", ["worded", "typed", "placed", "signed", "submitted", "agreed", "retracted"])
def test_a_flag_of_somebody_else_reads_like_one_that_does_not_exist(move: str) -> None:
    arguments = {"worded": ("x",), "typed": (Type.CHALLENGE,), "placed": (1,), "signed": (True,)}
    flag = Flag(7, FLAGGER, "Words", "en", START, Type.CHALLENGE, 3, State.PUBLISHED)
    with pytest.raises(Refusal) as refused:
        getattr(flag, move)(2, *arguments.get(move, (START,)))
    assert refused.value.key == "flag.unknown"
