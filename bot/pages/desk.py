"""The desk at a glance: queue and work items of the reader's places, with what to type. Nothing is done here."""

from collections.abc import Mapping
from typing import Any

from bot.pages.page import Shown, Visit, page
from dialogs.commands import REGISTRY
from dialogs.composing import Words
from dialogs.ports import Desk
from dialogs.work_items import sentence
from knowledge import queueing, work_items
from knowledge.people import DESK, Role
from knowledge.queueing import Standing
from knowledge.text import excerpt
from knowledge.work_item import State

_LONGEST = 300


@page("/desk", title="desk_page.title", roles=DESK | {Role.MODERATOR})
async def desk(visit: Visit) -> Shown:
    """`page` is the queue's, from 1."""
    said = visit.query.get("page", "")
    number = int(said) if said.isdecimal() and len(said) < 9 else 1
    return Shown("desk.html", await visit.look(lambda work: _shown(work, visit, number)))


def _shown(work: Desk, visit: Visit, number: int) -> Mapping[str, Any]:
    """Of questions what the queue in chat shows: their words, never who asked nor the hour."""
    say = visit.say
    words = Words(say, work.catalogue)
    queue = queueing.queue(work, visit.reader, page=number)
    show, task, done, later, volunteer = (
        REGISTRY[name].word(say.language) for name in ("show", "task", "done", "later", "volunteer")
    )
    questions = [
        {
            "number": question.id,
            # Of one that the reader only moderates its words are not theirs to read.
            "text": excerpt(question.text, _LONGEST) or words.topics(list(queue.about[question.id])),
            "language": question.language if question.text else say.language,
            "standing": say(f"queue.{standing}"),
            "late": standing is not Standing.OPEN,
            "where": words.network(lies) if lies else say("queue.no_network"),
            "since": say.day(question.sent_at) if question.sent_at else "",
            "wider": question.id in queue.wider,
            "type": f"{volunteer if question.id in queue.about else show} {question.id}",
        }
        for (question, standing), lies in zip(queue.shown, queue.lying, strict=True)
    ]
    items = [
        {
            "number": one.item.id,
            "text": sentence(words, one),
            "where": say.listed([words.network(each) for each in one.networks]),
            "since": say.day(one.item.raised_at),
            "assigned": one.assigned,
            "later": say.day(one.item.due_at) if one.item.state is State.LATER and one.item.due_at else "",
            "types": [f"{word} {one.item.id}" for word in (task, done, later)],
        }
        for one in (work_items.listed(work, item) for item in work_items.of_desk(work, visit.reader))
    ]
    return {
        "counts": [
            *((say(f"queue.{one}"), queue.counts[one]) for one in reversed(Standing)),
            (say("queue.approval"), queue.approvals),
        ],
        "by_network": [
            (words.network(one) if one else say("queue.no_network"), count) for one, count in queue.by_network
        ],
        "total": sum(queue.counts.values()),
        "questions": questions,
        "items": items,
        "at": queue.page,
        "of": queue.pages,
    }
