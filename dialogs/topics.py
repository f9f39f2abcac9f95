"""The curated topics in chat: the desk reads them, the KM team tends them."""

from dialogs.commands import Argument, Group, command, number
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Message
from dialogs.ports import Desk
from knowledge import topics as curating
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import DESK, Person, Role
from knowledge.text import plain
from knowledge.topics import Curated, Page

_TEXT = Argument.TEXT
_KM_TEAM = frozenset({Role.KM_TEAM})
_INTO = frozenset("into in to as dans en a avec comme con como por".split())
_SURE = frozenset({"yes", "oui", "si"})


@command("topics", _TEXT, optional=1, fr="thèmes", es="temas", roles=DESK, strict=True, reads=True, group=Group.PEOPLE)
def topics(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """A number in front, or alone, is a page; anything else is looked for."""
    first, _, rest = text.partition(" ")
    page = number(first)
    sought = text if page is None else rest.strip()
    return [Notice(person.id, "topic.page", {"page": curating.page(desk, sought, page or 1)})]


@command(
    "rename topic", _TEXT, fr="renommer_thème", es="renombrar_tema", roles=_KM_TEAM, strict=True, group=Group.PEOPLE
)
def rename(desk: Desk, person: Person, text: str) -> list[Notice]:
    topic, name = _two(desk, person, text, "rename topic")
    return curating.rename(desk, person, topic, name)


@command(
    "merge topic", _TEXT, fr="fusionner_thème", es="fusionar_tema", roles=_KM_TEAM, strict=True, group=Group.PEOPLE
)
def merge(desk: Desk, person: Person, text: str) -> list[Notice]:
    """Says first what it would move; with a yes at the end it does so."""
    said, _, last = text.rpartition(" ")
    sure = plain(last) in _SURE
    topic, into = _two(desk, person, said if sure else text, "merge topic")
    return curating.merge(desk, person, topic, curating.meant(desk, person, into), sure=sure)


@command("alias topic", _TEXT, fr="alias_thème", es="alias_tema", roles=_KM_TEAM, strict=True, group=Group.PEOPLE)
def alias(desk: Desk, person: Person, text: str) -> list[Notice]:
    return curating.add_alias(desk, person, *_aliased(desk, person, text))


@command(
    "unalias topic", _TEXT, fr="désalias_thème", es="desalias_tema", roles=_KM_TEAM, strict=True, group=Group.PEOPLE
)
def unalias(desk: Desk, person: Person, text: str) -> list[Notice]:
    return curating.drop_alias(desk, person, *_aliased(desk, person, text))


@command("retire topic", _TEXT, fr="retirer_thème", es="retirar_tema", roles=_KM_TEAM, strict=True, group=Group.PEOPLE)
def retire(desk: Desk, person: Person, text: str) -> list[Notice]:
    return curating.retire(desk, person, curating.meant(desk, person, text))


@command(
    "restore topic", _TEXT, fr="rétablir_thème", es="restablecer_tema", roles=_KM_TEAM, strict=True, group=Group.PEOPLE
)
def restore(desk: Desk, person: Person, text: str) -> list[Notice]:
    return curating.retire(desk, person, curating.meant(desk, person, text), back=True)


def _two(desk: Desk, person: Person, said: str, action: str) -> tuple[Curated, str]:
    """The topic before a word such as "into", and what stands behind it. Names hold such words too: the first one is
    meant before which a topic is called exactly so, else the first."""
    words = said.split()
    ends = [place for place in range(1, len(words) - 1) if plain(words[place]) in _INTO]
    if not ends:
        raise Refusal(f"topic.how_{action.partition(' ')[0]}")
    exact = (place for place in ends if len(curating.called(desk, " ".join(words[:place]))) == 1)
    end = next(exact, ends[0])
    return curating.meant(desk, person, " ".join(words[:end])), " ".join(words[end + 1 :])


def _aliased(desk: Desk, person: Person, said: str) -> tuple[Curated, str]:
    name, colon, word = said.partition(":")
    if not colon or not word.strip():
        raise Refusal("topic.how_alias")
    return curating.meant(desk, person, name.strip()), word.strip()


# Words


@words_for("topic.page")
def _page(words: Words, values: Values) -> Message:
    say, page = words.say, values["page"]
    assert isinstance(page, Page)
    if not page.total:
        return Message(say("topics.none"))
    behind = f" {page.sought}" if page.sought else ""
    buttons = []
    if page.page > 1:
        buttons.append(Button(say("button.page_before"), f"topics {page.page - 1}{behind}"))
    if page.page < page.pages:
        buttons.append(Button(say("button.page_after"), f"topics {page.page + 1}{behind}"))
    return Message(
        title=say("topics.title"),
        text=say.count("topics.text", page.total),
        entries=tuple(
            Entry(
                title=one.name(say.language),
                text=say("topics.aliases", aliases=", ".join(one.aliases)) if one.aliases else "",
                note=" · ".join(
                    [*([say("topics.is_retired")] if one.retired else []), _held(words, page.held[one.key])]
                ),
            )
            for one in page.shown
        ),
        buttons=tuple(buttons),
        note=say("queue.page", page=page.page, pages=page.pages) if page.pages > 1 else "",
    )


def _held(words: Words, held: Values) -> str:
    """ "12 people, 30 knowledge items and 4 networks"."""
    say = words.say
    parts = [say.count(f"topics.{kind}", held[kind]) for kind in ("person", "item", "network") if kind in held]
    others = sum(count for kind, count in held.items() if kind not in ("person", "item", "network"))
    if others:
        parts.append(say.count("topics.other", others))
    return say.listed(parts) or say("topics.nothing")


@words_for("topic.would_merge", "topic.merged")
def _merge(words: Words, values: Values) -> Message:
    say, topic, into = words.say, values["topic"], values["into"]
    names = {"topic": topic.name(say.language), "into": into.name(say.language), "held": _held(words, values["held"])}
    if words.key == "topic.merged":
        return Message(say("topic.merged", **names))
    return Message(
        title=say("topic.merge_title", topic=names["topic"], into=names["into"]),
        text=say("topic.would_merge", **names),
        buttons=(Button(say("button.merge_topics"), f"merge topic {topic.key} into {into.key} yes", "danger"),),
        note=say("topic.merge_note"),
    )
