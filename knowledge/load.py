"""What each expert carried lately, and how much more may come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from knowledge.people import Person, Role

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Carried:
    """Offers brought to a person in the last seven days, and how many of them were taken."""

    offers: int = 0
    taken: int = 0


NOTHING = Carried()


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much may be asked of people; every number is a setting.

    The proposal asks for 5 to 10 % of an expert's time and 15 to 20 % of a moderator's; `week_hours` is a full week.
    """

    weekly_cap: int = 3
    expert_share: float = 0.05
    moderator_share: float = 0.15
    week_hours: float = 40
    minutes_to_read: float = 5
    minutes_to_answer: float = 30

    def minutes(self, carried: Carried) -> float:
        """What was asked of somebody's week, as a plain estimate."""
        return carried.offers * self.minutes_to_read + carried.taken * self.minutes_to_answer

    def full(self, person: Person, carried: Carried) -> bool:
        """Whether one more offer would be too many this week."""
        cap = self.weekly_cap if person.weekly_cap is None else person.weekly_cap
        share = self.moderator_share if person.has_somewhere(Role.MODERATOR) else self.expert_share
        return carried.offers >= cap or self.minutes(carried) + self.minutes_to_read > share * self.week_hours * 60


def share_of_top(carried: Mapping[int, Carried], most: int = 5) -> float | None:
    """Which part of all questions taken lies with the `most` who took most, 0..1; None when none was taken."""
    taken = sorted((one.taken for one in carried.values()), reverse=True)
    return sum(taken[:most]) / sum(taken) if sum(taken) else None
