"""What the use cases need kept, as they see it. One `Work` is one transaction.

Each feature's ports stand in a file of their own.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Protocol

from knowledge.hours import Hours
from knowledge.load import Allowance
from knowledge.matching.port import Catalogue, Matcher
from knowledge.measurement.frameworks import Frameworks
from knowledge.ports.calendars import Calendars, Feeds
from knowledge.ports.community import Links, People, Personal
from knowledge.ports.desk import AuditLog, Chores, Mornings, Moves, Notes, WorkItems
from knowledge.ports.digest import Digests
from knowledge.ports.directory import Expertise, Imports
from knowledge.ports.events import Events
from knowledge.ports.exchanges import Assists, Flags, Groups
from knowledge.ports.held import HeldEvents
from knowledge.ports.items import Drafts, Items
from knowledge.ports.measurement import Box, Evidence, Measurement, Pulses, ReportTurns, Surveys
from knowledge.ports.pages import Pages
from knowledge.ports.proposals import Calls, Proposals
from knowledge.ports.questions import Openings, Questions, Widenings
from knowledge.ports.reminders import Reminders
from knowledge.ports.topics import Topics

__all__ = [
    "Assists",
    "AuditLog",
    "Box",
    "Calendars",
    "Calls",
    "Chores",
    "Digests",
    "Drafts",
    "Events",
    "Evidence",
    "Expertise",
    "Feeds",
    "Flags",
    "Groups",
    "HeldEvents",
    "Imports",
    "Items",
    "Links",
    "Measurement",
    "Mornings",
    "Moves",
    "Notes",
    "Openings",
    "Pace",
    "Pages",
    "People",
    "Personal",
    "Policy",
    "Proposals",
    "Pulses",
    "Questions",
    "Reminders",
    "ReportTurns",
    "Surveys",
    "Topics",
    "Widenings",
    "Work",
    "WorkItems",
]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things may wait. Every number is a setting. The first three count working time only."""

    offer: timedelta = timedelta(hours=4)
    """An offer nobody answered: ask one more person. Working time of whoever was asked."""
    desk: timedelta = timedelta(hours=24)
    """From sending until the facilitator gets it, when nobody took it. Working time of the asker."""
    taken: timedelta = timedelta(hours=8)
    """Taken and not answered: one reminder, and after as long again to the facilitator. Working time of who took it."""
    outcome: timedelta = timedelta(days=3)
    """Answered and no word whether it helped: asked once more."""
    silence: timedelta = timedelta(days=14)
    """Answered, asked again, and silent: expired."""
    follow_up: timedelta = timedelta(days=30)
    """Closed, and of some help: asked once what became of it."""
    draft: timedelta = timedelta(days=7)
    """Previewed and never sent: expired."""
    gather: timedelta = timedelta(days=2)
    """How long people may say whether they come to a peer assist, and a reminder of its notes may wait."""
    assist: timedelta = timedelta(days=3)
    """How long a peer assist lasts."""
    ageing: timedelta = timedelta(days=1)
    """Sent and not taken for so long, by the calendar: listed as ageing on the desk. Not the asker's working time,
    which would tell where they are."""
    propose: timedelta = timedelta(hours=1)
    """From "solved" until those concerned are asked whether it may become a knowledge item: time to think better."""
    consent: timedelta = timedelta(days=14)
    """How long they are waited for. Silence is no."""
    review: timedelta = timedelta(days=182)
    """From the publication of an item until its owner is asked whether it still holds."""
    most_offers: int = 5
    """People asked before the facilitator is."""
    most_open: int = 2
    """People who can take it at the same time."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the KM team chose for the whole community."""

    desk_sees_askers: bool = False
    """Whether the desk is told who asks, unless the asker hides that too."""
    hours: Hours = field(default_factory=Hours)
    summary_at: time | None = time(9)
    """When the people of a desk read in the morning what waits, by their own clocks; None for never."""
    allowance: Allowance = field(default_factory=Allowance)
    expertise_half_life: timedelta = timedelta(days=365)
    """After so long without use, what an answer or a check says of somebody counts half."""


class Work(Protocol):
    """One transaction's view of everything kept, the matcher as of it, and the time."""

    now: datetime
    pace: Pace
    policy: Policy

    @property
    def people(self) -> People: ...
    @property
    def items(self) -> Items: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def questions(self) -> Questions: ...
    @property
    def openings(self) -> Openings: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def moves(self) -> Moves: ...
    @property
    def work_items(self) -> WorkItems: ...
    @property
    def mornings(self) -> Mornings: ...
    @property
    def topics(self) -> Topics: ...
    @property
    def chores(self) -> Chores: ...
    @property
    def personal(self) -> Personal: ...
    @property
    def surveys(self) -> Surveys: ...
    @property
    def pulses(self) -> Pulses: ...
    @property
    def box(self) -> Box: ...
    @property
    def measurement(self) -> Measurement: ...
    @property
    def evidence(self) -> Evidence: ...
    @property
    def report_turns(self) -> ReportTurns: ...
    @property
    def framework(self) -> Frameworks: ...
    @property
    def pages(self) -> Pages: ...
    @property
    def random(self) -> Random: ...
    @property
    def links(self) -> Links: ...
    @property
    def flags(self) -> Flags: ...
    @property
    def events(self) -> Events: ...
    @property
    def calendars(self) -> Calendars: ...
    @property
    def feeds(self) -> Feeds: ...
    @property
    def assists(self) -> Assists: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def proposals(self) -> Proposals: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def reminders(self) -> Reminders: ...
    @property
    def held(self) -> HeldEvents: ...
    @property
    def groups(self) -> Groups: ...
    @property
    def expertise(self) -> Expertise: ...
    @property
    def imports(self) -> Imports: ...
    @property
    def widenings(self) -> Widenings: ...
    @property
    def matcher(self) -> Matcher: ...
    @property
    def catalogue(self) -> Catalogue: ...
