"""The last month is counted once it is over, before anybody asks for it."""

from functools import partial

from sqlalchemy import Connection

from house.ground import Ground
from knowledge import reporting
from knowledge.measurement.releasing import Release
from storage.measurement import Measurement


async def close_month(ground: Ground) -> None:
    """Read apart from where it is written: a large community takes some seconds, and nobody else should wait to
    write."""
    counted = await ground.database.look(partial(_month_to_close, ground))
    if counted is not None:
        found, brokers = counted
        await ground.database.run(
            lambda connection: ground.work(connection).measurement.keep(found, brokers, ground.now())
        )


def _month_to_close(ground: Ground, connection: Connection) -> tuple[Release, tuple[int, ...]] | None:
    month = reporting.last_over(ground.now())
    if Measurement(connection).kept(month) is not None or (
        (began := Measurement(connection).first_joined()) is None or began >= reporting.month_after(month)
    ):
        return None
    return reporting.counted(ground.work(connection), month)
