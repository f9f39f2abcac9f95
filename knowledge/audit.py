"""What is written down of privileged actions."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One privileged action: who (a person's id), the command's name, what about ("question:12", "" for nothing), when
    (UTC), and the reason they gave where one is asked for."""

    person: int
    action: str
    about: str
    at: datetime
    reason: str = ""
