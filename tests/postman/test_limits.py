"""How many messages one conversation bears, and one channel: pure arithmetic on moments."""

import asyncio
from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import accumulate, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.postman import TEAMS_LIMITS, Limits, Turnstile
from tests.postman import virtual
from tests.postman.stage import START, later

Windows = tuple[tuple[int, float], ...]


def when_gone(limits: Limits, moments: Iterable[datetime], *, forgetful: bool = False) -> list[datetime]:
    """When messages go that would like to go at these moments: each at once, or as soon as it may."""
    gone: list[datetime] = []
    for moment in moments:
        now = limits.free_at(1, max([moment, *gone[-1:]]))
        assert limits.free_at(1, now) == now, "the promised moment is not free"
        limits.note(1, now)
        gone.append(now)
        if forgetful:
            limits.forget(now)
    return gone


def moments_of(pauses: Iterable[float]) -> Iterable[datetime]:
    return (START + timedelta(seconds=seconds) for seconds in accumulate(pauses))


def fullest(gone: list[datetime], seconds: float) -> int:
    """The most messages in any half-open window of this length."""
    return max((bisect_left(gone, one + timedelta(seconds=seconds)) - n for n, one in enumerate(gone)), default=0)


@pytest.mark.parametrize(
    ("windows", "sent", "asked", "free"),
    [
        ((), [0, 0, 0], 0, 0),
        (((1, 1),), [], 5, 5),
        (((1, 1),), [0], 0, 1),
        (((1, 1),), [0], 0.999, 1),
        (((1, 1),), [0], 1, 1),
        (((1, 1),), [0], 7, 7),
        (((2, 10),), [0, 3], 4, 10),
        (((2, 10),), [0, 3, 10], 11, 13),
        (((1, 1), (2, 10)), [0], 0.5, 1),
        (((1, 1), (2, 10)), [0, 1], 1.5, 10),
        (TEAMS_LIMITS, [0] * 7, 0, 1),
        (TEAMS_LIMITS, [0] * 7 + [1], 1, 2),
        (TEAMS_LIMITS, [second / 4 for second in range(60)], 15, 30),
    ],
)
def test_the_fullest_window_says_when_the_next_may_go(
    windows: Windows, sent: list[float], asked: float, free: float
) -> None:
    limits = Limits(*windows)
    for second in sent:
        limits.note(1, later(second))
    assert limits.free_at(1, later(asked)) == later(free)


def test_conversations_are_counted_apart() -> None:
    limits = Limits((1, 60))
    limits.note(1, START)
    assert limits.free_at(2, START) == START


def test_a_conversation_is_forgotten_only_when_it_may_speak_freely_again() -> None:
    limits = Limits((1, 1), (2, 60))
    limits.note(1, START)
    limits.note(1, later(1))
    limits.forget(later(61))
    assert limits.free_at(1, later(1)) == later(60)
    limits.forget(later(61.1))
    assert limits.free_at(1, later(1)) == later(1)


def test_a_burst_in_teams_goes_as_fast_as_teams_allows_and_no_faster() -> None:
    gone = when_gone(Limits(*TEAMS_LIMITS), repeat(START, 4000))
    for count, seconds in TEAMS_LIMITS:
        assert fullest(gone, seconds) == count
    # 1,800 each hour: the last 400 go in the third.
    assert timedelta(hours=2) < gone[-1] - gone[0] < timedelta(hours=2.1)


SECONDS = st.integers(1, 40_000).map(lambda tenths: tenths / 10)
WINDOWS = st.lists(st.tuples(st.integers(1, 12), SECONDS), min_size=1, max_size=4)
PAUSES = st.lists(st.one_of(st.just(0.0), st.floats(0, 30), st.floats(0, 5000)), max_size=120)


@given(windows=st.one_of(WINDOWS, st.just(list(TEAMS_LIMITS))), pauses=PAUSES, forgetful=st.booleans())
def test_no_window_ever_holds_more_than_it_may(
    windows: list[tuple[int, float]], pauses: list[float], forgetful: bool
) -> None:
    gone = when_gone(Limits(*windows), moments_of(pauses), forgetful=forgetful)
    for count, seconds in windows:
        assert fullest(gone, seconds) <= count


@given(windows=WINDOWS, pauses=PAUSES)
def test_nobody_waits_longer_than_the_windows_ask(windows: list[tuple[int, float]], pauses: list[float]) -> None:
    gone = when_gone(Limits(*windows), moments_of(pauses))
    for n, (wished, went) in enumerate(zip(moments_of(pauses), gone, strict=True)):
        if went > max([wished, *gone[:n][-1:]]):
            sooner = [*gone[:n], went - timedelta(microseconds=1)]
            assert any(fullest(sooner, seconds) > count for count, seconds in windows)


def let_through(per_second: float, arrivals: list[float]) -> list[float]:
    """When those who come to a turnstile at these seconds are let through."""

    async def come(turnstile: Turnstile, at: float) -> float:
        await asyncio.sleep(at)
        await turnstile.wait()
        return asyncio.get_running_loop().time()

    async def all_come() -> list[float]:
        turnstile = Turnstile(per_second)
        return await asyncio.gather(*(come(turnstile, at) for at in arrivals))

    return virtual.run(all_come())


@pytest.mark.parametrize(
    ("per_second", "arrivals", "through"),
    [
        (2, [0], [0]),
        (2, [0, 0, 0, 0], [0, 0.5, 1, 1.5]),
        (2, [0, 0.1, 3, 3.2], [0, 0.5, 3, 3.5]),
        (0.5, [0, 1], [0, 2]),
        # Quiet is not saved up for a burst later.
        (2, [10, 10], [10, 10.5]),
    ],
)
def test_a_channel_lets_so_many_a_second_through_evenly(
    per_second: float, arrivals: list[float], through: list[float]
) -> None:
    assert let_through(per_second, arrivals) == through
