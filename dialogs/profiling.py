"""What people say of themselves, each part a command and a small form."""

import re
from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale

from dialogs.commands import Argument, Group, command, yes_or_no
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Fact, Field, Message
from dialogs.ports import Desk
from dialogs.wording import say_in
from knowledge import profiling
from knowledge.errors import Refusal
from knowledge.hours import quiet_of
from knowledge.notices import Notice
from knowledge.people import HELPS, Person
from knowledge.places import LANGUAGES, REGIONS, Topic
from knowledge.text import plain

_TEXT = Argument.TEXT
_NOTHING = ("none", "nothing", "aucun", "aucune", "rien", "ninguno", "ninguna", "nada")
_AND = re.compile(r"[,;|/\n]| and | et | y ")


@command("profile", fr="profil", es="perfil", group=Group.YOU, reads=True)
def profile(desk: Desk, person: Person) -> list[Notice]:
    return profiling.shown(desk, person)


@command("set topics", _TEXT, optional=1, fr="définir_thèmes définir_sujets", es="definir_temas", group=Group.YOU)
def set_topics(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    return _said(desk, person, "topics", text and _topics(desk, text))


@command("set interests", _TEXT, optional=1, fr="définir_intérêts", es="definir_intereses", group=Group.YOU)
def set_interests(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    return _said(desk, person, "interests", text and _topics(desk, text))


@command("set languages", _TEXT, optional=1, fr="définir_langues", es="definir_idiomas", group=Group.YOU)
def set_languages(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    return _said(desk, person, "speaks", text and [_language(word) for word in _parts(text)])


@command("set region", _TEXT, optional=1, fr="définir_région", es="definir_región", group=Group.YOU)
def set_region(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    return _said(desk, person, "region", text and _region(text))


@command("set zone", _TEXT, optional=1, fr="définir_fuseau", es="definir_zona", group=Group.YOU)
def set_zone(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    return _said(desk, person, "time_zone", text and _zone(text))


@command("set quiet", _TEXT, optional=1, fr="définir_silence", es="definir_silencio", group=Group.YOU)
def set_quiet(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    return _said(desk, person, "quiet", text and _quiet(text))


@command("set help", _TEXT, optional=1, fr="définir_aide", es="definir_ayuda", group=Group.YOU)
def set_help(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    return _said(desk, person, "helps", text and [_help(word) for word in _parts(text)])


@command("set found", Argument.YES, fr="définir_trouvable", es="definir_visible", group=Group.YOU)
def set_found(desk: Desk, person: Person, yes: str) -> list[Notice]:
    """Whether colleagues find them by what they know."""
    return profiling.say(desk, person, "listed", yes_or_no(yes))


def _said(desk: Desk, person: Person, part: str, value: object) -> list[Notice]:
    """Keeps it; without a value the form that asks for it."""
    if value == "":
        return [Notice(person.id, "profile.form", {"person": person, "part": part}, card=f"profile:{part}")]
    return profiling.say(desk, person, part, value)


def _parts(text: str) -> list[str]:
    """What was listed, with commas or "and"; nothing for "none"."""
    parts = [part.strip() for part in _AND.split(text) if part.strip()]
    return [] if len(parts) == 1 and plain(parts[0]) in _NOTHING else list(dict.fromkeys(parts))


def topic_named(desk: Desk, said: str) -> Topic | None:
    """The topic of exactly this name, alias or key, in any language."""
    word = plain(said)
    for topic in desk.catalogue.topics:
        if word in {plain(name) for name in (topic.key.replace("-", " "), *topic.names.values(), *topic.aliases)}:
            return topic
    return None


def topic_meant(desk: Desk, said: str) -> Topic | None:
    """As `topic_named`, or the only one that the words name, small misspellings included."""
    named = topic_named(desk, said)
    if named is not None or not plain(said):
        return named
    found = desk.matcher.seen(said).topics
    return next((topic for topic in desk.catalogue.topics if len(found) == 1 and topic.key == found[0]), None)


def _topics(desk: Desk, text: str) -> list[str]:
    found = []
    for part in _parts(text):
        topic = topic_meant(desk, part)
        if topic is None:
            raise Refusal("profile.topic_unknown", word=part[:60])
        found.append(topic.key)
    return list(dict.fromkeys(found))


def _language(word: str) -> str:
    code = _languages().get(plain(word))
    if code is None:
        raise Refusal("profile.language_unknown", word=word[:40])
    return code


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    """Two-letter codes by themselves and by their names in the three languages."""
    names = {}
    for reader in LANGUAGES:
        for code, name in Locale.parse(reader).languages.items():
            if len(code) == 2:
                names[plain(str(name))] = names[code] = code
    return names


def _region(text: str) -> str:
    said = plain(text)
    for region in REGIONS:
        names = {plain(say_in(language)(f"region.{region}")) for language in LANGUAGES}
        if said == plain(region.replace("-", " ")) or said in names:
            return region
    raise Refusal("profile.region_unknown", word=text[:40])


def _zone(text: str) -> str:
    """A zone by its name, or by its city alone."""
    said = plain(text).replace(" ", "_")
    zones = sorted(available_timezones())
    exact = [zone for zone in zones if zone.lower() == text.strip().lower()]
    cities = [zone for zone in zones if "/" in zone and plain(zone.rpartition("/")[2]).replace(" ", "_") == said]
    if not exact and not cities:
        raise Refusal("profile.zone_unknown", word=text[:40])
    return (exact or cities)[0]


def _quiet(text: str) -> str:
    said = text.strip().lower().replace("–", "-").replace(" ", "")
    if plain(said) in ("default", "defaut", "normal"):
        return ""
    if plain(said) in _NOTHING:
        return "none"
    try:
        span = quiet_of(said)
    except ValueError:
        raise Refusal("profile.quiet_unknown", word=text[:40]) from None
    assert span is not None
    return "-".join(f"{at:%H:%M}" for at in span)


def _help(word: str) -> str:
    said = plain(word)
    for one in HELPS:
        names = {plain(say_in(language)(f"profile.help.{one}")) for language in LANGUAGES}
        if said == plain(one) or said in names:
            return one
    raise Refusal("profile.help_unknown", word=word[:40])


@words_for("profile.card")
def _card(words: Words, values: Values) -> Message:
    say, person = words.say, values["person"]
    listed = "no" if person.listed else "yes"
    commands = {
        "topics": "set topics", "speaks": "set languages", "region": "set region", "time_zone": "set zone",
        "quiet": "set quiet", "helps": "set help", "interests": "set interests",
    }  # fmt: skip
    entries = [
        Entry(
            title=say.labelled(say(f"profile.part.{part}"), _value(words, person, part) or say("profile.nothing")),
            buttons=(Button(say("button.change"), line),),
        )
        for part, line in commands.items()
    ]
    found = say("profile.listed" if person.listed else "profile.not_listed")
    button = Button(say("button.not_found" if person.listed else "button.found"), f"set found {listed}")
    entries.append(Entry(title=found, buttons=(button,)))
    return Message(
        title=say("profile.title"),
        text=say("profile.text"),
        entries=tuple(entries),
        note=say("profile.note"),
    )


@words_for("profile.kept")
def _kept(words: Words, values: Values) -> Message:
    say, part = words.say, values["part"]
    value = _value(words, values["person"], part) or say("profile.nothing")
    text = say("profile.kept", part=say(f"profile.part.{part}"), value=value)
    return Message(text, buttons=(Button(say("button.back_to_profile"), "profile"),))


def _value(words: Words, person: Person, part: str) -> str:
    say = words.say
    match part:
        case "topics" | "interests":
            return words.topics(list(getattr(person, part)))
        case "speaks":
            return say.listed([say.language_name(code) for code in person.speaks])
        case "region":
            return say(f"region.{person.region}")
        case "time_zone":
            return person.time_zone
        case "quiet":
            return say("profile.no_quiet") if person.quiet == "none" else person.quiet or say("profile.usual_quiet")
        case _:
            return say.listed([say(f"profile.help.{one}") for one in person.helps])


@words_for("profile.form")
def _form(words: Words, values: Values) -> Message:
    say, person, part = words.say, values["person"], values["part"]
    line = {"speaks": "languages", "time_zone": "zone", "helps": "help"}.get(part, part)
    choices = {
        "region": [(say(f"region.{one}"), one) for one in REGIONS],
        "helps": [(say(f"profile.help.{one}"), one) for one in HELPS],
    }.get(part, [])
    if part == "region":
        picks = tuple(Button(name, f"set region {one}") for name, one in choices)
        return Message(say("profile.ask.region"), say("profile.title"), buttons=picks)
    shown = "" if part == "quiet" and not person.quiet else _value(words, person, part)
    facts = (Fact(say("profile.choices"), say.listed([name for name, _ in choices])),) if choices else ()
    return Message(
        say(f"profile.ask.{part}"),
        say("profile.title"),
        facts=facts,
        fields=(Field("text", say(f"profile.part.{part}"), shown, max_length=400),),
        buttons=(
            Button(say("button.save"), f"set {line}", "primary", form=True),
            Button(say("button.back_to_profile"), "profile"),
        ),
    )
