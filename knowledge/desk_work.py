"""What the people of a desk leave behind: notes to each other, and the last command of each, to be undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Note:
    """What `author` (a person's id) wrote about a question to the desk of `network`, None for that of no network."""

    question: int
    author: int
    network: int | None
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """The last command of the desk that `person` used: its name, what about (as in `knowledge.audit.Entry`), when
    (UTC), and how things stood `before` (JSON-ready), None where it cannot be undone."""

    person: int
    action: str
    about: str
    at: datetime
    before: Mapping[str, Any] | None = None
