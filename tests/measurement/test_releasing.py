"""What is told of a month's parts: enough to look after a place, and of nobody in it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.hours import Hours
from knowledge.measurement.activity import Given, Member, Passage, Window
from knowledge.measurement.disclosure import KNOWN
from knowledge.measurement.profiles import Profile, Seen
from knowledge.measurement.releasing import Release, release
from knowledge.question import Outcome

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
UNTIL = datetime(2026, 4, 1, tzinfo=UTC)
REGIONS = ("africa", "asia-pacific", "global")


class Never(Random):
    """Leaves nothing out by lot, so that what is told hangs on the rule alone."""

    def random(self) -> float:
        return 0.99


def _asked(asker: int, network: int | None, region: str, solved: bool | None = None) -> Passage:
    at = SINCE + timedelta(days=1)
    given = Given(900 + asker, "africa", at + timedelta(hours=2), network)
    outcome = None if solved is None else Outcome.SOLVED if solved else Outcome.NO
    return Passage(at, None, (given,), asker, region, outcome, 1, 0, 1, None, network=network)


def _window(passages: Sequence[Passage], members: int = 60, **seen: frozenset[int]) -> Window:
    people = [Member(number, REGIONS[number % 3], SINCE - timedelta(days=5)) for number in range(members)]
    nobody: frozenset[int] = frozenset()
    did = {"asked": nobody, "helped": nobody, "settled": nobody, "met": nobody, "here": None, **seen}
    return Window(SINCE, UNTIL, passages, people, Seen(**did))  # type: ignore[arg-type]


def _released(window: Window, random: Random | None = None) -> Release:
    return release(window, Hours(), random or Never())[0]


def test_a_network_is_told_from_five_askers_on_and_what_is_left_too() -> None:
    large = [_asked(number, 1, "africa") for number in range(8)]
    assert _released(_window([*large, *(_asked(20 + number, 2, "africa") for number in range(5))])).of("2", "")
    # The four of the second network would be the whole less the first.
    few = _released(_window([*large, *(_asked(20 + number, 2, "africa") for number in range(4))]))
    assert few.of("1", "") is None
    assert few.of("2", "") is None
    # Ten questions of one asker are one.
    alone = _released(
        _window(
            [
                *large,
                *(_asked(20, 2, "africa") for _ in range(10)),
                *[_asked(30 + number, 3, "africa") for number in range(5)],
            ]
        )
    )
    assert alone.of("2", "") is None


def test_what_askers_said_is_told_only_where_it_says_nobody_s() -> None:
    mixed = [_asked(number, 1, "africa", solved=number % 2 == 0) for number in range(10)]
    alike = [_asked(20 + number, 2, "africa", solved=True) for number in range(10)]
    varied = [_asked(40 + number, 3, "africa", solved=number % 2 == 0) for number in range(10)]
    found = _released(_window([*mixed, *alike, *varied]))
    rates = {network: found.of(network, "") for network in "123"}
    told = {network: one.done.solved_rate for network, one in rates.items() if one is not None and one.done is not None}
    # Those who are all alike are told with others, of which one network is given up.
    assert told["2"] is None
    assert sum(one is not None for one in told.values()) == 1
    # That they were answered, and when, is.
    assert all(one is not None and one.done is not None and one.done.answer_rate is not None for one in rates.values())


def test_within_a_network_a_region_is_told_where_others_of_it_did_not_ask() -> None:
    questions = [_asked(number, 1, REGIONS[number % 3]) for number in range(30)]
    others = [_asked(100 + number, 2, "africa") for number in range(9)]
    found = _released(_window([*questions, *others]))
    assert [one.region for one in found.slices if one.network == "1"] == ["", *REGIONS]
    # Of twelve members of each region ten asked: then each would be known to have.
    assert [
        one.region for one in _released(_window([*questions, *others], members=36)).slices if one.network == "1"
    ] == [""]


def test_people_are_told_by_region_where_their_kinds_mix() -> None:
    asked = frozenset(range(30))
    found = _released(_window([], asked=asked, helped=frozenset(range(15, 45))))
    by_region = {one.region: one.activity.people for one in found.slices if not one.network}
    assert set(by_region) == set(REGIONS)
    assert all(one is not None and (one.members_after, one.active) == (20, 15) for one in by_region.values())
    # Almost all of one region are active: it is told with the next.
    everybody = frozenset(number for number in range(60) if number % 3 == 0)
    found = _released(_window([], asked=everybody | asked, helped=frozenset(range(15, 45))))
    assert {one.region for one in found.slices if not one.network} == {"asia-pacific"}


MEMBERS = 30
SOME = st.frozensets(st.integers(0, MEMBERS - 1))


def _groups(found: Release, members: Sequence[Member]) -> Iterator[list[Member]]:
    shown = {one.region for one in found.slices if not one.network}
    yield from ([one for one in members if one.region == region] for region in shown)
    rest = [one for one in members if one.region not in shown]
    if rest and shown:
        yield rest


@settings(max_examples=150)
@given(SOME, SOME, SOME, st.integers(0, 99))
def test_no_three_learn_what_a_fourth_member_did(
    asked: frozenset[int], helped: frozenset[int], here: frozenset[int], seed: int
) -> None:
    window = _window([], members=MEMBERS, asked=asked, helped=helped, here=here or frozenset({0}))
    found = _released(window, Random(seed))
    for group in _groups(found, window.members):
        kinds = Counter(window.seen.profile(one.id) for one in group)
        assert len(group) - max(kinds.values()) > KNOWN
        for did in (asked, helped):
            many = sum(one.id in did for one in group)
            assert not many or min(many, len(group) - many) > KNOWN


QUESTIONS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 4), st.one_of(st.none(), st.booleans())), max_size=60)


@settings(max_examples=150)
@given(QUESTIONS, st.integers(0, 99))
def test_no_three_learn_from_any_slice_what_a_fourth_asker_said(
    said: list[tuple[int, int, bool | None]], seed: int
) -> None:
    passages = [_asked(asker, network, REGIONS[asker % 3], solved) for asker, network, solved in said]
    found = _released(_window(passages), Random(seed))
    networks = {one.network for one in found.slices if one.network}
    with_outcome = {
        (one.network, one.region)
        for one in found.slices
        if one.network and one.activity.done is not None and one.activity.done.solved_rate is not None
    }

    def place(one: Passage) -> tuple[str, str]:
        """The smallest group in which its outcome is told."""
        network = str(one.network)
        if (network, one.asker_region) in with_outcome:
            return network, one.asker_region
        return (network, "") if (network, "") in with_outcome else ("", "")

    groups: defaultdict[tuple[str, str], list[Passage]] = defaultdict(list)
    for one in passages:
        if one.outcome is not None:
            groups[place(one)].append(one)
    if with_outcome:
        for group in groups.values():
            of_each: defaultdict[int, set[Outcome | None]] = defaultdict(set)
            for one in group:
                of_each[one.asker].add(one.outcome)
            alone = Counter(next(iter(outcomes)) for outcomes in of_each.values() if len(outcomes) == 1)
            assert len(of_each) - max(alone.values(), default=0) > KNOWN
    # And where a place is told, so many asked in it and in what is left that nobody knows who.
    rest = [one for one in passages if str(one.network) not in networks]
    for group in (*([one for one in passages if str(one.network) == network] for network in networks), rest):
        assert not networks or not group or len({one.asker for one in group}) >= 5


def test_some_that_might_be_told_are_not_by_lot() -> None:
    passages = [_asked(100 * network + number, network, "africa") for network in range(1, 9) for number in range(8)]
    shown = [
        len([1 for one in _released(_window(passages), Random(seed)).slices if one.network and not one.region])
        for seed in range(30)
    ]
    assert min(shown) < 8
    assert max(shown) == 8


@pytest.mark.parametrize("profile", list(Profile))
def test_each_kind_of_member_is_what_they_did(profile: Profile) -> None:
    seen = Seen(frozenset({1, 2}), frozenset({2, 3}), frozenset({4}), frozenset(), frozenset({5}))
    kinds = {1: Profile.ASKS, 2: Profile.BOTH, 3: Profile.HELPS, 4: Profile.READS, 5: Profile.READS, 6: Profile.SILENT}
    assert {number for number in range(1, 7) if seen.profile(number) is profile} == {
        number for number, kind in kinds.items() if kind is profile
    }
