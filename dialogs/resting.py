"""The commands by which people say how much may come to them, and the desk sees how it is spread."""

import re
from datetime import datetime, time, timedelta

from dialogs.commands import Argument, command, number
from dialogs.composing import Values, Words, words_for
from dialogs.message import Entry, Message
from dialogs.ports import Desk
from knowledge import resting
from knowledge.errors import Refusal
from knowledge.hours import zone_of
from knowledge.notices import Notice
from knowledge.people import DESK, Person, Role

HELPERS = DESK | {Role.EXPERT, Role.MODERATOR}


@command("away", Argument.UNTIL, fr="absent absente", es="ausente", roles=HELPERS)
def away(desk: Desk, person: Person, until: str) -> list[Notice]:
    return resting.away(desk, person, _moment(desk, person, until))


@command("snooze", Argument.DAYS, fr="pause", es="pausa", roles=HELPERS)
def snooze(desk: Desk, person: Person, days: str) -> list[Notice]:
    wanted = number(days.split()[0])
    if wanted is None:
        raise Refusal("away.unclear", said=days[:40])
    return resting.away(desk, person, desk.now + timedelta(days=min(wanted, 10_000)))


@command("back", fr="retour", es="vuelvo", roles=HELPERS)
def back(desk: Desk, person: Person) -> list[Notice]:
    return resting.back(desk, person)


@command("cap", Argument.DAYS, fr="plafond", es="tope", roles=HELPERS)
def cap(desk: Desk, person: Person, days: str) -> list[Notice]:
    wanted = number(days.split()[0])
    if wanted is None:
        raise Refusal("cap.unclear", said=days[:40])
    return resting.cap(desk, person, wanted)


@command("load", fr="charge", es="carga", roles=DESK, strict=True, reads=True)
def load(desk: Desk, person: Person) -> list[Notice]:
    return resting.spread(desk, person)


_DAY = re.compile(r"(?P<y>\d{4})-(?P<m>\d\d?)-(?P<d>\d\d?)|(?P<d2>\d\d?)[./](?P<m2>\d\d?)[./](?P<y2>\d{4})")


def _moment(desk: Desk, person: Person, until: str) -> datetime:
    """The beginning of a day, by the person's own clock: "2026-12-20", "20.12.2026" or "20/12/2026"."""
    said = re.sub(r"^\s*(until|till|jusqu.au|hasta( el)?)\s+", "", until.strip(), flags=re.IGNORECASE)
    found = _DAY.fullmatch(said)
    try:
        assert found is not None
        year, month, day = (int(found[name] or found[f"{name}2"]) for name in "ymd")
        return datetime.combine(datetime(year, month, day).date(), time(), zone_of(person.time_zone))  # noqa: DTZ001
    except (AssertionError, ValueError, OverflowError):
        raise Refusal("away.unclear", said=until[:40]) from None


@words_for("load.spread")
def _spread(words: Words, values: Values) -> Message:
    say = words.say
    if not values["people"]:
        return Message(say("load.none"))
    top = values["top"]
    return Message(
        title=say("load.title"),
        text=say("load.none_taken") if top is None else say("load.top", percent=round(100 * top)),
        entries=tuple(
            Entry(
                title=name,
                text=say("load.entry", offers=carried.offers, taken=carried.taken, minutes=round(minutes)),
            )
            for name, carried, minutes in values["people"]
        ),
    )
