"""What kinds of members there are, by what each did in a window. Our own definition, of what the bot can see: J. Preece
and B. Shneiderman's readers, contributors and collaborators (The reader-to-leader framework, AIS Transactions on
Human-Computer Interaction 1, 2009) without leaders, who are known by their roles."""

from dataclasses import dataclass
from enum import StrEnum


class Profile(StrEnum):
    """BOTH asked and helped. READS came, found an earlier answer or read something, and did neither. SILENT did not
    come."""

    BOTH = "both"
    HELPS = "helps"
    ASKS = "asks"
    READS = "reads"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Seen:
    """Who did what in a window, by id, for counting alone: `asked` sent a question, `helped` answered one, `settled`
    found an earlier answer instead, `met` asked and got an answer or gave one. `here` wrote or pressed anything; None
    where nobody noted it at the time."""

    asked: frozenset[int]
    helped: frozenset[int]
    settled: frozenset[int]
    met: frozenset[int]
    here: frozenset[int] | None

    @property
    def active(self) -> frozenset[int]:
        return self.asked | self.helped | self.settled

    def profile(self, person: int) -> Profile:
        if person in self.asked:
            return Profile.BOTH if person in self.helped else Profile.ASKS
        if person in self.helped:
            return Profile.HELPS
        return Profile.READS if person in self.settled or person in (self.here or ()) else Profile.SILENT
