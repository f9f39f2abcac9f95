"""Reads an event out of natural words in English, French and Spanish: "webinar on anticipatory action, 14 March 15:00
Geneva, 90 min, for crisis network".

Each part is looked for by its own words, taken out, and what is left is the title. What may mean several things is
asked about, never guessed: `Several` gives the same line with what was meant in the place of what was said.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import dateparser
from babel import Locale
from babel.dates import format_date

from dialogs.commands import language_of
from knowledge import zones
from knowledge.errors import Choice, Refusal, Several
from knowledge.event import Kind
from knowledge.places import LANGUAGES, Audience
from knowledge.text import clean, plain

_I = re.IGNORECASE
_KINDS = {
    Kind.WEBINAR: r"webinars?|webinaires?|webinarios?|seminarios? web",
    Kind.BBL: r"bbl|brown bag(?: lunch)?|midi[- ]causerie|almuerzo de trabajo|charla de mediod[ií]a",
    Kind.LAB: r"labs?|hands[- ]on labs?|labo(?:ratoire)?|laboratorios?|taller pr[aá]ctico|atelier pratique",
    Kind.CONSULTATION: r"consultations?|consultas?",
    Kind.LEARNING: r"learning events?|trainings?|formations?|capacitaci[oó]n|evento de aprendizaje",
    Kind.FACE_TO_FACE: r"face[- ]to[- ]face|in[- ]person meeting|pr[eé]sentiel|en pr[eé]sentiel|presencial",
    Kind.OTHER: r"events?|meetings?|[eé]v[eé]nements?|r[eé]unions?|eventos?|reuni[oó]n",
}
_AUDIENCES = {
    Audience.UNDP: ("undp", "pnud", "all undp", "tout le pnud", "todo el pnud"),
    Audience.ONE_UN: ("one un", "one un colleagues", "une seule onu", "una onu", "toute l onu", "toda la onu"),
    Audience.PUBLIC: ("everybody", "public", "the public", "le public", "tous", "todo el mundo", "el publico"),
}
_LINK = re.compile(r"https://\S+|http://\S+", _I)
_ALL_DAY = re.compile(r"\b(?:all[- ]day|toute la journ[eé]e|todo el d[ií]a)\b", _I)
_SEATS = re.compile(
    r"\b(?:max(?:imum|\.)?|up to|jusqu['’][aà]|hasta|m[aá]x(?:imo|\.)?)?\s*(\d{1,6})\s*"
    r"(?:seats?|places?|plazas?|participants?|participantes?|people|personnes|personas|asientos?)\b(?:\s*max(?:imum)?)?",
    _I,
)
_FOR = r"(?:(?:for|lasting|during|pendant|dur[eé]e|durante|de|d['’])\s+)?"
_LENGTH = re.compile(
    rf"\b{_FOR}(?:(?P<hours>\d{{1,2}}(?:[.,]\d)?)\s*(?:h|hours?|hrs?|heures?|horas?)(?:\s*(?P<more>\d{{1,2}}))?"
    r"(?:\s*(?:min(?:utes?|utos?)?|mn|m))?|(?P<minutes>\d{1,4})\s*(?:min(?:utes?|utos?)?|mn)|"
    r"(?P<days>\d{1,2})\s*(?:days?|jours?|d[ií]as?))\b",
    _I,
)
_AT = r"(?:(?:at|from|kl|[aà]|de|d[eè]s|a\s+las?|desde\s+las?|a\s+partir\s+de)\s+)?"
_CLOCK = r"(\d{1,2})(?::|[.](?=\d\d\b)|\s?[hH]\s?)(\d{2})(?:\s*(am\b|pm\b|a\.m\.|p\.m\.))?"
_HOUR = r"(\d{1,2})\s*(am\b|pm\b|a\.m\.|p\.m\.)"
_TO = r"\s*(?:-|–|—|to|until|till|[aà]|jusqu['’][aà]|a\s+las?|hasta\s+las?)\s*"
_TIMES = (
    re.compile(rf"\b{_AT}{_CLOCK}(?:{_TO}{_CLOCK})?(?![\d/])", _I),
    re.compile(rf"\b{_AT}{_HOUR}(?![\d/])", _I),
    re.compile(
        r"\b(?:(?:[aà]|at|a\s+las?|d[eè]s)\s+)(\d{1,2})\s*(?:h(?:eures?|oras?)?\b|o['’]clock\b)?(?![\d/:.])", _I
    ),
    # Before seven it is rather how long something takes.
    re.compile(r"\b([7-9]|1\d|2[0-3])\s*h(?:eures?)?\b(?!\s*\d)", _I),
)
_NOON = re.compile(r"\b(?:at\s+)?(?:noon|midday)\b|\b(?:[aà]\s+)?midi\b(?!-)|\b(?:al\s+)?mediod[ií]a\b", _I)
_BUT = r"(?:on\s+|le\s+|el\s+(?:d[ií]a\s+)?|this\s+|ce\s+|este\s+)?"
_EVERY = re.compile(
    r"\b(?P<every>every|each|chaque|tou(?:s|tes)\s+les|cada|todos\s+los|todas\s+las)\s+"
    r"(?:(?P<many>\d{1,2}|two|second|other|deux|dos)\s+)?(?P<unit>[^\W\d_]+)|"
    r"\b(?P<word>daily|weekly|fortnightly|biweekly|monthly|yearly|quotidien(?:ne)?|hebdomadaire|mensuel(?:le)?|diario|"
    r"semanal|mensual|anual)\b",
    _I,
)
_TIMES_OVER = re.compile(r"\b(\d{1,3})\s*(?:times|fois|veces)\b", _I)
_UNTIL = r"\b(?:until|till|jusqu['’](?:au|[aà])|hasta(?:\s+el)?)\s+"
_UNITS = {
    "DAILY": "day days daily jour jours quotidien quotidienne dia dias diario".split(),
    "WEEKLY": "week weeks weekly semaine semaines hebdomadaire semana semanas semanal".split(),
    "MONTHLY": "month months monthly mois mensuel mensuelle mes meses mensual".split(),
    "YEARLY": "year years yearly an ans annee annees ano anos anual".split(),
}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_TWO = ("two", "second", "other", "deux", "dos")
_PIECES = re.compile(r"\s*[,;\n]\s*")
_NETWORK = re.compile(
    r"(?:for|pour|para)\s+(?:the\s+|le\s+|la\s+|les\s+|el\s+)?(?:network\s+|r[eé]seau\s+|red\s+(?:de\s+|del\s+)?)?"
    r"(?P<name>.+?)(?:\s+network)?$",
    _I,
)
_WITH = re.compile(r"(?:with|speakers?:?|avec|intervenant(?:e|s|es)?\s*:?|con|ponentes?:?)\s+(?P<names>.+)", _I)
_PRIORITY = re.compile(r"(?:priority|priorit[eé]|prioridad)\s*:?\s+(?P<tag>.+)", _I)
_PLACE = re.compile(
    r"(?:place|venue|lieu|lugar|room|salle|sala|at the|[aà] la salle|en la sala)\b\s*:?\s*(?P<place>.+)", _I
)
_SPOKEN = re.compile(r"(?:in|en|in the)\s+(?P<language>\w+)$", _I)
_ON = re.compile(r"^(?:on|about|sur|sobre|:|-|–|de|d['’])\s*(?:the\s+topic\s+of\s+)?", _I)
_LOOSE = re.compile(r"(?:\s+(?:on|at|in|from|for|le|la|[aà]|de|en|el|a|y|and|et|pour|para|—|–|-))+$", _I)


@dataclass(frozen=True, slots=True)
class Said:
    """What a line says of an event; None and "" where it says nothing. `start` is a wall time, its date alone where
    `timed` is False. `network` are words for one. `zone_said` are the words that named the zone."""

    title: str = ""
    kind: Kind | None = None
    day: date | None = None
    at: time | None = None
    zone: str = ""
    zone_said: str = ""
    minutes: int | None = None
    all_day: bool = False
    place: str = ""
    link: str = ""
    network: str = ""
    audience: Audience | None = None
    capacity: int | None = None
    priority: str = ""
    speakers: tuple[str, ...] = ()
    language: str = ""
    rule: str = ""
    description: str = ""


def read(text: str, today: datetime, reader: str, *, part: bool = False) -> Said:
    """What a line says. `today` is the wall time of whoever says it, `reader` their language, in which choices are
    named. Of a `part` that changes an event nothing needs to be its title. Raises Several for a date or a zone that may
    be one of some, Refusal for one that is none."""
    first, _, rest = clean(text).partition("\n")
    said = Said(description=rest.strip())
    said, left = _link(said, first)
    said, left = _repeats(said, left, today, reader)
    left, said = _cut(_ALL_DAY, left, said, all_day=True)
    found = _SEATS.search(left)
    if found:
        said, left = replace(said, capacity=int(found[1])), _without(left, found)
    said, left = _time(said, left)
    said, left = _length(said, left)
    day, left = _day(left, today, reader)
    said = replace(said, day=day)
    said, pieces = _pieces(said, [piece for piece in _PIECES.split(left) if piece.strip(" .()")], reader, part)
    return _named(said, pieces)


def prepare() -> None:
    """Reads the names of places and the words of dates, which takes a second or two, before somebody has to wait."""
    read("call, Friday 20 March 10:00 Geneva", datetime.fromisoformat("2026-03-02"), "en")


def moment(text: str, today: datetime, reader: str) -> Said:
    """Of a line that says no more than when: day, time, zone, length. Raises as `read` does."""
    return read(text, today, reader, part=True)


def kind_of(title: str) -> Kind | None:
    """The kind that a title names itself by: "Webinar on …"."""
    return _named(Said(), [title]).kind


def a_day(text: str, today: datetime, reader: str) -> tuple[date | None, str]:
    """The first day that a text names, None for none, and the text without it."""
    return _day(text, today, reader)


def span(text: str, today: datetime) -> tuple[date, date] | None:
    """The days from and up to (not included) that words for a stretch of time mean: "next week", "this month", "14
    March", "tomorrow"; None for other words."""
    stretch = next((name for name, known in _STRETCHES.items() if plain(text) in known), "")
    day = today.date()
    monday = day - timedelta(days=day.weekday())
    month = day.replace(day=1)
    following = (month + timedelta(days=32)).replace(day=1)
    match stretch:
        case "this week":
            return monday, monday + timedelta(days=7)
        case "next week":
            return monday + timedelta(days=7), monday + timedelta(days=14)
        case "this month":
            return month, following
        case "next month":
            return following, (following + timedelta(days=32)).replace(day=1)
    try:
        found, left = _day(text, today, "en")
    except Refusal:
        return None
    return (found, found + timedelta(days=1)) if found and not left.strip(" ,") else None


_STRETCHES = {
    "this week": ("this week", "cette semaine", "esta semana"),
    "next week": (
        "next week", "semaine prochaine", "la semaine prochaine", "proxima semana", "la proxima semana",
        "semana que viene", "la semana que viene",
    ),
    "this month": ("this month", "ce mois", "ce mois ci", "este mes"),
    "next month": (
        "next month", "mois prochain", "le mois prochain", "proximo mes", "el proximo mes", "mes que viene",
        "el mes que viene",
    ),
}  # fmt: skip


# Parts


def _link(said: Said, line: str) -> tuple[Said, str]:
    found = _LINK.search(line)
    if found is None:
        return said, line
    return replace(said, link=found[0].rstrip(".,;)")), _without(line, found)


def _cut(pattern: re.Pattern[str], line: str, said: Said, **told: object) -> tuple[str, Said]:
    found = pattern.search(line)
    return (_without(line, found), replace(said, **told)) if found else (line, said)  # type: ignore[arg-type]


def _without(line: str, found: re.Match[str]) -> str:
    return f"{line[: found.start()].rstrip()} , {line[found.end() :].lstrip()}"


def _repeats(said: Said, line: str, today: datetime, reader: str) -> tuple[Said, str]:
    found = _EVERY.search(line)
    if found is None:
        return said, line
    unit = plain(found["unit"] or found["word"])
    interval, day = 1, ""
    if found["many"]:
        interval = int(found["many"]) if found["many"].isdecimal() else 2
    if unit in ("fortnightly", "biweekly"):
        unit, interval = "week", 2
    frequency = next((name for name, words in _UNITS.items() if unit in words), "")
    if not frequency:
        weekday = _weekdays().get(unit, _weekdays().get(unit.removesuffix("s")))
        if weekday is None:
            return said, line
        frequency, day = "WEEKLY", _DAYS[weekday]
    left = _without(line, found)
    rule = f"FREQ={frequency}" + (f";INTERVAL={interval}" if interval > 1 else "") + (f";BYDAY={day}" if day else "")
    times = _TIMES_OVER.search(left)
    if times:
        rule, left = f"{rule};COUNT={int(times[1])}", _without(left, times)
    until = re.search(_UNTIL, left, _I)
    if until:
        last, rest = _day(left[until.end() :], today, reader)
        if last is not None:
            rule, left = f"{rule};UNTIL={last:%Y%m%d}T235959", f"{left[: until.start()]} , {rest}"
    if day and not _dates(left):
        # "Every Monday" says when it begins, too.
        left = f"{left} , {_next(today, _DAYS.index(day)):%Y-%m-%d}"
    return replace(said, rule=rule), left


def _next(today: datetime, weekday: int) -> date:
    return today.date() + timedelta(days=(weekday - today.weekday()) % 7 or 7)


def _time(said: Said, line: str) -> tuple[Said, str]:
    noon = _NOON.search(line)
    if noon:
        return replace(said, at=time(12)), _without(line, noon)
    for pattern in _TIMES:
        found = pattern.search(line)
        if found is None:
            continue
        parts = [part or "" for part in found.groups()]
        if pattern is _TIMES[1]:
            parts = [parts[0], "00", parts[1]]
        # "1h30" alone is rather how long it takes.
        if re.fullmatch(r"[0-6]\s?h\s?\d{2}", found[0].strip(), _I):
            continue
        begins = _clock(parts[0], parts[1] if len(parts) > 1 else "", parts[2] if len(parts) > 2 else "", found[0])
        minutes = None
        if len(parts) > 3 and parts[3]:
            ends = _clock(parts[3], parts[4], parts[5], found[0])
            minutes = ((ends.hour - begins.hour) * 60 + ends.minute - begins.minute) % (24 * 60) or None
        left = f"{line[: found.start()].rstrip()} , @ {line[found.end() :].lstrip()}"
        return replace(said, at=begins, minutes=minutes), left
    return said, line


def _clock(hours: str, minutes: str, half: str, said: str) -> time:
    hour, minute = int(hours), int(minutes or 0)
    letter = half[:1].lower()
    if letter and not 1 <= hour <= 12:
        raise Refusal("event.time", said=said.strip()[:40])
    if letter:
        hour = hour % 12 + (12 if letter == "p" else 0)
    if hour > 23 or minute > 59:
        raise Refusal("event.time", said=said.strip()[:40])
    return time(hour, minute)


def _length(said: Said, line: str) -> tuple[Said, str]:
    found = _LENGTH.search(line)
    if found is None or said.minutes is not None:
        return said, line
    if found["days"]:
        minutes = int(found["days"]) * 1440
    elif found["minutes"]:
        minutes = int(found["minutes"])
    else:
        minutes = round(float(found["hours"].replace(",", ".")) * 60) + int(found["more"] or 0)
    return replace(said, minutes=minutes), _without(line, found)


def _pieces(said: Said, pieces: list[str], reader: str, part: bool) -> tuple[Said, list[str]]:
    """What a piece between commas is by its first words; those that are nothing of this stay."""
    left = []
    for number, piece in enumerate(pieces):
        after_time, piece = piece.startswith("@"), piece.lstrip("@").strip(" .")
        behind = bool(number or after_time or part)
        if not said.zone and piece and behind:
            zone, rest, words = _zone(piece, reader, begins=after_time)
            if zone:
                said, piece = replace(said, zone=zone, zone_said=words), rest.strip()
        if not piece:
            continue
        told = _told(said, piece) if behind else None
        if told is None:
            left.append(piece)
        else:
            said = told
    return said, left


def _told(said: Said, piece: str) -> Said | None:
    found = _PRIORITY.fullmatch(piece)
    if found:
        return replace(said, priority=found["tag"].strip()[:80])
    found = _NETWORK.fullmatch(piece)
    if found:
        name = found["name"].strip()
        audience = next((one for one, words in _AUDIENCES.items() if plain(name) in words), None)
        return replace(said, audience=audience) if audience else replace(said, network=name[:100])
    found = _WITH.fullmatch(piece)
    if found:
        names = re.split(r"\s+(?:and|et|y|e|&)\s+|\s*/\s*", found["names"])
        return replace(said, speakers=(*said.speakers, *(name.strip()[:100] for name in names if name.strip())))
    found = _SPOKEN.fullmatch(piece)
    if found and language_of(found["language"]):
        return replace(said, language=language_of(found["language"]) or "")
    found = _PLACE.fullmatch(piece)
    if found:
        return replace(said, place=piece[:300])
    return None


def _zone(piece: str, reader: str, *, begins: bool) -> tuple[str, str, str]:
    """The zone a piece names, what is left of the piece, and the words that named it. Only behind the time may more
    follow it."""
    said = re.sub(
        r"^(?:in|at|en|[aà]|au|de|heure\s+(?:de\s+|du\s+|d['’])?|hora\s+(?:de\s+|del\s+)?)\s+", "", piece, flags=_I
    )
    words = said.split()
    lengths = range(min(5, len(words)), 0, -1) if begins else [len(words)] if len(words) <= 5 else []
    for length in lengths:
        name = " ".join(words[:length])
        found = zones.zones_of(name.strip("()"))
        if len(found) > 1:
            raise Several(
                "event.zone_several",
                name,
                [Choice(zones.city(zone, reader), zone, zone) for zone in found[:6]],
            )
        if found:
            rest = " ".join(words[length:])
            return found[0], re.sub(r"^(?:time|heure)\b", "", rest, flags=_I), name
    return "", piece, ""


def _named(said: Said, pieces: list[str]) -> Said:
    """The kind and the title, of what is left."""
    if not pieces:
        return said
    title = _LOOSE.sub("", pieces[0].strip(" .,–-"))
    for kind, words in _KINDS.items():
        found = re.match(rf"(?:an?\s+|un[e]?\s+|el\s+|la\s+|le\s+)?(?:{words})\b[\s:,]*", title, _I)
        if found:
            rest = _LOOSE.sub("", _ON.sub("", title[found.end() :].strip()).strip())
            title = rest or title
            said = replace(said, kind=kind)
            break
    more = [piece for piece in pieces[1:] if piece]
    if not said.place and more:
        # What nothing else claims is where it takes place, as people say it: "Room 5", "UN House".
        said = replace(said, place=", ".join(more)[:300])
    return replace(said, title=title[:1].upper() + title[1:])


# Days

_AHEAD = {
    0: ("today", "aujourd hui", "hoy"),
    1: ("tomorrow", "demain", "manana"),
    2: ("the day after tomorrow", "day after tomorrow", "apres demain", "pasado manana"),
}


@lru_cache(maxsize=1)
def _weekdays() -> dict[str, int]:
    return {
        plain(name): number
        for language in LANGUAGES
        for number, name in Locale.parse(language).days["format"]["wide"].items()
    }


@lru_cache(maxsize=1)
def _date_words() -> re.Pattern[str]:
    months, days = set[str](), set[str]()
    for language in LANGUAGES:
        locale = Locale.parse(language)
        for width in ("wide", "abbreviated"):
            months |= {name.rstrip(".").lower() for name in locale.months["format"][width].values()}
            days |= {name.rstrip(".").lower() for name in locale.days["format"][width].values()}
    months |= {"sept", "fevrier", "aout", "decembre"}
    days |= {"miercoles", "sabado"}
    month = "|".join(sorted(map(re.escape, months), key=len, reverse=True))
    day = "|".join(sorted((re.escape(one) for one in days if len(one) > 2), key=len, reverse=True))
    year = r"(?:,?\s+(?:de\s+|del\s+)?(?P<year%d>\d{4}))?"
    lead = rf"(?:(?P<lead>{day})\.?,?\s+(?:the\s+|le\s+)?)?"
    return re.compile(
        rf"\b{_BUT}{lead}(?:"
        r"(?P<iso>\d{4}-\d{2}-\d{2})|"
        r"(?P<one>\d{1,2})[/.](?P<two>\d{1,2})(?:[/.](?P<three>\d{4}|\d{2}))?(?![:\d])|"
        rf"(?P<dm>(?P<d1>\d{{1,2}})(?:er|st|nd|rd|th)?\s+(?:of\s+|de\s+)?(?P<m1>{month})\b\.?{year % 1})|"
        rf"(?P<md>(?P<m2>{month})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b{year % 2})|"
        r"(?P<rel>the day after tomorrow|day after tomorrow|tomorrow|today|apr[eè]s-demain|demain|aujourd['’]hui|"
        r"pasado ma[nñ]ana|ma[nñ]ana|hoy)|"
        r"(?P<span>in\s+\S+\s+(?:days?|weeks?|months?)|dans\s+\S+\s+(?:jours?|semaines?|mois)|"
        r"en\s+\S+\s+(?:d[ií]as?|semanas?|mes(?:es)?))|"
        rf"(?:(?P<next>next|prochain|pr[oó]ximo)\s+)?(?P<wd>{day})(?:\s+(?P<after>prochain|pr[oó]ximo|que viene))?\b"
        r")",
        _I,
    )


def _dates(line: str) -> re.Match[str] | None:
    return _date_words().search(line)


def _day(line: str, today: datetime, reader: str) -> tuple[date | None, str]:
    """The first day that a line names, and the line without it."""
    found = _dates(line)
    if found is None:
        return None, line
    left = _without(line, found)
    words = found[0].strip()
    if found["iso"]:
        try:
            return date.fromisoformat(found["iso"]), left
        except ValueError:
            raise Refusal("event.date", said=words[:40]) from None
    if found["one"]:
        return _numbers(found, today, reader), left
    if found["wd"]:
        # "Next Tuesday" said on a Monday is tomorrow to some and in eight days to others: the nearest one, shown with
        # its date.
        weekday = _weekdays().get(plain(found["wd"]))
        named = weekday if weekday is not None else _short_day(plain(found["wd"]))
        return _next(today, named), left
    if found["rel"]:
        ahead = next(days for days, words_of in _AHEAD.items() if plain(found["rel"]) in words_of)
        return today.date() + timedelta(days=ahead), left
    said = found["dm"] or found["md"] or found["span"]
    parsed = dateparser.parse(
        said,
        languages=["en", "fr", "es"],
        settings={"RELATIVE_BASE": today, "PREFER_DATES_FROM": "future", "DATE_ORDER": "DMY"},
    )
    if parsed is None:
        raise Refusal("event.date", said=words[:40])
    day = parsed.date()
    if found["lead"]:
        _agrees(found["lead"], day, words, reader)
    return day, left


def _short_day(word: str) -> int:
    for name, number in _weekdays().items():
        if name.startswith(word):
            return number
    raise Refusal("event.date", said=word)


def _agrees(weekday: str, day: date, words: str, reader: str) -> None:
    """Raises Refusal where the weekday that was said is not that day's."""
    said = _weekdays().get(plain(weekday))
    if (said if said is not None else _short_day(plain(weekday))) != day.weekday():
        shown = format_date(day, "EEEE d MMMM y", locale=reader)
        raise Refusal("event.weekday", said=words[:60], day=shown)


def _numbers(found: re.Match[str], today: datetime, reader: str) -> date:
    """ "3/4" may be two days; "14/3" is one."""
    one, two = int(found["one"]), int(found["two"])
    year = int(found["three"] or today.year)
    year += 2000 if year < 100 else 0
    days = []
    for day, month in ((one, two), (two, one)):
        try:
            at = date(year, month, day)
        except ValueError:
            continue
        if not found["three"] and at < today.date():
            at = at.replace(year=year + 1, day=min(day, 28) if (month, day) == (2, 29) else day)
        if at not in days:
            days.append(at)
    words = found[0].strip()
    if not days:
        raise Refusal("event.date", said=words[:40])
    if len(days) > 1:
        choices = [Choice(format_date(at, "d MMMM y", locale=reader), "", at.isoformat()) for at in days]
        raise Several("event.date_several", words, choices)
    return days[0]
