"""Proposals and a call's life, tried with any moves by anybody in any order; votes counted against a plain model."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from knowledge.errors import Refusal
from knowledge.proposal import Proposal, Speaker, State
from knowledge.topic_call import Call
from knowledge.topic_call import State as CallState

PEOPLE = st.integers(1, 5)
NUMBERS = st.integers(1, 4)
START = datetime(2026, 3, 2, tzinfo=UTC)
NETWORK = 7


class Network(RuleBasedStateMachine):
    """Several people, four proposals and one call of a network. A refused move must leave all as it was."""

    @initialize()
    def begin(self) -> None:
        self.now = START
        self.proposals = {
            number: Proposal(number, number, str(number), "en", START, NETWORK) for number in range(1, 5)
        }  # fmt: skip
        self.behind: dict[int, set[int]] = {number: set() for number in self.proposals}
        self.call = Call(1, NETWORK, 5, START, START + timedelta(days=9))
        self.ever_open: set[int] = set()

    def move(self, number: int, name: str, *arguments: object) -> bool:
        self.now += timedelta(minutes=1)
        before = self.proposals[number]
        try:
            moved = getattr(before, name)(*arguments)
        except Refusal:
            assert self.proposals[number] is before
            return False
        self.proposals[number] = moved
        return True

    def counts(self) -> dict[int, int]:
        return {number: len(self.behind[number]) for number, one in self.proposals.items() if one.state is State.OPEN}

    def gone(self, number: int) -> None:
        if self.call.state is CallState.TIED and number in self.call.tied:
            self.call = self.call.left(number)
            self.crown()

    def crown(self) -> None:
        if self.call.state is CallState.DECIDED:
            winner = self.call.winner
            assert winner is not None
            assert self.move(winner, "chosen", self.call.id, len(self.behind[winner]), self.now)

    @rule(number=NUMBERS, person=PEOPLE)
    def word(self, number: int, person: int) -> None:
        if self.move(number, "worded", person, f"{number} anew"):
            assert person == number
            assert number not in self.ever_open

    @rule(number=NUMBERS, person=PEOPLE)
    def lodge(self, number: int, person: int) -> None:
        if self.move(number, "opened", person):
            assert person == number
            self.ever_open.add(number)

    @rule(number=NUMBERS, person=PEOPLE)
    def endorse(self, number: int, person: int) -> None:
        try:
            self.proposals[number].endorsable(person)
        except Refusal:
            return
        assert person != number
        self.behind[number].add(person)

    @rule(number=NUMBERS, person=PEOPLE)
    def think_better(self, number: int, person: int) -> None:
        if self.proposals[number].state is State.OPEN:
            self.behind[number].discard(person)

    @rule(number=NUMBERS, person=PEOPLE)
    def withdraw(self, number: int, person: int) -> None:
        if self.move(number, "withdrawn", person, self.now):
            assert person == number
            self.gone(number)

    @rule(number=NUMBERS, moderator=PEOPLE)
    def drop(self, number: int, moderator: int) -> None:
        if self.move(number, "dropped", moderator, "Not now.", self.now):
            assert moderator != number
            self.gone(number)

    @rule(number=NUMBERS)
    def restore(self, number: int) -> None:
        self.move(number, "restored")

    @rule(number=NUMBERS, into=NUMBERS)
    def combine(self, number: int, into: int) -> None:
        if self.move(number, "merged", self.proposals[into], self.now):
            assert number != into
            self.behind[into] |= self.behind[number] - {self.proposals[into].proposer}
            self.gone(number)

    @rule()
    def close(self) -> None:
        counts, before = self.counts(), self.call
        try:
            self.call = before.closed(counts)
        except Refusal:
            assert before.state is not CallState.OPEN
            return
        if self.call.state is CallState.EMPTY:
            assert not any(counts.values())
        else:
            front = {number for number, count in counts.items() if count == max(counts.values())}
            assert {self.call.winner} == front if self.call.winner else set(self.call.tied) == front
        self.crown()

    @rule(number=NUMBERS)
    def pick(self, number: int) -> None:
        before = self.call
        try:
            self.call = before.picked(number)
        except Refusal:
            return
        assert number in before.tied
        self.crown()

    @rule(number=NUMBERS, person=PEOPLE, yes=st.booleans())
    def speak(self, number: int, person: int, yes: bool) -> None:
        if self.move(number, "spoken", person, yes):
            assert person == number
            assert self.proposals[number].state is State.CHOSEN

    @invariant()
    def at_most_one_wins_and_it_is_the_calls(self) -> None:
        chosen = [number for number, one in self.proposals.items() if one.state is State.CHOSEN]
        assert chosen == ([self.call.winner] if self.call.winner is not None else [])

    @invariant()
    def what_is_tied_can_still_be_chosen(self) -> None:
        if self.call.state is CallState.TIED:
            assert len(self.call.tied) > 1
            assert all(self.proposals[number].state is State.OPEN for number in self.call.tied)

    @invariant()
    def nobody_is_asked_to_speak_before_it_won(self) -> None:
        for one in self.proposals.values():
            assert (one.speaker is Speaker.NOT_ASKED) == (one.state is not State.CHOSEN)

    @invariant()
    def nobody_stands_behind_their_own(self) -> None:
        assert all(self.proposals[number].proposer not in who for number, who in self.behind.items())


TestNetwork = Network.TestCase


@given(st.dictionaries(st.integers(1, 9), st.integers(0, 5)))
def test_whoever_has_most_wins_and_a_tie_is_a_tie(counts: dict[int, int]) -> None:
    call = Call(1, NETWORK, 5, START, START).closed(counts)
    most = max(counts.values(), default=0)
    front = [number for number, count in sorted(counts.items()) if most and count == most]
    assert call.state is {0: CallState.EMPTY, 1: CallState.DECIDED}.get(len(front), CallState.TIED)
    assert call.winner == (front[0] if len(front) == 1 else None)


@pytest.mark.parametrize("state", [one for one in CallState if one is not CallState.OPEN])
def test_votes_are_counted_once(state: CallState) -> None:
    with pytest.raises(Refusal):
        Call(1, NETWORK, 5, START, START, state).closed({1: 1})
