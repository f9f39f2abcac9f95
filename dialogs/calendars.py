"""The commands of calendars: reading those of others, and giving ours to other programs."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from dialogs.commands import Argument, Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.event_cards import zone_of_reader
from dialogs.files import file_kind
from dialogs.incoming import File
from dialogs.message import Button, Entry, Field, Link, Message
from dialogs.moments import called, for_reader
from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge import calendars, feeding
from knowledge.calendar_source import Kind, Source, State
from knowledge.errors import Refusal
from knowledge.ics.reading import Problem, Reading
from knowledge.notices import Notice
from knowledge.occurrences import once
from knowledge.people import DESK, Person, Role
from knowledge.text import clean, excerpt

_SOURCE, _URL = Argument.SOURCE, Argument.URL
MODERATORS = DESK | {Role.MODERATOR}
MOST_PROBLEMS = 8
_FOR = re.compile(
    r"^[\s,]*(?:for|pour|para)\s+(?:the\s+|le\s+|la\s+)?(?:r[eé]seau\s+|red\s+(?:de\s+)?)?", re.IGNORECASE
)


@file_kind("calendar", ".ics", ".ical", ".ifb")
def brought(desk: Desk, person: Person, files: Sequence[File]) -> list[Notice]:
    """Each calendar file by itself."""
    return [notice for file in files for notice in calendars.from_file(desk, person, file.content)]


@command("read calendar", _URL, fr="lire_calendrier", es="leer_calendario", group=Group.EVENTS)
def read_calendar(desk: Desk, person: Person, url: str) -> list[Notice]:
    """`read calendar https://… for crisis network`: once."""
    address, network = _parts(url)
    return calendars.from_url(desk, person, address, network)


@command("follow calendar", _URL, fr="suivre_calendrier", es="seguir_calendario", roles=MODERATORS, strict=True,
         group=Group.EVENTS)  # fmt: skip
def follow_calendar(desk: Desk, person: Person, url: str) -> list[Notice]:
    address, network = _parts(url)
    return calendars.follow(desk, person, address, network)


@command("calendars", fr="calendriers", es="calendarios", reads=True, group=Group.EVENTS)
def show_calendars(desk: Desk, person: Person) -> list[Notice]:
    return calendars.overview(desk, person)


@command("stop calendar", _SOURCE, fr="arrêter_calendrier", es="detener_calendario", listed=False, group=Group.EVENTS)
def stop_calendar(desk: Desk, person: Person, source: int) -> list[Notice]:
    return calendars.stop(desk, person, source)


@command("calendar zone", _SOURCE, Argument.VENUE, fr="fuseau_calendrier", es="huso_calendario", listed=False,
         group=Group.EVENTS)  # fmt: skip
def calendar_zone(desk: Desk, person: Person, source: int, venue: str) -> list[Notice]:
    return calendars.in_zone(desk, person, source, venue)


@command("plan all", _SOURCE, fr="prévoir_tout", es="incluir_todo", listed=False, group=Group.EVENTS)
def plan_all(desk: Desk, person: Person, source: int) -> list[Notice]:
    return calendars.plan_all(desk, person, source)


@command("discard all", _SOURCE, fr="abandonner_tout", es="descartar_todo", listed=False, group=Group.EVENTS)
def discard_all(desk: Desk, person: Person, source: int) -> list[Notice]:
    return calendars.discard_all(desk, person, source)


@command("add event", Argument.EVENT, fr="ajouter_événement", es="añadir_evento", reads=True, group=Group.EVENTS)
def add_event(desk: Desk, person: Person, event: int) -> list[Notice]:
    """The event for one's own calendar."""
    return feeding.one(desk, person, event)


@command("calendar feed", Argument.NETWORK, optional=1, fr="flux_calendrier", es="enlace_calendario",
         group=Group.EVENTS)  # fmt: skip
def calendar_feed(desk: Desk, person: Person, network: str = "") -> list[Notice]:
    """A secret address for one's own calendar program; of one network, or of all that one may read."""
    return feeding.feed(desk, person, _FOR.sub("", clean(network)))


@command("revoke feed", fr="révoquer_flux", es="revocar_enlace", group=Group.EVENTS)
def revoke_feed(desk: Desk, person: Person) -> list[Notice]:
    return feeding.revoke(desk, person)


def _parts(said: str) -> tuple[str, str]:
    """An address, and a network behind it."""
    words = clean(said).split(maxsplit=1)
    if not words:
        raise Refusal("calendar.address", said="")
    rest = words[1] if len(words) > 1 else ""
    return words[0], re.sub(r"\s+network$", "", _FOR.sub("", rest), flags=re.IGNORECASE)


# Words


def _name(say: Say, source: Source) -> str:
    """Which calendar it is, without the secrets that an address may hold."""
    if source.kind is Kind.FILE:
        return say("calendar.file")
    return (urlsplit(source.url).hostname or "")[:80]


def _title(say: Say, source: Source) -> str:
    return say("calendar.title", source=source.id, name=_name(say, source))


@words_for("calendar.reading")
def _reading(words: Words, values: Values) -> Message:
    say, source, network = words.say, values["source"], values["network"]
    note = say("calendar.for", network=network.name(say.language)) if network else ""
    return Message(title=_title(say, source), text=say("calendar.reading"), note=note)


@words_for("calendar.failed")
def _failed(words: Words, values: Values) -> Message:
    say, source = words.say, values["source"]
    if values["followed"]:
        text = say("calendar.dead", why=_why(say, source.problem))
    else:
        text = say("calendar.failed", why=_why(say, source.problem))
    return Message(title=_title(say, source), text=text)


_FETCHING = ("address", "private", "insecure", "unknown", "refused", "gone", "slow", "too_large", "busy", "redirects")


def _why(say: Say, problem: str) -> str:
    return say(f"calendar.fetch_{problem}") if problem in _FETCHING else say(f"calendar.problem_{problem}")


@words_for("calendar.which_zone")
def _which_zone(words: Words, values: Values) -> Message:
    say, source = words.say, values["source"]
    names = [name for name in values["zones"] if name]
    text = say("calendar.zones_named", names=say.listed(names)) if names else say("calendar.zones_none")
    here = values["zone"]
    return Message(
        title=_title(say, source),
        text=text,
        fields=(Field("venue", say("calendar.zone_field"), placeholder=say("calendar.zone_eg"), max_length=60),),
        buttons=(
            Button(say("button.zone_this"), f"calendar zone {source.id}", "primary", form=True),
            Button(say("button.zone_mine", zone=called(say, here)), f"calendar zone {source.id} {here}"),
            Button(say("button.discard"), f"discard all {source.id}"),
        ),
    )


def _problems(say: Say, problems: tuple[Problem, ...]) -> tuple[Entry, ...]:
    """What was not read, and why: the same reason once, with the titles it is about."""
    by_kind: dict[str, list[str]] = {}
    for one in problems:
        by_kind.setdefault(one.kind, []).append(one.title)
    entries = []
    for kind, titles in list(by_kind.items())[:MOST_PROBLEMS]:
        named = [f"“{title}”" if say.language == "en" else f"«\u00a0{title}\u00a0»" if say.language == "fr"
                 else f"«{title}»" for title in titles if title]  # fmt: skip
        more = len(named) - 3
        about = say.listed([*named[:3], *([say.count("calendar.more", more)] if more > 0 else [])])
        entries.append(Entry(title=say(f"calendar.problem_{kind}"), text=about))
    return tuple(entries)


@words_for("calendar.found")
def _found(words: Words, values: Values) -> Message:
    say, source = words.say, values["source"]
    reading: Reading = values["reading"]
    problems = _problems(say, reading.problems)
    if not values["events"]:
        text = say("calendar.nothing") if reading.rejected else say("calendar.all_past")
        return Message(title=_title(say, source), text=text, entries=problems)
    here = zone_of_reader(say)
    entries = [
        Entry(title=for_reader(say, one, once(one), here, short=True), text=excerpt(one.title, 120),
              note=say("calendar.repeats") if one.rule else "")
        for one in values["events"]
    ]  # fmt: skip
    if values["more"]:
        entries.append(Entry(title=say.count("calendar.more", values["more"])))
    return Message(
        title=_title(say, source),
        text=say.count("calendar.found", len(values["events"]) + values["more"]),
        entries=(*entries, *problems),
        buttons=(
            Button(say("button.calendar_plan"), f"plan all {source.id}", "primary"),
            Button(say("button.discard"), f"discard all {source.id}"),
        ),
        note=say("calendar.partly") if problems else "",
    )


@words_for("calendar.followed")
def _followed(words: Words, values: Values) -> Message:
    say, source = words.say, values["source"]
    return Message(
        title=_title(say, source),
        text=say.count("calendar.followed", values["count"]),
        entries=_problems(say, values["reading"].problems),
        buttons=(Button(say("button.calendar_stop"), f"stop calendar {source.id}"),),
    )


@words_for("calendar.planned")
def _planned(words: Words, values: Values) -> Message:
    say, source = words.say, values["source"]
    key = "calendar.submitted" if values["submitted"] else "calendar.planned"
    return Message(title=_title(say, source), text=say.count(key, values["count"]))


@words_for("calendar.discarded", "calendar.stopped")
def _over(words: Words, values: Values) -> Message:
    return Message(title=_title(words.say, values["source"]), text=words.say(words.key))


@words_for("calendar.list")
def _list(words: Words, values: Values) -> Message:
    say = words.say
    entries = [
        Entry(
            title=_title(say, source),
            text=say(f"calendar.state_{source.state}") + (f" {_why(say, source.problem)}" if source.problem else ""),
            buttons=(Button(say("button.calendar_stop"), f"stop calendar {source.id}"),)
            if source.state is not State.DEAD
            else (),
        )
        for source in values["sources"]
    ]
    feeds = say.count("calendar.feeds", values["feeds"]) if values["feeds"] else say("calendar.no_feeds")
    buttons = [Button(say("button.feed"), "calendar feed")]
    if values["feeds"]:
        buttons.append(Button(say("button.feed_revoke"), "revoke feed"))
    return Message(
        text=feeds if not entries else say("calendar.list"),
        entries=tuple(entries),
        buttons=tuple(buttons),
        note=" ".join([*([feeds] if entries else []),
                       say("calendar.how_follow") if values["may_follow"] else say("calendar.how")]),
    )  # fmt: skip


@words_for("event.own_calendar")
def _own_calendar(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=excerpt(values["title"], 120),
        text=say("event.own_calendar"),
        links=(Link(say("link.event_ics"), values["url"]),),
        note=say("event.own_calendar_note"),
    )


@words_for("calendar.feed")
def _feed(words: Words, values: Values) -> Message:
    say, network = words.say, values["network"]
    return Message(
        text=say("calendar.feed_network", network=network.name(say.language)) if network else say("calendar.feed_all"),
        links=(Link(say("link.feed"), values["url"]),),
        buttons=(Button(say("button.feed_revoke"), "revoke feed"),),
        note=say("calendar.feed_note"),
    )


@words_for("calendar.revoked")
def _revoked(words: Words, values: Values) -> Message:
    say = words.say
    return Message(say.count("calendar.revoked", values["many"]) if values["many"] else say("calendar.none_revoked"))
