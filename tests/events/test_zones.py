"""Which zone a place means: in three languages, and asked about where it may be several."""

import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from knowledge import zones
from knowledge.places import LANGUAGES

DATA = tomllib.loads((Path(zones.__file__).parent / "zones.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("zone", [*DATA["places"], *sorted({one for each in DATA["letters"].values() for one in each})])
def test_every_zone_of_the_data_is_one_of_the_tz_database(zone: str) -> None:
    assert ZoneInfo(zone)
    assert zones.known(zone)


def test_every_place_of_the_data_means_its_zone_in_each_language() -> None:
    for zone, places in DATA["places"].items():
        for place in places:
            names = place.split("|")
            assert len(names) in (1, len(LANGUAGES))
            for name in names:
                assert any(zones.same_clock(found, zone) for found in zones.zones_of(name)), name
        assert [zones.city(zone, language) for language in LANGUAGES] == (places[0].split("|") * 3)[:3]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Geneva", ["Europe/Zurich"]),
        ("genève", ["Europe/Zurich"]),
        ("Ginebra", ["Europe/Zurich"]),
        ("Geneva time", ["Europe/Zurich"]),
        ("heure de Nairobi", ["Africa/Nairobi"]),
        ("hora de Bogotá", ["America/Bogota"]),
        ("Nueva York", ["America/New_York"]),
        ("Suva", ["Pacific/Fiji"]),
        ("Kenya", ["Africa/Nairobi"]),
        ("Asia/Calcutta", ["Asia/Kolkata"]),
        ("UTC+3", ["Etc/GMT-3"]),
        ("GMT-5", ["Etc/GMT+5"]),
        ("utc", ["UTC"]),
        ("CET", ["Europe/Zurich"]),
        ("cst", []),
        ("UTC+99", []),
        ("Atlantis", []),
        ("", []),
        ("x" * 500, []),
    ],
)
def test_a_place_means_its_zone(said: str, found: list[str]) -> None:
    assert zones.zones_of(said) == found


@pytest.mark.parametrize("said", ["CST", "IST", "BST", "Brazil", "Australia", "San José", "United States"])
def test_what_may_be_several_zones_is_not_chosen_between(said: str) -> None:
    assert len(zones.zones_of(said)) > 1


def test_a_zone_is_called_in_the_readers_language() -> None:
    assert [zones.city("Asia/Shanghai", language) for language in LANGUAGES] == ["Beijing", "Pékin", "Pekín"]
    assert zones.city("Etc/GMT-3", "en") == "UTC+3"
    assert zones.city("Etc/GMT+5", "en") == "UTC−5"
    assert zones.city("UTC", "fr") == zones.city("Nowhere/Atall", "fr") == "UTC"
