"""What every part of the running bot stands on: one database, one time, and work in transactions of its own."""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from bot.channel import MakesGroups
from bot.pages.signing import Signer
from bot.postman import Postman
from bot.settings import Settings
from dialogs import turn
from house import warming
from knowledge.matching import community
from knowledge.matching.port import Catalogue, Matcher
from knowledge.measurement.frameworks import frameworks
from knowledge.notices import Notice
from storage import catalogue as catalogues
from storage.box import key_for
from storage.database import Database
from storage.work import Work

T = TypeVar("T")
Move = Callable[[Work, int], list[Notice]]
"""What is done about one that is due, by its number."""


class Ground:
    """`now` is the time in UTC. `postman` and `grouping`, the channels that make group conversations, stand once the
    channels do."""

    postman: Postman
    grouping: dict[str, MakesGroups]

    def __init__(
        self,
        settings: Settings,
        *,
        database: Database | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        build: Callable[[Catalogue], Matcher] | None = None,
    ) -> None:
        self.settings = settings
        self.now = now
        self.database = database or Database(settings.database_url)
        self.key = key_for(self.database.url.render_as_string(hide_password=False), settings.pulse_key)
        self.signer = Signer(settings.site, _pages_key(settings, self.key), now)
        self.matchers = catalogues.Matchers(
            build or community.build(settings.matching_encoder, settings.caution, partial(warming.kept, self.database))
        )

    def work(self, connection: Connection) -> Work:
        return Work(
            connection,
            now=self.now(),
            pace=self.settings.pace,
            policy=self.settings.policy,
            matchers=self.matchers,
            newcomer_reach=self.settings.newcomer_reach,
            first_km=self.settings.first_km,
            grouping=frozenset(self.grouping),
            by_email=bool(self.settings.smtp_host),
            framework=frameworks(),
            key=self.key,
            pages=self.signer,
        )

    async def look(self, work: Callable[[Work], T]) -> T:
        """Reads in one transaction."""
        return await self.database.look(lambda connection: work(self.work(connection)))

    async def change(self, work: Callable[[Work], T]) -> T:
        """Writes in one transaction; what was posted is on its way as soon as it is committed."""
        done = await self.database.run(lambda connection: work(self.work(connection)))
        self.postman.wake()
        return done

    async def move(self, number: int, moved: Move) -> int:
        """Moves one on in one transaction, with what is said of it; returns how much that is. Whoever moves many wakes
        the postman after them."""
        return await self.database.run(partial(self.tell, number=number, moved=moved))

    def tell(self, connection: Connection, *, number: int, moved: Move) -> int:
        work = self.work(connection)
        notices = moved(work, number)
        turn.tell(work, notices)
        return len(notices)


Opening = Callable[[Settings], AbstractContextManager[Ground]]
"""Opens the house on a database at the newest schema, and lets go of it afterwards."""


def _pages_key(settings: Settings, key: bytes) -> bytes:
    """What links are signed with: the house's key, else a channel's secret, which all replicas know too. A new one at
    each start where there is neither: in development, on one process."""
    shared = key or settings.slack_bot_token.encode() or settings.teams_app_password.encode()
    return shared or secrets.token_bytes(32)
