"""The people of the community, and what each may do where."""

from dataclasses import dataclass
from enum import StrEnum

from knowledge.places import Audience


class Role(StrEnum):
    """Roles are sets scoped to a place, not a ladder."""

    MEMBER = "member"
    EXPERT = "expert"
    MODERATOR = "moderator"
    FACILITATOR = "facilitator"
    KM_TEAM = "km-team"


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
    """

    id: int
    name: str
    language: str = "en"
    speaks: tuple[str, ...] = ("en",)
    time_zone: str = "UTC"
    region: str = "global"
    reach: Audience = Audience.UNDP
    topics: tuple[str, ...] = ()
    about: str = ""
    networks: frozenset[int] = frozenset()
    grants: frozenset[Grant] = frozenset()
    reachable: bool = True

    def has(self, role: Role, network: int | None = None) -> bool:
        """Whether they hold the role everywhere, or in that network. Everybody is a member."""
        return (
            role is Role.MEMBER
            or Grant(role) in self.grants
            or (network is not None and Grant(role, network) in self.grants)
        )

    def has_somewhere(self, role: Role) -> bool:
        return role is Role.MEMBER or any(grant.role is role for grant in self.grants)

    def may_read(self, audience: Audience, network: int | None = None) -> bool:
        """Whether something kept for that audience (of that network) may be shown to them."""
        if audience is Audience.PRIVATE:
            return False
        if audience is Audience.SUB_NETWORK:
            return network is not None and network in self.networks
        return audience >= self.reach
