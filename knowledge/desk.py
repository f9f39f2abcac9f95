"""What the facilitator's desk is told beside questions: what could not be delivered."""

from knowledge import direct_connect, routing
from knowledge.notices import Notice
from knowledge.people import Role
from knowledge.ports import Work


def undeliverable(work: Work, person: int, number: int, kind: str, reason: str) -> list[Notice]:
    """A message given up: an offer goes on to the next person, and whoever looks after the question hears why.

    The asker is never named. Nothing when the undelivered message was itself for the desk: it would go round.
    """
    if kind.startswith("desk."):
        return []
    question = work.questions.get(number)
    moved = direct_connect.unreached(work, person, number) if kind == "offer.open" else []
    if question is not None:
        people = routing.facilitators(work, question)
    else:
        people = work.people.having_somewhere(Role.FACILITATOR)
    unreached = work.people.get(person)
    is_asker = question is not None and question.asker == person
    return moved + [
        Notice(
            facilitator.id,
            "desk.undeliverable",
            {"question": number, "name": "" if is_asker else unreached.name, "reason": reason},
            about=number,
        )
        for facilitator in people
        if facilitator.id != person and facilitator.reachable
    ]
