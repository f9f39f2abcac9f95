"""Who comes: seats, and whoever waits for one."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.rsvp import EVERY, Answer, Rsvp, Tally, at_occurrence, next_in, seats_taken, tally
from tests.events.making import START

KEYS = (EVERY, "20260316T1500", "20260323T1500")


def said(person: int, answer: Answer, occurrence: str = EVERY, minute: int = 0) -> Rsvp:
    return Rsvp(person, answer, START + timedelta(minutes=minute), occurrence)


def test_what_was_said_of_one_occurrence_counts_there_instead() -> None:
    rsvps = [said(1, Answer.YES), said(1, Answer.NO, KEYS[1]), said(2, Answer.MAYBE, KEYS[1])]
    assert tally(rsvps, KEYS[1]) == Tally(maybe=1, no=1)
    assert tally(rsvps, KEYS[2]) == Tally(yes=1)
    assert {one.person: one.answer for one in at_occurrence(rsvps[::-1], KEYS[1]).values()} == {1: "no", 2: "maybe"}


@pytest.mark.parametrize(
    ("occurrence", "but", "taken"), [(KEYS[1], 0, 2), (KEYS[2], 0, 1), (EVERY, 0, 2), (EVERY, 2, 1), (EVERY, 3, 2)]
)
def test_a_seat_at_every_occurrence_is_one_where_most_are_gone(occurrence: str, but: int, taken: int) -> None:
    rsvps = [said(1, Answer.YES), said(2, Answer.YES, KEYS[1]), said(3, Answer.MAYBE), said(4, Answer.WAITING)]
    assert seats_taken(rsvps, occurrence, but) == taken


def test_whoever_waited_longest_is_next_where_there_is_a_seat_for_them() -> None:
    rsvps = [
        said(1, Answer.YES, KEYS[1]), said(2, Answer.WAITING, KEYS[1], 1), said(3, Answer.WAITING, KEYS[2], 2),
        said(4, Answer.WAITING, KEYS[2], 3),
    ]  # fmt: skip
    assert next_in(rsvps, 1) == rsvps[2]
    assert next_in(rsvps, None) == rsvps[1]
    assert next_in(rsvps[:2], 1) is None


ANSWERS = st.tuples(st.integers(1, 6), st.sampled_from(KEYS), st.sampled_from([Answer.YES, Answer.MAYBE, Answer.NO]))


@given(capacity=st.integers(1, 3), steps=st.lists(ANSWERS, max_size=40))
def test_no_occurrence_is_ever_fuller_than_it_may_be_and_no_free_seat_is_left_while_somebody_waits(
    capacity: int, steps: list[tuple[int, str, Answer]]
) -> None:
    kept: dict[tuple[int, str], Rsvp] = {}
    for minute, (person, key, answer) in enumerate(steps):
        if answer is Answer.YES and seats_taken(list(kept.values()), key, but=person) >= capacity:
            answer = Answer.WAITING
        kept[person, key] = said(person, answer, key, minute)
        while (one := next_in(list(kept.values()), capacity)) is not None:
            kept[one.person, one.occurrence] = said(one.person, Answer.YES, one.occurrence, minute)
        for each in KEYS[1:]:
            assert tally(kept.values(), each).yes <= capacity
        waiting = [one for one in kept.values() if one.answer is Answer.WAITING]
        assert all(seats_taken(list(kept.values()), one.occurrence, one.person) >= capacity for one in waiting)
