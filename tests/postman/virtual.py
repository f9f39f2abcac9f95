"""An event loop whose time passes only when all wait: hours in a moment, and the same each time."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Leap(selectors.SelectSelector):
    """Instead of waiting for the network, moves the clock on to the next thing that is due."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everybody waits and nothing will ever come")
        self.loop.seconds += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """For coroutines that wait only for each other and for time: no threads, no sockets.

    What is ready runs first come, first served, so a run depends on nothing but the program.
    """

    def __init__(self) -> None:
        leap = _Leap()
        leap.loop = self
        self.seconds = 0.0
        super().__init__(leap)

    def time(self) -> float:
        return self.seconds


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
