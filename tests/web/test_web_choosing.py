"""Who the page opens with."""

import pytest

from bot.web.choosing import first_three
from knowledge.people import Role
from storage.web import Profile


def somebody(
    number: int, *roles: Role, zone: str = "UTC", region: str = "global", office: str = "", language: str = "en"
) -> Profile:
    return Profile(number, f"Person {number}", language, region, office, zone, True, roles)


MEMBER = somebody(1)
SUVA = somebody(2, zone="Pacific/Fiji", region="asia-pacific", office="Suva, Fiji")
SAMOA = somebody(3, zone="Pacific/Apia", region="asia-pacific")
EXPERT_IN_SUVA = somebody(4, Role.EXPERT, zone="Pacific/Fiji", region="asia-pacific")
DAKAR = somebody(5, Role.EXPERT, zone="Africa/Dakar", region="africa")
NAIROBI = somebody(6, Role.EXPERT, zone="Africa/Nairobi", region="africa")
FACILITATOR = somebody(7, Role.FACILITATOR)
MODERATOR = somebody(8, Role.MODERATOR)
KM = somebody(9, Role.KM_TEAM)


@pytest.mark.parametrize(
    ("people", "chosen"),
    [
        ([MEMBER, EXPERT_IN_SUVA, KM, SUVA, NAIROBI, DAKAR, MODERATOR, FACILITATOR], [SUVA, DAKAR, FACILITATOR]),
        ([MEMBER, SAMOA, EXPERT_IN_SUVA, NAIROBI, MODERATOR, KM], [SAMOA, NAIROBI, MODERATOR]),
        ([MEMBER, EXPERT_IN_SUVA, KM], [MEMBER, EXPERT_IN_SUVA, KM]),
        ([SAMOA, SUVA, MEMBER], [SUVA, MEMBER, SAMOA]),
        ([DAKAR, NAIROBI, EXPERT_IN_SUVA], [EXPERT_IN_SUVA, DAKAR, NAIROBI]),
        ([MEMBER], [MEMBER]),
        ([], []),
    ],
)  # fmt: skip
def test_the_page_opens_with_a_member_an_expert_and_a_facilitator_or_whoever_comes_nearest(
    people: list[Profile], chosen: list[Profile]
) -> None:
    assert first_three(people) == chosen
