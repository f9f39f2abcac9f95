"""Imports that were handed in in chat are worked on beside any turn, one step in one transaction."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from house.ground import Ground
from knowledge import importing
from knowledge.import_problem import Problem, phrase
from storage import imports

log = logging.getLogger("connect")


class Importer:
    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._wanted = asyncio.Event()

    def wake(self) -> None:
        """Whoever handed in files need not wait for the clock."""
        self._wanted.set()

    async def run(self) -> None:
        """Works whenever it is woken, until it is cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self.step()
            except Exception:
                log.exception("imports wait for the next tick")

    async def step(self) -> None:
        """Takes the next step of each import that has one. Each is begun anew where a process fell over in it."""
        ground = self._ground
        for number in await ground.database.look(lambda connection: imports.due(connection, ground.now(), 5)):
            match await ground.database.run(partial(imports.claim, number=number, now=ground.now())):
                case importing.State.CHECKING:
                    found = await asyncio.to_thread(self._check, number, asyncio.get_running_loop())
                    await ground.move(number, partial(importing.checked, found=found))
                case importing.State.APPLYING:
                    await ground.database.run(partial(self._write, number=number, step=imports.apply))
                case importing.State.UNDOING:
                    await ground.database.run(partial(self._write, number=number, step=imports.undo))
            ground.postman.wake()

    def _check(self, number: int, loop: asyncio.AbstractEventLoop) -> importing.Found:
        """On a thread of its own, while turns go on."""
        ground = self._ground

        def progress(rows: int) -> None:
            ground.database.write(partial(ground.tell, number=number, moved=partial(importing.progressed, rows=rows)))
            loop.call_soon_threadsafe(ground.postman.wake)

        try:
            return imports.check(ground.database, number, progress)
        except SQLAlchemyError:
            # Not the file's fault: tried again once the lease is over.
            raise
        except Exception:
            log.exception("import %s cannot be checked", number)
            return importing.Found(0, problems=(Problem("", 0, "", (phrase("unreadable"),)),))

    def _write(self, connection: Connection, *, number: int, step: Callable[[Connection, int, datetime], str]) -> None:
        """All of it in one transaction, with what is said of it."""
        trouble = step(connection, number, self._ground.now())
        after = importing.undone if step is imports.undo else importing.applied
        self._ground.tell(connection, number=number, moved=partial(after, trouble=trouble))
