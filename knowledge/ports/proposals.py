"""Proposals of topics, who stands behind them, and calls."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from knowledge.proposal import Proposal
from knowledge.topic_call import Call


class Proposals(Protocol):
    def add(self, proposal: Proposal) -> Proposal:
        """Keeps a new proposal and returns it with its number."""
        ...

    def get(self, proposal: int) -> Proposal | None: ...

    def save(self, proposal: Proposal) -> Proposal:
        """Keeps the move; returns it with the next version. Raises Conflict when somebody moved it first."""
        ...

    def open_in(self, networks: Collection[int]) -> list[Proposal]:
        """Those that may be endorsed there, oldest first."""
        ...

    def of(self, person: int, limit: int | None = None) -> list[Proposal]:
        """Their own, newest first."""
        ...

    def endorse(self, proposal: Proposal, person: int) -> bool:
        """False when they stand behind it already. Raises Conflict when it was moved since it was read."""
        ...

    def unendorse(self, proposal: Proposal, person: int) -> bool:
        """False when they did not stand behind it."""
        ...

    def endorses(self, person: int, proposals: Collection[int]) -> set[int]:
        """Which of these the person stands behind."""
        ...

    def counts(self, proposals: Collection[int]) -> Mapping[int, int]:
        """How many stand behind each, its proposer not counted; 0 for those that nobody does."""
        ...

    def unite(self, one: Proposal, into: Proposal) -> None:
        """Whoever stands behind the one stands behind the other, once."""
        ...

    def voters(self, proposals: Collection[int]) -> list[int]:
        """Everybody who stands behind any of these. Sorted."""
        ...


class Calls(Protocol):
    def add(self, call: Call) -> Call | None:
        """Keeps a new call and returns it with its number; None when one runs in that network already."""
        ...

    def get(self, call: int) -> Call | None: ...

    def save(self, call: Call) -> Call:
        """Raises Conflict when somebody moved it first."""
        ...

    def running(self, networks: Collection[int]) -> Sequence[Call]:
        """Open or tied ones there."""
        ...
