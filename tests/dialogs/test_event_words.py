"""An event read out of natural words, in three languages; what may mean several things is asked about."""

from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.event_words import Said, read, span
from knowledge.errors import Refusal, Several
from knowledge.event import Kind
from knowledge.places import Audience

MONDAY = datetime.fromisoformat("2026-03-02 10:00")

LINES: dict[str, dict[str, Any]] = {
    "webinar on anticipatory action, 14 March 15:00 Geneva, 90 min, for crisis network": {
        "title": "Anticipatory action", "kind": Kind.WEBINAR, "day": date(2026, 3, 14), "at": time(15),
        "zone": "Europe/Zurich", "zone_said": "Geneva", "minutes": 90, "network": "crisis",
    },
    "webinaire sur l’action anticipatoire, samedi 14 mars à 15 h, heure de Genève, 1 h 30, pour le réseau crises": {
        "title": "L’action anticipatoire", "kind": Kind.WEBINAR, "day": date(2026, 3, 14), "at": time(15),
        "zone": "Europe/Zurich", "zone_said": "heure de Genève", "minutes": 90, "network": "crises",
    },
    "seminario web sobre acción anticipatoria, el 14 de marzo a las 15:00 hora de Ginebra, 90 minutos, para la red de"
    " crisis": {
        "title": "Acción anticipatoria", "kind": Kind.WEBINAR, "day": date(2026, 3, 14), "at": time(15),
        "zone": "Europe/Zurich", "zone_said": "hora de Ginebra", "minutes": 90, "network": "crisis",
    },
    "BBL: How we write project documents, next Tuesday at noon New York, room 5": {
        "title": "How we write project documents", "kind": Kind.BBL, "day": date(2026, 3, 3), "at": time(12),
        "zone": "America/New_York", "zone_said": "New York", "place": "room 5",
    },
    "lab on data tomorrow at 3pm in Nairobi for 2 hours": {
        "title": "Data", "kind": Kind.LAB, "day": date(2026, 3, 3), "at": time(15), "zone": "Africa/Nairobi",
        "zone_said": "Nairobi", "minutes": 120,
    },
    "face-to-face retreat, 13/4/2026 09:00-17:00 Bangkok, https://un.org/x, max 20 people, for One UN": {
        "title": "Retreat", "kind": Kind.FACE_TO_FACE, "day": date(2026, 4, 13), "at": time(9), "minutes": 480,
        "zone": "Asia/Bangkok", "zone_said": "Bangkok", "link": "https://un.org/x", "capacity": 20,
        "audience": Audience.ONE_UN,
    },
    "consultation on minerals every Monday 10:00 Suva until 30 June, 45 min": {
        "title": "Minerals", "kind": Kind.CONSULTATION, "day": date(2026, 3, 9), "at": time(10),
        "zone": "Pacific/Fiji", "zone_said": "Suva", "minutes": 45,
        "rule": "FREQ=WEEKLY;BYDAY=MO;UNTIL=20260630T235959",
    },
    "formation sur les marchés publics, tous les mardis à 10h Dakar, 4 fois, en français, avec Awa Diop et Luca Faye": {
        "title": "Les marchés publics", "kind": Kind.LEARNING, "day": date(2026, 3, 3), "at": time(10),
        "zone": "Africa/Dakar", "zone_said": "Dakar", "rule": "FREQ=WEEKLY;BYDAY=TU;COUNT=4", "language": "fr",
        "speakers": ("Awa Diop", "Luca Faye"),
    },
    "taller práctico de datos, pasado mañana a las 9:30 Bogotá, 2 horas, prioridad Prevención": {
        "title": "Datos", "kind": Kind.LAB, "day": date(2026, 3, 4), "at": time(9, 30), "zone": "America/Bogota",
        "zone_said": "Bogotá", "minutes": 120, "priority": "Prevención",
    },
    "retreat, 2026-05-04, all day, Bangkok": {
        "title": "Retreat", "day": date(2026, 5, 4), "all_day": True, "zone": "Asia/Bangkok", "zone_said": "Bangkok",
    },
    "meeting on cash 1 March 15:00 UTC": {
        # Without a year it is the next one.
        "title": "Cash", "kind": Kind.OTHER, "day": date(2027, 3, 1), "at": time(15), "zone": "UTC", "zone_said": "UTC",
    },
}  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_line_says_what_people_mean(line: str) -> None:
    assert read(line, MONDAY, "en") == Said(**LINES[line])


@pytest.mark.parametrize(
    ("line", "key", "asked", "meant"),
    [
        ("retreat, 3/4/2026 10:00 Suva", "event.date_several", "3/4/2026", ["2026-04-03", "2026-03-04"]),
        ("retreat, 4/3 10:00 Suva", "event.date_several", "4/3", ["2026-03-04", "2026-04-03"]),
        ("call 14 March 15:00 IST", "event.zone_several", "IST", ["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"]),
        ("call 14 March 15:00 San José", "event.zone_several", "San José",
         ["America/Costa_Rica", "America/Los_Angeles"]),
    ],
)  # fmt: skip
def test_what_may_mean_several_is_asked(line: str, key: str, asked: str, meant: list[str]) -> None:
    with pytest.raises(Several) as several:
        read(line, MONDAY, "en")
    assert (several.value.key, several.value.asked) == (key, asked)
    assert [choice.said for choice in several.value.choices] == meant
    for said in meant:
        # The same line with what was meant is understood.
        assert read(line.replace(asked, said), MONDAY, "en").day


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("call 14 March 25:00 Suva", "event.time"),
        ("call 14 March 13pm Suva", "event.time"),
        ("call 31/31 10:00", "event.date"),
        ("call 2026-02-30 10:00", "event.date"),
        ("call Friday 14 March 15:00", "event.weekday"),
        ("appel lundi 14 mars 15h", "event.weekday"),
    ],
)
def test_what_is_no_time_or_day_is_refused(line: str, key: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(line, MONDAY, "en")
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("next week", ("2026-03-09", "2026-03-16")),
        ("la semaine prochaine", ("2026-03-09", "2026-03-16")),
        ("este mes", ("2026-03-01", "2026-04-01")),
        ("next month", ("2026-04-01", "2026-05-01")),
        ("demain", ("2026-03-03", "2026-03-04")),
        ("14 de marzo", ("2026-03-14", "2026-03-15")),
        ("mine action", None),
        ("31/31", None),
    ],
)
def test_a_stretch_of_time_has_a_first_day_and_one_after_the_last(words: str, days: tuple[str, str] | None) -> None:
    found = span(words, MONDAY)
    assert found == (tuple(map(date.fromisoformat, days)) if days else None)


PIECES = st.lists(
    st.sampled_from(
        "webinar on 14 March 15:00 3pm 15h30 every week until , ; . @ ( ) Geneva IST 3/4 25:00 99/99 -1 min 90 h for"
        " réseau crise seats 0 https://x all day tous les mardis 2026-13-40 1.5 h in two weeks next Tuesday".split()
    ),
    max_size=12,
).map(" ".join)  # fmt: skip


@given(st.one_of(PIECES, st.text(max_size=120)), st.booleans())
def test_whatever_is_said_is_read_or_refused_in_words(line: str, part: bool) -> None:
    # Anything but a Refusal fails it.
    with suppress(Refusal):
        read(line, MONDAY, "fr", part=part)
    with suppress(Refusal):
        span(line, MONDAY)
