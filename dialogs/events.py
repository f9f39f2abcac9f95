"""The commands of the calendar: making events, looking at them, saying whether one comes, moving and cancelling."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

from dialogs import event_words
from dialogs.commands import Argument, Group, command, number, number_first
from dialogs.event_words import Said
from dialogs.ports import Desk
from knowledge import attending, event_moves, eventing, finding, routing
from knowledge.errors import Refusal
from knowledge.event import LONGEST_LINK, LONGEST_PLACE, LONGEST_TITLE, MOST_SPEAKERS, Event
from knowledge.hours import zone_of
from knowledge.notices import Notice
from knowledge.occurrences import wall_of
from knowledge.people import DESK, Person, Role
from knowledge.rsvp import EVERY, Answer
from knowledge.text import LONGEST_TEXT, clean, plain

_EVENT, _TEXT = Argument.EVENT, Argument.TEXT
MODERATORS = DESK | {Role.MODERATOR}
_FIELDS = (
    Argument.TITLE, Argument.WHEN, Argument.LENGTH, Argument.REPEATS, Argument.NETWORK, Argument.VENUE, Argument.URL,
    Argument.SPEAKERS, Argument.SEATS, Argument.PRIORITY, Argument.ABOUT,
)  # fmt: skip
_KEY = re.compile(r"\b(\d{8}T\d{4})\b")
_YES = re.compile(r"\s*\b(yes|oui|s[ií])\s*$", re.IGNORECASE)
_TO = re.compile(r"^(?:to|on|au|à|al?|para)\s+", re.IGNORECASE)
_ANSWERS = {
    Answer.YES: ("yes", "oui", "si", "coming", "je viens", "voy"),
    Answer.MAYBE: ("maybe", "peut etre", "quizas", "quiza", "tal vez"),
    Answer.NO: ("no", "non"),
}
_SHOWN = {"named": True, "nom": True, "nombre": True, "unnamed": False, "anonyme": False, "anonimo": False}
AHEAD = timedelta(days=60)


@command("event", _TEXT, optional=1, fr="événement", es="evento", menu=True, reads=True, group=Group.EVENTS)
def event(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """A number shows that event; nothing a form; anything else is read as a new one."""
    if not text.strip():
        return [Notice(person.id, "event.form", {"event": None, "network": None})]
    known = number(text)
    if known is not None:
        return eventing.show(desk, person, known)
    return _drafted(desk, person, event_words.read(text, _today(desk, person), person.language))


@command("plan event", *_FIELDS, optional=10, fr="planifier_événement", es="planificar_evento", listed=False,
         group=Group.EVENTS)  # fmt: skip
def plan_event(desk: Desk, person: Person, title: str, when: str = "", **fields: str) -> list[Notice]:
    """The form of a new one. Typed, all of it stands in the title."""
    if not when:
        return event(desk, person, title)
    return _drafted(desk, person, _of_form(desk, person, title, when, **fields))


@command("change event", _EVENT, *_FIELDS, optional=11, fr="modifier_événement", es="modificar_evento", listed=False,
         group=Group.EVENTS)  # fmt: skip
def change_event(
    desk: Desk, person: Person, event: int, title: str = "", when: str = "", **fields: str
) -> list[Notice]:
    """Without more a form with what stands there; "change event 3 16:00, for crisis network" changes just that."""
    if not title:
        return eventing.change_form(desk, person, event)
    known = eventing.mine_or_cared_for(desk, person, event)
    today = _today(desk, person)
    if when:
        said = _of_form(desk, person, title, when, **fields)
        facts = _facts(desk, person, said, known) | {"title": said.title, "place": said.place, "link": said.link}
        facts |= {"speakers": said.speakers, "capacity": said.capacity, "priority": said.priority}
        facts["description"] = said.description
    else:
        said = event_words.read(title, today, person.language, part=True)
        facts = _facts(desk, person, said, known)
    # Nothing said of how it repeats leaves that as it is.
    rule: str | None = said.rule or None
    unchanged = {name: value for name, value in facts.items() if getattr(known, name, None) == value}
    if rule == known.rule:
        rule = None
    facts = {name: value for name, value in facts.items() if name not in unchanged}
    return eventing.change(desk, person, event, network=said.network, rule=rule, **facts)


@command("confirm event", _EVENT, fr="confirmer_événement", es="confirmar_evento", listed=False, group=Group.EVENTS)
def confirm_event(desk: Desk, person: Person, event: int) -> list[Notice]:
    return eventing.confirm(desk, person, event)


@command("discard event", _EVENT, fr="abandonner_événement", es="descartar_evento", listed=False, group=Group.EVENTS)
def discard_event(desk: Desk, person: Person, event: int) -> list[Notice]:
    return eventing.discard(desk, person, event)


@command("approve event", _EVENT, fr="approuver_événement", es="aprobar_evento", roles=MODERATORS, strict=True,
         listed=False, group=Group.EVENTS)  # fmt: skip
def approve_event(desk: Desk, person: Person, event: int) -> list[Notice]:
    return eventing.approve(desk, person, event)


@command("reject event", _EVENT, _TEXT, fr="rejeter_événement", es="denegar_evento", roles=MODERATORS, strict=True,
         listed=False, group=Group.EVENTS)  # fmt: skip
def reject_event(desk: Desk, person: Person, event: int, text: str) -> list[Notice]:
    return eventing.reject(desk, person, event, text)


@command("events", _TEXT, optional=1, fr="événements agenda", es="eventos", menu=True, reads=True, group=Group.EVENTS)
def events(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """`events`, `events next week`, `events for me`, `events mine action network`."""
    said = clean(text)
    theirs = plain(said) in ("for me", "pour moi", "para mi", "my", "mine", "me")
    today, zone = _today(desk, person), zone_of(person.time_zone)
    since, until = desk.now, desk.now + AHEAD
    span = event_words.span(said, today) if said and not theirs else None
    network = None
    if span is not None:
        since, until = (datetime.combine(day, time(), zone).astimezone(UTC) for day in span)
        since = max(since, desk.now) if until > desk.now else since
    elif said and not theirs:
        network = routing.network_named(desk, person, re.sub(r"^(?:for|of|pour|de|du|para)\s+", "", said), desk=True).id
    found = eventing.overview(desk, person, since, until, theirs=theirs, network=network, held=not said or theirs)
    shown = {"found": found, "said": said, "span": span, "theirs": theirs, "network": network}
    return [Notice(person.id, "event.list", {**shown, "zone": person.time_zone})]


@command("rsvp", _EVENT, _TEXT, optional=1, fr="inscription", es="inscripción", also="attend", group=Group.EVENTS,
         reading=number_first)  # fmt: skip
def rsvp(desk: Desk, person: Person, event: int, text: str = "") -> list[Notice]:
    """`rsvp 3 yes`, `rsvp 3 maybe`, `rsvp 3 no 23 March`; `named` lets the others who come read one's name."""
    if not text.strip():
        return eventing.show(desk, person, event)
    key, said = _key(desk, person, event, text)
    meant = plain(said)
    if meant in _SHOWN:
        return attending.name(desk, person, event, _SHOWN[meant])
    answer = next((one for one, words in _ANSWERS.items() if meant in words), None)
    if answer is None:
        raise Refusal("event.rsvp", event=event, said=said[:40])
    return attending.answer(desk, person, event, answer, key)


@command("who comes", _EVENT, _TEXT, optional=1, fr="qui_vient", es="quién_viene", reads=True, group=Group.EVENTS)
def who_comes(desk: Desk, person: Person, event: int, text: str = "") -> list[Notice]:
    key, _ = _key(desk, person, event, text) if text else (EVERY, "")
    return attending.who(desk, person, event, key)


@command("move event", _EVENT, Argument.WHEN, fr="déplacer_événement", es="mover_evento", group=Group.EVENTS)
def move_event(desk: Desk, person: Person, event: int, when: str) -> list[Notice]:
    """`move event 3 to 16 March 10:00`; of a series `move event 3 23 March to 24 March 10:00` moves just that one."""
    confirmed = _YES.search(when) is not None
    before, after = _halves(_YES.sub("", clean(when)))
    key, _ = _key(desk, person, event, before) if before else (EVERY, "")
    known = eventing.mine_or_cared_for(desk, person, event)
    zone = known.zone
    ahead = [one for one in eventing.upcoming(desk, known, 1000) if not one.cancelled and (not key or one.key == key)]
    if not ahead:
        raise Refusal("event.over", event=event)
    stands = ahead[0].starts_at.astimezone(zone_of(zone)).replace(tzinfo=None)
    said = event_words.moment(after, _today(desk, person), person.language)
    if said.day is None and said.at is None and not said.minutes:
        raise Refusal("event.move_to", event=event)
    at = said.at or stands.time()
    begins = datetime.combine(said.day or stands.date(), time() if known.all_day else at)
    if not key:
        # Of a series the next one is what people mean; the others move along with it.
        begins = known.start + (begins - stands)
    use = event_moves.move if confirmed else event_moves.before_moving
    return use(desk, person, event, begins, said.zone, said.minutes, key)


@command("cancel event", _EVENT, _TEXT, optional=1, fr="annuler_événement", es="cancelar_evento", group=Group.EVENTS)
def cancel_event(desk: Desk, person: Person, event: int, text: str = "") -> list[Notice]:
    """`cancel event 3`; of a series `cancel event 3 23 March` calls off just that one."""
    confirmed = _YES.search(text) is not None
    left = _YES.sub("", clean(text))
    key, _ = _key(desk, person, event, left) if left else (EVERY, "")
    use = event_moves.cancel if confirmed else event_moves.before_cancelling
    return use(desk, person, event, key)


@command("restore event", _EVENT, fr="rétablir_événement", es="restablecer_evento", listed=False, group=Group.EVENTS)
def restore_event(desk: Desk, person: Person, event: int) -> list[Notice]:
    return event_moves.restore(desk, person, event)


# Reading what was said


def _today(desk: Desk, person: Person) -> datetime:
    """The wall time of whoever speaks."""
    return desk.now.astimezone(zone_of(person.time_zone)).replace(tzinfo=None)


def _drafted(desk: Desk, person: Person, said: Said) -> list[Notice]:
    if said.day is None or (said.at is None and not said.all_day):
        raise Refusal("event.no_when")
    if not said.title:
        raise Refusal("event.no_title")
    return eventing.draft(desk, person, network=said.network, rule=said.rule, **_facts(desk, person, said, None))


def _facts(desk: Desk, person: Person, said: Said, known: Event | None) -> dict[str, Any]:
    """What was said as facts of an event; what was not said is left as it is."""
    facts: dict[str, Any] = {}
    zone = said.zone or (known.zone if known else person.time_zone)
    all_day = said.all_day or bool(known and known.all_day and said.at is None)
    day = said.day or (known.start.date() if known else None)
    at = time() if all_day else said.at or (known.start.time() if known else None)
    if day is not None and at is not None:
        facts |= {"start": datetime.combine(day, at), "zone": zone, "all_day": all_day}
    if all_day:
        facts["minutes"] = max(1440, (said.minutes or 0) // 1440 * 1440)
    elif said.minutes:
        facts["minutes"] = said.minutes
    for name in ("title", "kind", "capacity", "audience", "language", "speakers", "priority", "description"):
        value = getattr(said, name)
        if value not in (None, "", ()):
            facts[name] = value
    if said.title:
        facts["title"] = clean(said.title)[:LONGEST_TITLE]
    if said.place:
        facts["place"] = clean(said.place)[:LONGEST_PLACE]
    if said.link:
        facts["link"] = _link(said.link)
    if said.description:
        facts["description"] = finding.readable(said.description)
    return facts


def _link(said: str) -> str:
    if not said.lower().startswith("https://") or len(said) > LONGEST_LINK or any(map(str.isspace, said)):
        raise Refusal("event.link", said=said[:60])
    return said


def _of_form(
    desk: Desk, person: Person, title: str, when: str, *, length: str = "", repeats: str = "", network: str = "",
    venue: str = "", url: str = "", speakers: str = "", seats: str = "", priority: str = "", about: str = "",
) -> Said:  # fmt: skip
    """What the fields of the form say; the title stands by itself, its kind may open it."""
    line = ", ".join(part.strip() for part in (when, length, repeats) if part.strip())
    moment = event_words.moment(line, _today(desk, person), person.language)
    if moment.day is None:
        raise Refusal("event.no_when")
    if seats.strip() and not (seats.strip().isdecimal() and len(seats.strip()) < 8):
        raise Refusal("event.seats", said=seats[:40])
    return Said(
        title=clean(title),
        kind=event_words.kind_of(title),
        day=moment.day,
        at=moment.at,
        zone=moment.zone,
        minutes=moment.minutes,
        all_day=moment.all_day or moment.at is None,
        place=clean(venue)[:LONGEST_PLACE],
        link=_link(url.strip()) if url.strip() else "",
        network=clean(network),
        capacity=int(seats) if seats.strip() else None,
        priority=clean(priority)[:80],
        speakers=tuple(name.strip()[:100] for name in speakers.split(",") if name.strip())[:MOST_SPEAKERS],
        rule=moment.rule,
        description=clean(about)[:LONGEST_TEXT],
    )


def _halves(said: str) -> tuple[str, str]:
    """What is moved and whereto: "23 March to 24 March 10:00"; the first is "" where only one is said."""
    key = _KEY.match(said)
    if key:
        return key[1], _TO.sub("", said[key.end() :].strip())
    if _TO.match(said):
        return "", _TO.sub("", said)
    before, to, after = re.split(r"(\s+(?:to|au|al)\s+)", said, maxsplit=1) if re.search(
        r"\s(?:to|au|al)\s", said) else ("", "", said)  # fmt: skip
    return (before, after) if to else ("", said)


def occurrence_named(desk: Desk, person: Person, event: int, text: str) -> str:
    """The key of the occurrence that a text names by its key or its day, of which the last that was is meant; EVERY
    where it names none."""
    found = _KEY.search(text)
    if found:
        return found[1]
    day, _ = event_words.a_day(text, _today(desk, person), person.language)
    if day is None:
        return EVERY
    known = eventing.seen(desk, person, event)
    zone = zone_of(known.zone if known.all_day else person.time_zone)
    for one in reversed(desk.events.occurrences(event)):
        at = one.starts_at.astimezone(zone).date()
        # A day without its year is read as one to come.
        if one.starts_at <= desk.now and (at.month, at.day) == (day.month, day.day):
            return one.key
    raise Refusal("event.no_occurrence", event=event)


def _key(desk: Desk, person: Person, event: int, text: str) -> tuple[str, str]:
    """The occurrence that a text names, by its key or its day, and the text without it. EVERY where it names none."""
    found = _KEY.search(text)
    if found:
        return found[1], " ".join((text[: found.start()] + text[found.end() :]).split())
    day, left = event_words.a_day(text, _today(desk, person), person.language)
    if day is None:
        return EVERY, clean(text)
    known = eventing.seen(desk, person, event)
    zone = zone_of(known.zone if known.all_day else person.time_zone)
    for one in desk.events.occurrences(event):
        wall = wall_of(known, one.key)
        if one.starts_at.astimezone(zone).date() == day or (wall is not None and wall.date() == day):
            return (one.key if known.recurs else EVERY), left.strip(" ,")
    raise Refusal("event.no_occurrence", event=event)
