"""A work item's life: whatever its cause and its desk do, in any order."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from knowledge.errors import Refusal
from knowledge.work_item import LASTING, STANDING, Cause, State, WorkItem

START = datetime(2026, 3, 2, tzinfo=UTC)


class Life(RuleBasedStateMachine):
    """`there` is whether its cause is, `said_done` whether the desk said done since it was last raised anew."""

    @initialize(cause=st.sampled_from(Cause))
    def begin(self, cause: Cause) -> None:
        self.now = START
        self.item = WorkItem(7, cause, "12", START)
        self.there, self.said_done = True, False

    @rule(count=st.integers(0, 9))
    def found_again(self, count: int) -> None:
        before, was_there = self.item, self.there
        self.item = before.raised({"count": count}, self.now)
        self.there = True
        anew = before.state not in STANDING and (before.cause not in LASTING or not was_there)
        assert (
            (self.item.raised_at == self.now and self.item.state is State.OPEN)
            if anew
            else (self.item.raised_at == before.raised_at and self.item.state is before.state)
        )
        if anew:
            assert self.item.assigned is None, "who had it last time need not have it now"
            self.said_done = False
        if self.item.state in STANDING:
            assert self.item.told == {"count": count}

    @rule()
    def no_more(self) -> None:
        self.item = self.item.gone(self.now)
        self.there = False
        assert self.item == self.item.gone(self.now + timedelta(days=1))

    def tried(self, moved: str, *arguments: object) -> bool:
        before = self.item
        try:
            self.item = getattr(before, moved)(*arguments)
        except Refusal:
            assert before.state not in STANDING
            return False
        assert before.state in STANDING
        return True

    @rule()
    def finish(self) -> None:
        self.said_done = self.tried("done", self.now) or self.said_done

    @rule(days=st.integers(1, 5))
    def put_off(self, days: int) -> None:
        if self.tried("later", self.now + timedelta(days=days)):
            assert self.item.back(self.now) is self.item

    @rule(to=st.integers(1, 3))
    def hand(self, to: int) -> None:
        state = self.item.state
        if self.tried("handed", to):
            assert (self.item.assigned, self.item.state) == (to, state)

    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        before = self.item
        self.item = before.back(self.now)
        came_back = before.due_at is not None and before.due_at <= self.now
        assert (self.item is not before) == came_back
        assert not came_back or self.item.state is State.OPEN

    @invariant()
    def it_is_where_it_was_brought(self) -> None:
        item = self.item
        assert (item.due_at is not None) == (item.state is State.LATER)
        assert (item.closed_at is not None) == (item.state not in STANDING)
        assert (item.cause, item.key, item.id) == (item.cause, "12", 7)
        if not self.there:
            assert item.state is State.GONE
        elif item.cause in LASTING:
            assert (item.state is State.DONE) == self.said_done, "done stays done as long as its cause does"


TestLife = Life.TestCase
