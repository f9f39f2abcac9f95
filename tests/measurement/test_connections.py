"""The community as a graph, against worked examples; and where knowledge flows, against whoever tries to find somebody
in it."""

from collections import defaultdict
from itertools import combinations
from random import Random

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.measurement.connections import EQUAL, connected, density_at_equal_size
from knowledge.measurement.disclosure import ELSEWHERE, KNOWN, tellable_people
from knowledge.measurement.flows import Flow, Sent, flows


def test_the_figures_of_a_graph_counted_by_hand() -> None:
    # A ring of ten, of whom the first two also answer each other, and a pair apart.
    ring = [(number, (number + 1) % 10) for number in range(10)]
    found = connected([*ring, (1, 0), (20, 21)], {(0, 1), (5, 4)}, 40, Random(1)).told
    assert found is not None
    assert (found.people, found.ties, found.answers, found.components) == (12, 12, 12, 2)
    # Reciprocity: ties that run both ways of all (S. Wasserman and K. Faust, Social Network Analysis, 1994, 13.4).
    assert found.reciprocity == pytest.approx(2 / 12)
    assert found.density == pytest.approx(12 / (12 * 11))
    assert (found.largest.count, found.largest.n) == (10, 12)
    # Pairs count once, whoever asked; two of eleven had met before.
    assert (found.new.count, found.new.n) == (9, 11)


def test_brokers_are_those_freeman_finds_between_florentine_families() -> None:
    # J. Padgett's Florentine families: Medici 0.522, Guadagni 0.255, Albizzi 0.212 (S. Wasserman and K. Faust, Social
    # Network Analysis, 1994, table 5.1).
    graph = nx.florentine_families_graph()
    numbers = {name: number for number, name in enumerate(graph)}
    ties = [(numbers[one], numbers[other]) for one, other in graph.edges]
    brokers = connected(ties, set(), 40, Random(1)).brokers
    names = {number: name for name, number in numbers.items()}
    assert [names[one] for one in brokers[:3]] == ["Medici", "Guadagni", "Albizzi"]


def test_density_at_equal_size_compares_what_density_cannot() -> None:
    # Everybody answers anybody: of twice as many people, plain density is half, and so are the answers by pair.
    def at(people: int, answers: int) -> list[tuple[int, int]]:
        random = Random(people * answers)
        return [tuple(random.sample(range(people), 2)) for _ in range(answers)]  # type: ignore[misc]

    few, many = at(30, 100), at(30, 600)
    plain = [nx.density(nx.DiGraph(ties)) for ties in (few, many)]
    equal = [density_at_equal_size(ties, Random(1)) for ties in (few, many)]
    assert plain[1] > 3 * plain[0]
    assert equal[0] == pytest.approx(equal[1], rel=0.1)
    assert density_at_equal_size(few[: EQUAL - 1], Random(1)) is None


@pytest.mark.parametrize(("people", "members"), [(9, 40), (12, 15), (12, 12)])
def test_a_graph_in_which_each_could_be_known_is_not_described(people: int, members: int) -> None:
    ties = [(number, (number + 1) % people) for number in range(people)]
    assert connected(ties, set(), members, Random(1)).told is None


def test_everybody_who_asked_themselves_is_no_tie() -> None:
    ring = [(number, (number + 1) % 10) for number in range(10)]
    found = connected([*ring, (3, 3)], set(), 40, Random(1)).told
    assert found is not None
    assert found.ties == 10


SENT = st.lists(
    st.builds(
        Sent,
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 12),
        st.sampled_from(["a", "b", "c"]),
        st.integers(20, 32),
    ).map(lambda one: Sent("abc"[one.helper % 3], one.helper, "abc"[one.asker % 3], one.asker)),
    max_size=60,
)


@settings(max_examples=200)
@given(SENT, st.integers(0, 99))
def test_no_three_who_answered_learn_from_a_flow_where_a_fourth_asker_is_from(sent: list[Sent], seed: int) -> None:
    told = flows(sent, Random(seed))
    assert not told or sum(one.answers for one in told) == len(sent)
    shown_from = {one.source for one in told} - {ELSEWHERE}
    shown_to = {one.target for one in told} - {ELSEWHERE}
    for source in {one.source for one in told}:
        inside = [one for one in sent if (one.source if one.source in shown_from else ELSEWHERE) == source]
        ends = [(one.asker, one.target if one.target in shown_to else ELSEWHERE) for one in inside]
        _hidden(ends)
    for target in {one.target for one in told}:
        inside = [one for one in sent if (one.target if one.target in shown_to else ELSEWHERE) == target]
        _hidden([(one.helper, one.source if one.source in shown_from else ELSEWHERE) for one in inside])


def _hidden(ends: list[tuple[int, str]]) -> None:
    """Whichever three people are taken out, the others are of more than one group."""
    groups: defaultdict[int, set[str]] = defaultdict(set)
    for person, group in ends:
        groups[person].add(group)
    for known in combinations(groups, KNOWN):
        rest = set().union(*(found for person, found in groups.items() if person not in known))
        assert len(rest) > 1


def test_flows_between_large_groups_are_told_whole() -> None:
    sent = [
        Sent(source, 100 * number + ord(source), target, 1000 * number + ord(target))
        for number in range(6) for source in "ab" for target in "ab"
    ]  # fmt: skip
    assert flows(sent) == tuple(Flow(source, target, 6) for source in "ab" for target in "ab")


def test_one_person_counts_once_however_often_they_ask() -> None:
    assert not tellable_people([(1, "x")] * 20 + [(2, "y")] * 20, 5)
    assert tellable_people([(number, number % 2) for number in range(10)], 5)
    # Five of nine are of one mind, and four not; one fewer would let three know.
    assert tellable_people([(number, number < 5) for number in range(9)], 5)
    assert not tellable_people([(number, number < 5) for number in range(8)], 5)
