"""Flags, peer assists and group conversations."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from knowledge.assist import Assist
from knowledge.flag import Flag, Reaction
from knowledge.flag import State as FlagState
from knowledge.load import Carried


class Flags(Protocol):
    def add(self, flag: Flag) -> Flag:
        """Keeps a new flag and returns it with its number."""
        ...

    def get(self, flag: int) -> Flag | None: ...

    def save(self, flag: Flag) -> Flag:
        """Keeps the move; returns it with the next version. Raises Conflict when somebody moved it first."""
        ...

    def home(self, network: int) -> int:
        """Our number of the conversation in which the network reads together; 0 when it has told us none."""
        ...

    def set_home(self, network: int, conversation: int) -> None: ...

    def add_reaction(self, flag: int, reaction: Reaction) -> None: ...

    def reactions(self, flag: int, limit: int) -> list[Reaction]:
        """The newest, oldest of them first."""
        ...

    def of(self, person: int) -> list[Flag]:
        """Their own, newest first."""
        ...

    def in_states(self, states: Collection[FlagState], limit: int | None = 50) -> list[Flag]:
        """Newest first."""
        ...


class Assists(Protocol):
    def add(self, assist: Assist) -> Assist:
        """Keeps a new peer assist and returns it with its number."""
        ...

    def get(self, assist: int) -> Assist | None: ...

    def save(self, assist: Assist) -> Assist:
        """Keeps the move; returns it with the next version. Raises Conflict when somebody moved it first."""
        ...

    def of(self, person: int) -> list[Assist]:
        """Those they asked for or are in, newest first."""
        ...

    def carried(self, since: datetime) -> Mapping[int, Carried]:
        """Invitations since a time (UTC), and how many were said yes to, by person."""
        ...


class Groups(Protocol):
    """Group conversations that channels can make."""

    def common(self, people: Collection[int]) -> str:
        """The channel that can make one and reaches all these people now; "" when there is none."""
        ...
