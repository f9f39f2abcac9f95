"""What is no longer needed is forgotten, some of it after days, some after years."""

import asyncio
from datetime import timedelta

from sqlalchemy import Connection

from house import warming
from house.ground import Ground
from knowledge.matching import community
from storage import imports, outbox, personal
from storage.conversations import forget_heard
from storage.desk import forget_moves
from storage.held import forget_attendance
from storage.issues import forget_issues
from storage.linking import forget_tries
from storage.measurement import forget_presence
from storage.mornings import forget_mornings
from storage.proposals import forget_endorsements
from storage.reminders import forget_reminders

KEPT = timedelta(days=7)
"""How long delivered rows and what was heard are kept: no channel delivers again after that."""

PRESENT = timedelta(days=62)
"""How long it is noted who was here: until their month is counted, and no longer than it takes to notice that it was
not."""

KEPT_REMINDERS = timedelta(days=30)
"""Since the event began: until then its host may look how they went."""

PRESSABLE = timedelta(days=90)
"""How long a card's buttons can be pressed: longer than any question waits for a word."""


async def sweep(ground: Ground) -> None:
    """Forgets what is no longer needed: what was heard, and rows of the outbox that are over."""
    now, settings = ground.now, ground.settings
    before = now() - KEPT

    def forget(connection: Connection) -> None:
        forget_heard(connection, before)
        forget_tries(connection, before)
        forget_moves(connection, before)
        forget_endorsements(connection, before)
        forget_mornings(connection, before)
        forget_reminders(connection, now() - KEPT_REMINDERS)
        forget_issues(connection, now() - PRESSABLE)
        imports.forget_imports(connection, now())
        personal.forget_conversations(connection)
        personal.empty_old_questions(connection, now() - settings.kept_questions)
        forget_presence(connection, now() - PRESENT)
        forget_attendance(connection, now() - PRESENT)
        personal.forget_audit(connection, now() - settings.kept_audit)
        outbox.prune(connection, before)

    await ground.database.run(forget)
    matcher = ground.matchers.latest
    if isinstance(matcher, community.CommunityMatcher):
        await asyncio.to_thread(warming.keep, ground.database, matcher)
