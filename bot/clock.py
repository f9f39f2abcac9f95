"""The clock only rings: what is due lives in our tables, so ringing late, twice or on two replicas changes nothing."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.failing import log_failure

log = logging.getLogger(__name__)

Ring = Callable[[], Awaitable[object]]


class Clock:
    """Rings at intervals. A ring that fails is logged and rung again at its next time; one never overtakes itself.

    The job store is in memory, never shared: two schedulers on one store fire every job twice, and the persistent
    ones pickle.
    """

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            jobstores={"default": MemoryJobStore()},
            executors={"default": AsyncIOExecutor()},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    def every(self, interval: timedelta, ring: Ring, name: str) -> None:
        async def rung() -> None:
            try:
                await ring()
            except Exception as error:
                log_failure(log, f"{name} (tried again in {interval})", error)

        self._scheduler.add_job(rung, "interval", seconds=interval.total_seconds(), id=name, name=name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)
