"""Reads a calendar in a process of its own: what hangs, grows or dies there is one sentence here."""

import asyncio
import contextlib
import os
import sys
from datetime import datetime
from pathlib import Path

from knowledge.ics.carrying import from_json
from knowledge.ics.reading import LARGEST, Problem, Reading

SECONDS = 30.0
"""For one calendar, from the start of the process."""
AT_ONCE = 2
_ROOT = Path(__file__).parents[2]
_LARGEST_ANSWER = 40_000_000
_KEPT = ("PATH", "SYSTEMROOT", "PYTHONPATH", "PYTHONHOME", "TZDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


class Guard:
    """`read` never raises but when it is cancelled. At most AT_ONCE processes are there at a time."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._free = asyncio.Semaphore(AT_ONCE)

    async def read(self, content: bytes, now: datetime, zone: str = "") -> Reading:
        """The reading of a file; one whose process had to be ended has the problem `timed_out`, one whose process died
        `too_hard`. `zone` as in `knowledge.ics.reading.read`."""
        if len(content) > LARGEST:
            return Reading(problems=(Problem("too_large"),))
        async with self._free:
            return await self._read(content, now, zone)

    async def _read(self, content: bytes, now: datetime, zone: str) -> Reading:
        # Nothing of our settings goes along: there are passwords in it.
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "knowledge.ics.child", now.isoformat(), zone,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            cwd=_ROOT, env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        try:
            answer, _ = await asyncio.wait_for(process.communicate(content), self._seconds)
        except TimeoutError:
            return Reading(problems=(Problem("timed_out"),))
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if process.returncode != 0 or len(answer) > _LARGEST_ANSWER:
            # The system ends one that takes too long by its processor's clock, too.
            slow = process.returncode in (-24, -9)
            return Reading(problems=(Problem("timed_out" if slow else "too_hard"),))
        try:
            return from_json(answer.decode())
        except (ValueError, TypeError, KeyError):
            return Reading(problems=(Problem("too_hard"),))
