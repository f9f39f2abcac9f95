"""What evaluations and interviews found about an item of the framework."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Source(StrEnum):
    EVALUATION = "evaluation"
    INTERVIEW = "interview"


@dataclass(frozen=True, slots=True)
class Finding:
    """`held_on` is the day it was said or written, by nobody's clock in particular; `by` entered it, `at` (UTC)."""

    id: int
    framework: str
    item: str
    kind: Source
    place: str
    held_on: date
    text: str
    by: int
    at: datetime
    retracted: bool = False
