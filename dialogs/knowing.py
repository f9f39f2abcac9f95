"""Who knows what: found by members, confirmed by facilitators; and how much of it there is, for the desk."""

from dialogs.commands import Argument, Call, Group, command, somebody
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Fact, Link, Message
from dialogs.ports import Desk
from dialogs.profiling import topic_meant, topic_named
from knowledge import capacity, expertise
from knowledge.errors import Refusal
from knowledge.expertise import Knows
from knowledge.notices import Notice
from knowledge.people import DESK, Person
from knowledge.places import Topic

_TEXT = Argument.TEXT


@command("who knows", _TEXT, fr="qui_connaît qui_sait", es="quién_conoce quién_sabe", group=Group.PEOPLE)
def who_knows(desk: Desk, person: Person, text: str) -> list[Notice]:
    """Of a topic by its name. Anything else is a question, which `turn` asks in the words it was typed in."""
    topic = _named(desk, text)
    if topic is None:
        raise Refusal("profile.topic_unknown", word=text[:60])
    return expertise.who_knows(desk, person, topic)


def only_asks(desk: Desk, call: Call) -> bool:
    """Whether such a call names no topic: "who knows a mine action officer in Gao?" is a question to be asked."""
    return call.command.name == "who knows" and _named(desk, call.values.get(Argument.TEXT, "")) is None


@command(
    "confirm expertise", Argument.WHO, fr="confirmer_expertise", es="confirmar_experiencia", roles=DESK, strict=True,
    group=Group.PEOPLE,
)  # fmt: skip
def confirm(desk: Desk, person: Person, who: str) -> list[Notice]:
    to, topic, asked = _whose(desk, who)
    return expertise.confirm(desk, person, to, topic, asked)


@command(
    "withdraw expertise", Argument.WHO, fr="retirer_expertise", es="retirar_experiencia", roles=DESK, strict=True,
    group=Group.PEOPLE,
)  # fmt: skip
def take_back(desk: Desk, person: Person, who: str) -> list[Notice]:
    to, topic, asked = _whose(desk, who)
    return expertise.take_back(desk, person, to, topic, asked)


@command("capacity", fr="capacités", es="capacidades", roles=DESK, strict=True, reads=True, group=Group.PEOPLE)
def show_capacity(desk: Desk, person: Person) -> list[Notice]:
    paths = {"page": "/capacity"} | {kind: f"/capacity?format={kind}" for kind in ("xlsx", "csv", "json")}
    links = {name: desk.pages.link(person.id, path) for name, path in paths.items()}
    return [Notice(person.id, "capacity.shown", {"found": capacity.mapped(desk, person), "links": links})]


def _named(desk: Desk, text: str) -> Topic | None:
    """The topic that is all of the text, but for "about"."""
    words = text.strip(" ?¿.!").split()
    for skipped in range(min(3, len(words))):
        if topic := _exactly(desk, " ".join(words[skipped:])):
            return topic
    return None


def _exactly(desk: Desk, said: str) -> Topic | None:
    # A sentence that only mentions a topic is a question; of a word or two a slip is forgiven.
    return topic_meant(desk, said) if len(said.split()) <= 2 else topic_named(desk, said)


def _whose(desk: Desk, text: str) -> tuple[Person, Topic, str]:
    """Somebody, a topic, and how they were called: "Samira Haddad, mine action"."""
    words = text.replace(":", " ").replace(",", " ").split()
    tails = [(place, " ".join(words[place:])) for place in range(1, len(words))]
    # Whole names first: with slips forgiven, a part of somebody's name would be taken into the topic.
    for meant, tries in ((topic_named, tails), (topic_meant, tails[::-1])):
        for place, tail in tries:
            topic = meant(desk, tail)
            if topic is not None:
                name = words[:place]
                while len(name) > 1 and name[-1].lower() in ("for", "on", "in", "sur", "en", "pour", "para", "de"):
                    name.pop()
                asked = " ".join(name)
                return somebody(desk, asked), topic, asked
    raise Refusal("expertise.how")


@words_for("expertise.who")
def _who(words: Words, values: Values) -> Message:
    say, topic = words.say, words.topics([values["topic"]])
    found: list[Knows] = values["found"]
    ask = Button(say("button.ask_about"), "help ask")
    if not found:
        return Message(say("expertise.nobody", topic=topic), buttons=(ask,), note=say("expertise.note"))
    return Message(
        text=say("expertise.who", topic=topic),
        entries=tuple(Entry(title=one.person.name, text=_why(words, one), note=_where(words, one)) for one in found),
        buttons=(ask,),
        note=say("expertise.more") if values["more"] else say("expertise.note"),
    )


def _why(words: Words, one: Knows) -> str:
    say = words.say
    reasons = [say("expertise.said")] if one.said else []
    if one.last is not None:
        reasons.append(say.count("expertise.answered", one.answered, month=say.month(one.last)))
    if one.checked is not None:
        reasons.append(say("expertise.checked", month=say.month(one.checked)))
    return say.parted(reasons)


def _where(words: Words, one: Knows) -> str:
    say = words.say
    helps = say.listed([say(f"profile.help.{way}") for way in one.person.helps])
    place = one.person.office or say(f"region.{one.person.region}")
    return f"{place} · {say.labelled(say('profile.part.helps'), helps)}" if helps else place


@words_for("expertise.confirmed", "expertise.taken_back")
def _done(words: Words, values: Values) -> Message:
    return Message(words.say(words.key, name=values["name"], topic=words.topics([values["topic"]])))


@words_for("expertise.yours")
def _yours(words: Words, values: Values) -> Message:
    say = words.say
    text = say("expertise.yours", topic=words.topics([values["topic"]]))
    if values["listed"]:
        return Message(text)
    return Message(text, buttons=(Button(say("button.found"), "set found yes"),), note=say("expertise.yours_note"))


@words_for("capacity.shown")
def _capacity(words: Words, values: Values) -> Message:
    say, found = words.say, values["found"]
    table = capacity.by_place(found)
    thin = [topic for topic, line in table.items() if 0 < sum(cell.people for cell in line.values()) < 3]
    facts = [
        Fact(say("capacity.without"), words.topics(found.without[:12]) or say("capacity.none_without")),
        Fact(say("capacity.thin"), words.topics(thin[:12]) or say("capacity.none_without")),
    ]
    links = values["links"]
    return Message(
        title=say("capacity.title"),
        text=say.count("capacity.experts", found.experts.people, free=found.experts.free),
        facts=tuple(facts),
        links=(
            Link(say("capacity.open"), links["page"]),
            *(Link(kind.upper(), links[kind]) for kind in ("xlsx", "csv", "json")),
        ),
        note=say("capacity.note"),
    )
