"""A peer assist's life, tried with any moves by anybody in any order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from knowledge.assist import FEWEST, MOST, OVER, Assist, Place, Reply, State
from knowledge.errors import Refusal
from knowledge.places import Audience

ASKER = 1
PEOPLE = st.integers(1, 9)
START = datetime(2026, 3, 2, tzinfo=UTC)
LATER = START + timedelta(days=2)


class Life(RuleBasedStateMachine):
    """Every move is tried; a refused one must leave it as it was."""

    @initialize()
    def begin(self) -> None:
        self.assist = Assist(7, ASKER, "How?", "en", Audience.UNDP, START)
        self.now = START
        self.named_when_invited: bool | None = None

    def move(self, name: str, *arguments: object) -> bool:
        self.now += timedelta(minutes=1)
        before = self.assist
        try:
            self.assist = getattr(before, name)(*arguments)
        except Refusal:
            assert self.assist is before
            return False
        except ValueError:
            # Only an invitation to the asker, a second one, or one too many is a bug of the caller.
            assert name == "invited"
            full = len(before.who(Reply.OPEN, Reply.IN)) >= MOST
            assert arguments[0] == ASKER or before.invitation_of(arguments[0]) or full  # type: ignore[arg-type]
            return False
        return True

    @rule(person=PEOPLE, named=st.booleans())
    def sign(self, person: int, named: bool) -> None:
        assert not self.move("signed", person, named) or person == ASKER

    @rule(person=PEOPLE)
    def gather(self, person: int) -> None:
        if self.move("gathering", person, LATER, LATER):
            self.named_when_invited = self.assist.named

    @rule(person=PEOPLE)
    def invite(self, person: int) -> None:
        self.move("invited", person, self.now)

    @rule(person=PEOPLE)
    def join(self, person: int) -> None:
        before = self.assist
        if self.move("joined", person, self.now):
            assert before.invitation_of(person) is not None

    @rule(person=PEOPLE)
    def leave(self, person: int) -> None:
        self.move("left", person, self.now)

    @rule(place=st.sampled_from(list(Place)))
    def meet(self, place: Place) -> None:
        if self.move("meeting", place, LATER):
            assert len(self.assist.members) >= FEWEST
            assert not self.assist.who(Reply.OPEN)

    @rule(person=PEOPLE)
    def take_notes(self, person: int) -> None:
        self.move("noting", person)

    @rule(person=PEOPLE)
    def conclude(self, person: int) -> None:
        before = self.assist
        if self.move("concluded", person, "So."):
            assert person == before.note_taker

    @rule(person=PEOPLE)
    def share(self, person: int) -> None:
        assert not self.move("sharing", person) or person == ASKER

    @rule(person=PEOPLE)
    def call_off(self, person: int) -> None:
        assert not self.move("called_off", person) or person == ASKER

    @rule()
    def fail(self) -> None:
        self.move("failed")

    @rule()
    def lapse(self) -> None:
        self.move("lapsed")

    @invariant()
    def no_more_are_invited_than_may_come_and_never_the_asker(self) -> None:
        people = [one.person for one in self.assist.invitations]
        assert ASKER not in people
        assert len(people) == len(set(people))
        assert len(self.assist.who(Reply.OPEN, Reply.IN)) <= MOST

    @invariant()
    def whoever_came_knew_whether_they_would_see_the_asker(self) -> None:
        assert self.named_when_invited in (None, self.assist.named)

    @invariant()
    def the_notes_are_with_somebody_who_is_in(self) -> None:
        assert self.assist.note_taker is None or self.assist.note_taker in self.assist.members
        if self.assist.state is State.MEETING and self.assist.members:
            assert self.assist.note_taker is not None

    @invariant()
    def only_what_is_concluded_has_a_result_and_may_be_shared(self) -> None:
        assert bool(self.assist.result) == (self.assist.state is State.CONCLUDED)
        assert not self.assist.shared or self.assist.state is State.CONCLUDED

    @invariant()
    def what_is_over_waits_for_nobody(self) -> None:
        if self.assist.state in OVER:
            assert self.assist.due_at is None
            assert not self.assist.who(Reply.OPEN)


TestLife = Life.TestCase


def gathered(*people: int) -> Assist:
    assist = Assist(7, ASKER, "How?", "en", Audience.UNDP, START).gathering(ASKER, LATER, LATER)
    for person in people:
        assist = assist.invited(person, START).joined(person, START + timedelta(minutes=person))
    return assist


@pytest.mark.parametrize("move", ["joined", "left", "concluded", "noting", "called_off", "sharing"])
def test_a_stranger_reads_the_same_as_for_a_number_that_does_not_exist(move: str) -> None:
    arguments: dict[str, tuple[object, ...]] = {"joined": (START,), "left": (START,), "concluded": ("So.",)}
    with pytest.raises(Refusal) as refused:
        getattr(gathered(2, 3, 4), move)(99, *arguments.get(move, ()))
    assert refused.value.key == "assist.unknown"


def test_whoever_leaves_hands_the_notes_on() -> None:
    meeting = gathered(4, 2, 3).meeting(Place.RELAYED, LATER)
    assert meeting.note_taker == 2
    assert meeting.left(2, LATER).note_taker == 3
    assert meeting.left(4, LATER).note_taker == 2
