"""Who the page opens with, when its address names nobody."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.web.ports import Profile
from knowledge.people import Role

P = TypeVar("P", bound=Profile)


def first_three(people: Sequence[P]) -> list[P]:
    """A member in Suva, an expert in Dakar and the facilitator, or those who come nearest.

    Fewer than three only when there are fewer people. Of equals, the first.
    """
    chosen: list[P] = []

    def choose(*wishes: Callable[[P], bool]) -> None:
        # Earlier wishes outweigh all later ones together: tuples of booleans compare in that order.
        left = [person for person in people if person not in chosen]
        if left:
            chosen.append(max(left, key=lambda person: tuple(wish(person) for wish in wishes)))

    choose(
        lambda person: not person.roles,
        lambda person: person.time_zone == "Pacific/Fiji",
        lambda person: "suva" in person.office.lower(),
        lambda person: person.region == "asia-pacific",
        lambda person: person.language == "en",
    )
    choose(
        lambda person: Role.EXPERT in person.roles,
        lambda person: person.time_zone == "Africa/Dakar",
        lambda person: "dakar" in person.office.lower(),
        lambda person: person.region == "africa",
        lambda person: person.region != chosen[0].region,
    )
    choose(
        lambda person: Role.FACILITATOR in person.roles,
        lambda person: Role.MODERATOR in person.roles,
        lambda person: Role.KM_TEAM in person.roles,
        lambda person: not person.roles,
    )
    return chosen
