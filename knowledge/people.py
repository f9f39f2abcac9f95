"""The people of the community, and what each may do where."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from knowledge.places import Audience


class Role(StrEnum):
    """Roles are sets scoped to a place, not a ladder."""

    MEMBER = "member"
    EXPERT = "expert"
    MODERATOR = "moderator"
    FACILITATOR = "facilitator"
    KM_TEAM = "km-team"


HELPS = ("questions", "peer-assist", "mentoring", "speaking", "review")
"""Ways in which somebody can help."""

FORGOTTEN = "forgotten"
"""Begins the key of whoever was forgotten."""

DESK = frozenset({Role.FACILITATOR, Role.KM_TEAM})
"""Who looks after questions that found nobody."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in a network; `network` None means everywhere."""

    role: Role
    network: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the bot knows.

    `language` is the one they read the bot in (en, fr, es); `speaks` are the languages they can answer in.
    `reach` is the narrowest audience they belong to as staff: UNDP staff read UNDP and wider, One UN
    colleagues read One UN and wider, invited externals read what is public.
    `reachable` is False when no channel knows a conversation with them: nothing can be offered to them.
    `supervisor` is whom they said is theirs, for the bot alone. `away_until` (UTC) and `weekly_cap` (offers in seven
    days, None = as the KM team set it) are what they chose for themselves. `blocked_for` is the question for which the
    desk keeps them from writing to others, None for nobody else. `forgotten` is left of whoever wanted that: nobody.
    `connector` is whether they agreed to be named where a report says who connects others.
    `leaving` are those of whom the KM team said so: they are asked no more. `listed` lets colleagues find them by
    what they know. `interests` are topics they want to hear of, `helps` the ways in which they can help (`HELPS`),
    `quiet` their own quiet hours as "20:00-07:00", "none" for none, "" as the KM team set them.
    """

    id: int
    name: str
    language: str = "en"
    speaks: tuple[str, ...] = ("en",)
    time_zone: str = "UTC"
    region: str = "global"
    office: str = ""
    reach: Audience = Audience.UNDP
    topics: tuple[str, ...] = ()
    about: str = ""
    networks: frozenset[int] = frozenset()
    grants: frozenset[Grant] = frozenset()
    reachable: bool = True
    supervisor: int | None = None
    away_until: datetime | None = None
    weekly_cap: int | None = None
    blocked_for: int | None = None
    forgotten: bool = False
    connector: bool = False
    leaving: bool = False
    listed: bool = False
    interests: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    quiet: str = ""

    def has_somewhere(self, *roles: Role) -> bool:
        """Whether they hold one of the roles, anywhere. Everybody is a member."""
        return Role.MEMBER in roles or any(grant.role in roles for grant in self.grants)

    def may_read(self, audience: Audience, network: int | None = None) -> bool:
        """Whether something kept for that audience (of that network) may be shown to them."""
        if audience is Audience.PRIVATE:
            return False
        if audience is Audience.SUB_NETWORK:
            return network is not None and network in self.networks
        return audience >= self.reach

    def may_be_asked_by(self, asker: "Person") -> bool:
        """Whether a question of the asker may be brought to them: it stays within the asker's own circle."""
        free = self.reachable and self.blocked_for is None and not self.leaving
        return self.id != asker.id and free and self.may_read(asker.reach)
