"""The words in which an asker lets others read a question and answer it."""

from dataclasses import dataclass
from datetime import datetime

from knowledge.places import Audience

LONGEST = 400
"""Characters: what stands in a digest whole, and is read on a phone at a glance."""


def key(opening: int) -> str:
    """How it is called among the candidates of a digest."""
    return f"voices:{opening}"


@dataclass(frozen=True, slots=True)
class Opening:
    """A wording of `question` for whoever may read `audience` (of `network`). It is never changed: other words, or
    another circle, are another opening, to which its asker says yes anew. Which one holds, if any, is the question's
    to say. `at` (UTC) is when its asker last said yes to it, None as long as they only looked."""

    id: int
    question: int
    text: str
    audience: Audience
    network: int | None = None
    at: datetime | None = None
