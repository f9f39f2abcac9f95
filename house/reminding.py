"""Reminders of events are planned and sent: a batch or a page in each transaction."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.failing import log_failure
from dialogs import turn
from house.ground import Ground
from knowledge import reminding
from knowledge.errors import Conflict
from knowledge.notices import Notice
from storage.reminders import Reminders
from storage.work import Work

log = logging.getLogger("connect")

PAGES, REMINDERS, REMINDED = 4, 50, 200
"""Pages of reminders that are written at one look, how many are sent in one transaction, and at one look."""


async def remind(ground: Ground) -> int:
    """Sends the reminders that are due, and plans those of what comes near, and no more in one go than leaves room for
    other work. Returns how many were sent or settled."""
    now = ground.now()
    look = ground.database.look
    # Before the planning, which may take a while; and after it, for what was planned only now.
    taken = await _send_due(ground, now, REMINDED)
    for begins in await look(lambda connection: Reminders(connection).unplanned(now, now + reminding.AHEAD, 50)):
        await _plan(ground, reminding.begin, begins)
    for unwritten in await look(lambda connection: Reminders(connection).unwritten(PAGES)):
        await _plan(ground, reminding.write, unwritten)
    taken += await _send_due(ground, now, REMINDED - taken)
    for home in await look(lambda connection: Reminders(connection).homes(now, 20)):
        taken += await ground.database.run(partial(_announce, ground, home))
    if taken:
        ground.postman.wake()
    return taken


async def rezone(ground: Ground) -> None:
    """Plans those anew whose reader's clock is another since then."""
    await ground.database.run(lambda connection: reminding.rezone(ground.work(connection), 500))


async def _send_due(ground: Ground, now: datetime, most: int) -> int:
    taken = 0
    while taken < most and await ground.database.look(lambda connection: Reminders(connection).any_due(now)):
        batch = await ground.database.run(partial(_send, ground))
        taken += batch
        if not batch:
            break
    return taken


async def _plan(ground: Ground, step: Callable[[Work, int, str], None], of: tuple[int, str]) -> None:
    """What is wrong with one event keeps no other back."""
    try:
        await ground.database.run(lambda connection: step(ground.work(connection), *of))
    except Conflict:
        log.info("the reminders of event %s are planned by others at this moment", of[0])
    except Exception as error:
        log_failure(log, f"planning the reminders of event {of[0]}", error)


def _send(ground: Ground, connection: Connection) -> int:
    work = ground.work(connection)
    batch = reminding.take(work, REMINDERS)
    try:
        with work.savepoint():
            turn.tell(work, [notice for _, notice in batch.sent])
    except Conflict:
        raise
    except Exception as error:
        log_failure(log, "sending some reminders (each is tried by itself)", error)
        for one, notice in batch.sent:
            _send_one(work, one.id, notice)
    return batch.taken


def _send_one(work: Work, number: int, notice: Notice) -> None:
    """One that cannot be worded must not keep the others back."""
    try:
        with work.savepoint():
            turn.tell(work, [notice])
    except Exception as error:
        log_failure(log, f"sending reminder {number}", error)
        reminding.failed(work, number)


def _announce(ground: Ground, of: tuple[int, str], connection: Connection) -> int:
    work = ground.work(connection)
    notices = reminding.at_home(work, *of)
    turn.tell(work, notices)
    return len(notices)
