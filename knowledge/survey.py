"""A survey: which items are asked between which days, and what may be said of it; nothing of who answers what."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import NormalDist

from knowledge.errors import Refusal


class Kind(StrEnum):
    """BASELINE and ENDLINE are waves: all items of the framework to everybody. ROTATION asks one item of it at a time.
    OWN are a facilitator's few questions beside the framework. EVENT asks those who were at one event whether it was
    useful: nobody plans it, and no other survey waits for it (`knowledge.after_events`)."""

    BASELINE = "baseline"
    ROTATION = "rotation"
    ENDLINE = "endline"
    OWN = "own"
    EVENT = "event"


class State(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    CLOSED = "closed"


POINTS = (1, 2, 3, 4, 5)
"""From "strongly disagree" to "strongly agree"."""

LEAST_SCORES = 5
LEAST_REMARKS = 10
"""From how many answers, and from how many comments, on anything is kept of an item. Frozen when it is planned."""

DAYS = {Kind.BASELINE: 14, Kind.ENDLINE: 14, Kind.ROTATION: 28, Kind.OWN: 14}
SHORTEST, LONGEST = 3, 84
"""Days. In twelve weeks nobody is asked more than six items: none of fourteen can come round twice in one window."""

MOST_OWN = 5
"""Questions in a survey of one's own: it stays a pulse."""

BETWEEN = timedelta(days=14)
"""From one pulse to the next, for one member; waves excepted."""

USUAL_RATE = 0.5
"""The part of the members taken to answer, while nothing is known of earlier surveys."""


@dataclass(frozen=True, slots=True)
class Survey:
    """`items` are ids of the framework of that version; of an own survey, its questions by "q1", "q2", … in `wording`;
    of an event's the one of `knowledge.held.ITEM`.

    `days` is how long it is open; `closes_at` (UTC) stands while it runs. `seed` gives each member their own order.
    `key_mark` recognises the key that its answers are sealed with. `note` is what became of it, "you said, we did".
    """

    id: int
    kind: Kind
    items: tuple[str, ...]
    days: int
    seed: int
    framework: str = ""
    wording: Mapping[str, str] = field(default_factory=dict)
    state: State = State.PLANNED
    least_scores: int = LEAST_SCORES
    least_remarks: int = LEAST_REMARKS
    key_mark: str = ""
    note: str = ""
    planned_by: int | None = None
    opened_at: datetime | None = None
    closes_at: datetime | None = None
    version: int = 0

    @property
    def is_wave(self) -> bool:
        return self.kind in (Kind.BASELINE, Kind.ENDLINE)

    @property
    def at_once(self) -> bool:
        """Whether its items follow one another on one card."""
        return self.kind is not Kind.ROTATION

    def started(self, now: datetime, key_mark: str) -> "Survey":
        if self.state is State.PAUSED:
            # The key must be the one it was begun with: answers sealed with another could not be counted with them.
            if key_mark != self.key_mark:
                raise Refusal("survey.other_key", survey=self.id)
            return replace(self, state=State.RUNNING)
        if self.state is not State.PLANNED:
            raise Refusal(f"survey.is_{self.state}", survey=self.id)
        closes_at = now + timedelta(days=self.days)
        return replace(self, state=State.RUNNING, opened_at=now, closes_at=closes_at, key_mark=key_mark)

    def paused(self) -> "Survey":
        if self.state is not State.RUNNING:
            raise Refusal(f"survey.is_{self.state}", survey=self.id)
        return replace(self, state=State.PAUSED)

    def closed(self, now: datetime) -> "Survey":
        if self.state not in (State.RUNNING, State.PAUSED):
            raise Refusal(f"survey.is_{self.state}", survey=self.id)
        return replace(self, state=State.CLOSED, closes_at=now)

    def extended(self, days: int) -> "Survey":
        if self.state not in (State.RUNNING, State.PAUSED):
            raise Refusal(f"survey.is_{self.state}", survey=self.id)
        assert self.opened_at is not None
        assert self.closes_at is not None
        closes_at = self.closes_at + timedelta(days=days)
        if days < 1 or closes_at - self.opened_at > timedelta(days=LONGEST):
            raise Refusal("survey.days", least=SHORTEST, most=LONGEST)
        return replace(self, closes_at=closes_at, days=self.days + days)

    def noted(self, note: str) -> "Survey":
        if self.state is not State.CLOSED:
            raise Refusal("survey.not_closed", survey=self.id)
        return replace(self, note=note)


def days_of(kind: Kind, days: int | None) -> int:
    """How long a survey is open. Raises Refusal outside `SHORTEST` to `LONGEST`."""
    days = DAYS[kind] if days is None else days
    if not SHORTEST <= days <= LONGEST:
        raise Refusal("survey.days", least=SHORTEST, most=LONGEST)
    return days


@dataclass(frozen=True, slots=True)
class Expected:
    """What a plan will bring: answers to each item, and how far from the truth a share of them may lie.

    `margin` is half the widest Wilson 95 % interval, as a part of 1; None when not one answer is expected.
    `members_needed` are those who would have to be there for `least` answers to each item.
    """

    members: int
    rate: float
    answers: int
    margin: float | None
    members_needed: int


def expected(survey: Survey, members: int, rate: float) -> Expected:
    """Rounded down: a plan should not promise. `rate` is the part of the members who answer what they are asked."""
    per_member = 1.0 if survey.at_once else survey.days / BETWEEN.days / len(survey.items)
    answers = math.floor(members * per_member * rate + 1e-9)
    needed = math.ceil(survey.least_scores / (per_member * rate) - 1e-9) if rate else 0
    return Expected(members, rate, answers, margin(answers), needed)


def margin(answers: int) -> float | None:
    """Half the Wilson 95 % interval of a share of one half, where it is widest: z / (2 √(n + z²)).

    E. B. Wilson, Probable inference, Journal of the American Statistical Association 22 (1927). None without answers.
    """
    if answers < 1:
        return None
    z = NormalDist().inv_cdf(0.975)
    return z / (2 * math.sqrt(answers + z * z))
