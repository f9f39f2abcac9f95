"""Who connects with whom: the community as a graph of questions and answers, in which nobody is named.

A tie runs from whoever asked to whoever answered. Between people there are ties only where the asker showed their name;
anonymous questions count between groups alone (`knowledge.measurement.flows`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random
from statistics import mean

import networkx as nx

from knowledge.measurement.disclosure import KNOWN
from knowledge.measurement.results import Share, share

LEAST_PEOPLE = 10
"""A graph of fewer is not described: whoever is in it could count themselves out of it."""
EQUAL = 50
"""Answers drawn to compare densities at equal size."""
DRAWS = 100
STEPS = 200_000
"""Edges walked for betweenness before it is estimated from some of the people, drawn at random."""

Tie = tuple[int, int]
"""Asker and helper, by id."""


@dataclass(frozen=True, slots=True)
class Connections:
    """The graph of a window. `ties` are ordered pairs, `answers` those that made them.

    `reciprocity` is the part of the ties that run both ways; `density` that of all possible ties among these people,
    and `density_equal` the same among whoever `EQUAL` answers drawn at random bring together, on average: density falls
    as a graph grows (B. Anderson, C. Butts and K. Carley, The interaction of size and density with graph-level
    indices, Social Networks 21, 1999), so that only this one compares months. `components` hang together without regard
    to who asked; `largest` is the part of the people in the largest. `brokers` is how few people lie on half of all
    shortest ways (L. Freeman's betweenness, Sociometry 40, 1977), None where that is fewer than five. `new` are the
    pairs that had never met so before.
    """

    people: int
    ties: int
    answers: int
    reciprocity: float
    density: float
    density_equal: float | None
    components: int
    largest: Share
    brokers: int | None
    new: Share


@dataclass(frozen=True, slots=True)
class Graph:
    """`told` is what may be said of it, None where it may not be described; `brokers` are who lies on most ways, most
    first, for whoever wants to be named."""

    told: Connections | None
    brokers: tuple[int, ...]


def connected(ties: Sequence[Tie], before: Collection[Tie], members: int, random: Random) -> Graph:
    """`ties` answer by answer; `before` are the ties of all time before the window. `members` is how many could be in
    the graph: where almost all are, being in it would be known of each."""
    graph = nx.DiGraph(tie for tie in ties if tie[0] != tie[1])
    people = graph.number_of_nodes()
    if people < LEAST_PEOPLE or members - people <= KNOWN:
        return Graph(None, ())
    together = graph.to_undirected()
    parts = [len(part) for part in nx.connected_components(together)]
    largest = share(max(parts), people)
    old = {frozenset(tie) for tie in before}
    pairs = {frozenset(tie) for tie in graph.edges}
    new = share(len(pairs - old), len(pairs))
    assert largest is not None, "a graph with ties has people"
    assert new is not None, "and pairs"
    brokers = _brokers(together, random)
    return Graph(
        Connections(
            people=people,
            ties=graph.number_of_edges(),
            answers=len(ties),
            reciprocity=float(nx.overall_reciprocity(graph)),
            density=float(nx.density(graph)),
            density_equal=density_at_equal_size(ties, random),
            components=len(parts),
            largest=largest,
            brokers=len(brokers) if len(brokers) >= 5 else None,
            new=new,
        ),
        tuple(brokers),
    )


def density_at_equal_size(ties: Sequence[Tie], random: Random) -> float | None:
    """The mean density of graphs of `EQUAL` answers each, drawn without putting back; None of fewer answers."""
    if len(ties) < EQUAL:
        return None
    return mean(float(nx.density(nx.DiGraph(random.sample(ties, EQUAL)))) for _ in range(DRAWS))


def _brokers(graph: nx.Graph, random: Random) -> list[int]:
    """The fewest people on half of all shortest ways, most first."""
    people, edges = graph.number_of_nodes(), max(1, graph.number_of_edges())
    looked = min(people, max(10, STEPS // edges))
    between = nx.betweenness_centrality(graph, k=None if looked == people else looked, seed=random.randrange(2**32))
    half, found = sum(between.values()) / 2, []
    for person, part in sorted(between.items(), key=lambda one: (-one[1], one[0])):
        if half <= 0 or not part:
            break
        found.append(person)
        half -= part
    return found
