"""One transaction as the use cases and the turn see it."""

from collections.abc import Sequence
from datetime import datetime
from random import SystemRandom
from typing import Any

from sqlalchemy import Connection

from knowledge import opening
from knowledge.measurement.frameworks import Frameworks
from knowledge.notices import Post
from knowledge.places import Audience
from knowledge.ports import Pace, Pages, Policy
from storage import outbox
from storage.assists import Assists
from storage.audit import AuditLog
from storage.box import Box
from storage.calendars import Calendars, Feeds
from storage.catalogue import Matchers
from storage.conversations import Conversations
from storage.desk import Moves, Notes
from storage.digests import Digests
from storage.drafts import Drafts
from storage.events import Events
from storage.evidence import Evidence
from storage.expertise import Expertise
from storage.flags import Flags
from storage.groups import Groups
from storage.held import HeldEvents
from storage.imports import Imports
from storage.issues import Issues
from storage.items import Items
from storage.linking import Links
from storage.measurement import Measurement
from storage.monthly import ReportTurns
from storage.mornings import Mornings
from storage.openings import Openings
from storage.people import People
from storage.personal import Personal
from storage.proposals import Calls, Proposals
from storage.pulse import Pulses
from storage.questions import Questions
from storage.reminders import Reminders
from storage.surveys import Surveys
from storage.topics import Topics
from storage.widenings import Widenings
from storage.work_items import Chores, WorkItems


class Work:
    """`knowledge.ports.Work` and `dialogs.ports.Desk` on one connection, within one transaction.

    `grouping` are the names of the channels that can make group conversations; `by_email` is whether letters can be
    sent.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        now: datetime,
        pace: Pace,
        policy: Policy,
        matchers: Matchers,
        newcomer_reach: Audience,
        framework: Frameworks,
        pages: Pages,
        key: bytes = b"",
        first_km: str = "",
        grouping: frozenset[str] = frozenset(),
        by_email: bool = False,
    ) -> None:
        self.now = now
        self.newcomer_reach = newcomer_reach
        self.first_km = first_km
        self.pace = pace
        self.policy = policy
        self._connection = connection
        # As of the beginning of the transaction: what it writes itself may yet be undone, and must not be cached.
        self.catalogue, self.matcher = matchers.current(connection)
        self.people = People(connection)
        self.links = Links(connection, self.people)
        self.items = Items(connection)
        self.drafts = Drafts(connection)
        self.questions = Questions(connection, lambda shut: self.digests.take_back(opening.key(shut), now))
        self.openings = Openings(connection)
        self.audit = AuditLog(connection)
        self.notes = Notes(connection)
        self.moves = Moves(connection)
        self.work_items = WorkItems(connection)
        self.chores = Chores(connection)
        self.topics = Topics(connection)
        self.mornings = Mornings(connection)
        self.personal = Personal(connection)
        self.flags = Flags(connection)
        self.events = Events(connection, now)
        self.calendars = Calendars(connection)
        self.feeds = Feeds(connection)
        self.assists = Assists(connection)
        self.proposals = Proposals(connection)
        self.calls = Calls(connection)
        self.expertise = Expertise(connection)
        self.imports = Imports(connection, now)
        self.reminders = Reminders(connection)
        self.held = HeldEvents(connection)
        self.widenings = Widenings(connection)
        self.digests = Digests(connection, self.people, by_email=by_email)
        self.groups = Groups(connection, grouping)
        self.conversations = Conversations(connection)
        self.issues = Issues(connection, now)
        self.surveys = Surveys(connection)
        self.pulses = Pulses(connection)
        self.measurement = Measurement(connection)
        self.evidence = Evidence(connection)
        self.report_turns = ReportTurns(connection)
        self.box = Box(connection, key)
        self.framework = framework
        self.pages = pages
        self.random = SystemRandom()

    def post(self, posts: Sequence[Post]) -> None:
        """Puts messages in the outbox of this transaction."""
        outbox.put_all(self._connection, posts, self.now)

    def savepoint(self) -> Any:
        """A context manager: what is written within is undone when it raises."""
        return self._connection.begin_nested()
