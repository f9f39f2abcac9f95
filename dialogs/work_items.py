"""The desk's work items in chat: what came up beside questions, with what could be done about it."""

from dialogs.commands import Argument, command, number, somebody, without_to
from dialogs.composing import Values, Words, words_for
from dialogs.facilitating import network_meant
from dialogs.message import Button, Entry, Fact, Field, Message
from dialogs.ports import Desk
from knowledge import work_items
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import DESK, Person
from knowledge.text import plain
from knowledge.work_item import STANDING, Cause, State
from knowledge.work_items import Listed, Page

_ITEM, _WHO = Argument.WORK_ITEM, Argument.WHO
_ME = frozenset({"me", "myself", "moi", "mi", "yo"})


@command(
    "tasks",
    Argument.NETWORK,
    also="work_items",
    optional=1,
    fr="tâches",
    es="tareas",
    roles=DESK,
    strict=True,
    reads=True,
)
def tasks(desk: Desk, person: Person, network: str = "") -> list[Notice]:
    """A number in front of the network, or alone, is a page."""
    first, _, rest = network.partition(" ")
    page = number(first)
    name = network if page is None else rest.strip()
    meant = network_meant(desk, person, name) if name else None
    return [Notice(person.id, "work_item.page", {"page": work_items.page(desk, person, meant, page or 1)})]


@command("task", _ITEM, fr="tâche", es="tarea", roles=DESK, strict=True, reads=True, listed=False)
def task(desk: Desk, person: Person, work_item: int) -> list[Notice]:
    return work_items.show(desk, person, work_item)


@command("done", _ITEM, fr="fait", es="hecho hecha", roles=DESK, strict=True)
def done(desk: Desk, person: Person, work_item: int) -> list[Notice]:
    return work_items.done(desk, person, work_item)


@command("later", _ITEM, Argument.DAYS, optional=1, fr="plus_tard", es="más_tarde", roles=DESK, strict=True)
def later(desk: Desk, person: Person, work_item: int, days: str = "") -> list[Notice]:
    wanted = number(days.split()[0]) if days else work_items.PUT_OFF_DAYS
    if wanted is None:
        raise Refusal("work_item.days", most=work_items.MOST_DAYS)
    return work_items.later(desk, person, work_item, wanted)


@command("hand", _ITEM, _WHO, fr="remettre", es="encargar", roles=DESK, strict=True)
def hand(desk: Desk, person: Person, work_item: int, who: str) -> list[Notice]:
    # First: on one that is not theirs nobody learns who is called what.
    work_items.show(desk, person, work_item)
    to = person if plain(without_to(who)) in _ME else somebody(desk, who)
    return work_items.hand(desk, person, work_item, to)


# Words


@words_for("work_item.page")
def _page(words: Words, values: Values) -> Message:
    say, page = words.say, values["page"]
    assert isinstance(page, Page)
    if not page.total:
        return Message(say("work_items.none"))
    where = f" {page.network.key}" if page.network else ""
    buttons = []
    if page.page > 1:
        buttons.append(Button(say("button.page_before"), f"tasks {page.page - 1}{where}"))
    if page.page < page.pages:
        buttons.append(Button(say("button.page_after"), f"tasks {page.page + 1}{where}"))
    facts = [Fact(say("work_items.put_off"), str(page.put_off))] if page.put_off else []
    return Message(
        title=say("work_items.of", network=page.network.name(say.language)) if page.network else "",
        text=say.count("work_items.text", page.total),
        facts=tuple(facts),
        entries=tuple(
            Entry(
                title=say("work_item.title", work_item=one.item.id),
                text=sentence(words, one),
                note=" · ".join(_standing(words, one)),
                buttons=(*_suggested(words, one), Button(say("button.open"), f"task {one.item.id}")),
            )
            for one in page.shown
        ),
        buttons=tuple(buttons),
        note=say("queue.page", page=page.page, pages=page.pages) if page.pages > 1 else "",
    )


@words_for("work_item.card", "work_item.handed")
def _card(words: Words, values: Values) -> Message:
    say, one = words.say, values["listed"]
    assert isinstance(one, Listed)
    number, stands = one.item.id, one.item.state in STANDING
    title = say("work_item.handed" if words.key == "work_item.handed" else "work_item.title", work_item=number)
    note = " · ".join(_standing(words, one))
    if not stands:
        return Message(title=title, text=sentence(words, one), note=note)
    return Message(
        title=title,
        text=sentence(words, one),
        facts=(Fact(say("work_item.suggestion"), say(f"work_item.{one.item.cause}.suggestion")),),
        fields=(Field("who", say("work_item.field"), placeholder=say("desk.placeholder"), max_length=100),),
        buttons=(
            *_suggested(words, one),
            Button(say("button.work_done"), f"done {number}"),
            Button(say("button.work_later"), f"later {number}"),
            Button(say("button.work_hand"), f"hand {number}", form=True),
        ),
        note=note,
    )


def sentence(words: Words, one: Listed) -> str:
    """What came up, in one line."""
    say, item = words.say, one.item
    match item.cause:
        case Cause.UNDELIVERABLE:
            about = say("desk.about_question", question=item.question) if item.question else say("desk.about_none")
            reason = say(f"unreachable.{item.told['reason']}")
            return say("desk.undeliverable", about=about, who=one.name or say("desk.a_member"), reason=reason)
        case Cause.REJECTED_IMPORT:
            return say.count("work_item.rejected_import", int(item.told["errors"]), file=item.told["file"])
        case Cause.OVERLOADED:
            return say("work_item.overloaded", name=one.name, offers=item.told["offers"], taken=item.told["taken"])
        case Cause.NO_EXPERT:
            return say("work_item.no_expert", topic=words.topics([item.topic]))


def _standing(words: Words, one: Listed) -> list[str]:
    """Since when, where, and who has it."""
    say, item = words.say, one.item
    parts = [say("work_item.since", when=say.day(item.raised_at))]
    if one.networks:
        parts.append(say.listed([words.network(each) for each in one.networks]))
    if one.assigned:
        parts.append(say("work_item.with", name=one.assigned))
    if item.state is State.LATER and item.due_at is not None:
        parts.append(say("work_item.is_later", when=say.day(item.due_at)))
    if item.state in (State.DONE, State.GONE):
        parts.append(say(f"work_item.is_{item.state}"))
    return parts


def _suggested(words: Words, one: Listed) -> tuple[Button, ...]:
    """What could be done about it, as a button that submits a line anybody of the desk could type."""
    say, item = words.say, one.item
    match item.cause:
        case Cause.UNDELIVERABLE if item.question is not None:
            return (Button(say("work_item.look", question=item.question), f"show {item.question}"),)
        case Cause.REJECTED_IMPORT:
            told = item.told
            where = [Button(say("work_item.errors"), f"import errors {told['import']}")] if "import" in told else []
            again = [Button(say("work_item.again"), str(told["say"]))] if "say" in told else []
            return (*where, *again)
        case Cause.OVERLOADED:
            return (Button(say("work_item.load"), "load"),)
        case Cause.NO_EXPERT:
            return (Button(say("work_item.nearest"), f"match {words.topics([item.topic])}"),)
    return ()
