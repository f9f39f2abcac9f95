"""What the community already answered."""

from dataclasses import dataclass
from datetime import datetime

from knowledge.places import Audience


@dataclass(frozen=True, slots=True)
class Item:
    """A knowledge item: a question and its answer, curated, without identities.

    `network` is set when the audience is that sub-network alone. `created_at` is UTC.
    """

    id: int
    key: str
    question: str
    answer: str
    language: str
    topics: tuple[str, ...]
    audience: Audience
    network: int | None
    region: str
    created_at: datetime
