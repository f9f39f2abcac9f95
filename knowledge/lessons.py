"""Published knowledge as a table, for corporate planning systems. What its columns mean: docs/lessons-format.md."""

from collections.abc import Mapping

from knowledge import tending
from knowledge.item import Item, Use
from knowledge.people import Person
from knowledge.places import Audience
from knowledge.ports import Work

Value = str | int | float | None

COLUMNS = {
    "item": "The knowledge item's number, which stays its own.",
    "version": "Which of its wordings this is, from 1.",
    "state": "published, or stale: its review date has come and it is being looked at.",
    "language": "The language it is written in: en, fr or es.",
    "topics": "Keys of the community's topics, separated by |.",
    "audience": "Who may read it: sub-network, undp, one-un or public.",
    "network": "The key of the network, where the audience is that network alone.",
    "question": "What was asked, without anything that tells who asked.",
    "summary": "Of a consolidated reply: what it comes to.",
    "answer": "What was answered: every contribution, separated by an empty line.",
    "next_steps": "Of a consolidated reply: what follows.",
    "contributors": "The names of those who wanted theirs shown, separated by |; empty where nobody did.",
    "resources": "The links in it, separated by a space.",
    "published": "The day its present wording was published, UTC.",
    "review": "The day its owner is asked whether it still holds, UTC; empty where nobody is.",
    "shown": "How often it was shown beside somebody's question.",
    "opened": "How often it was opened.",
    "answered": "How often somebody said that it answers their question.",
}


def rows(work: Work, reader: Person | None = None) -> list[Mapping[str, Value]]:
    """Every visible item that the reader may read, oldest first; None: all that UNDP's staff may."""
    found = sorted(work.items.visible(), key=lambda one: one.id)
    if reader is None:
        return [_row(work, one) for one in found if one.audience >= Audience.UNDP]
    return [_row(work, one) for one in found if reader.may_read(one.audience, one.network)]


def _row(work: Work, item: Item) -> Mapping[str, Value]:
    text, names, uses = work.items.text(item), tending.attribution(work, item), work.items.uses(item.id)
    network = next((one.key for one in work.catalogue.networks if one.id == item.network), "")
    return {
        "item": item.id,
        "version": item.version,
        "state": item.state.value,
        "language": item.language,
        "topics": "|".join(item.topics),
        "audience": item.audience.word,
        "network": network,
        "question": text.question,
        "summary": text.summary,
        "answer": "\n\n".join(part.text for part in text.parts),
        "next_steps": text.next_steps,
        "contributors": "|".join(names.values()),
        "resources": " ".join(text.resources),
        "published": f"{item.since:%Y-%m-%d}",
        "review": f"{item.review_at:%Y-%m-%d}" if item.review_at is not None else "",
        "shown": uses[Use.SHOWN],
        "opened": uses[Use.OPENED],
        "answered": uses[Use.ANSWERED],
    }
