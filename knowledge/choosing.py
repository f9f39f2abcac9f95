"""What an asker may choose before sending: the kind of help, the name shown, and who is never asked."""

from dataclasses import replace
from typing import Any

from knowledge import cards, finding, routing
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.places import Network
from knowledge.ports import Work
from knowledge.wishes import Identity


def choices(work: Work, asker: Person, number: int) -> list[Notice]:
    """The choices, in the place of the preview."""
    return [cards.choices(work, finding.draft(work, asker, number))]


def choose(work: Work, asker: Person, number: int, **changes: Any) -> list[Notice]:
    """Changes wishes by their names; the card shows them as they now stand."""
    question = finding.draft(work, asker, number)
    question = work.questions.save(question.wished(replace(question.wishes, **changes)))
    return [cards.choices(work, question)]


def identify(work: Work, asker: Person, number: int, identity: Identity) -> list[Notice]:
    """Who is told who asks. UNSEEN means something only where the desk would see it."""
    if identity is Identity.UNSEEN and not work.policy.desk_sees_askers:
        identity = Identity.HIDDEN
    return choose(work, asker, number, identity=identity)


def exclude(work: Work, asker: Person, number: int, person: Person) -> list[Notice]:
    """Somebody who is never to hear of this question, and never told why."""
    if person.id == asker.id:
        raise Refusal("wish.yourself")
    question = finding.draft(work, asker, number)
    return choose(work, asker, number, excluded=question.wishes.excluded | {person.id})


def exclude_supervisor(work: Work, asker: Person, number: int) -> list[Notice]:
    """Raises Refusal when nobody has told whom that means."""
    if asker.supervisor is None:
        raise Refusal("wish.no_supervisor")
    return exclude(work, asker, number, work.people.get(asker.supervisor))


def exclude_office(work: Work, asker: Person, number: int) -> list[Notice]:
    """Raises Refusal when it is not known where the asker works."""
    if not asker.office:
        raise Refusal("wish.no_office")
    return choose(work, asker, number, not_my_office=True)


def within(work: Work, asker: Person, number: int, network: Network | None) -> list[Notice]:
    """Nobody outside that network is to hear of this question; None: everybody of its circle may. Refused where nobody
    of the network could look after it."""
    before = finding.draft(work, asker, number)
    question = before.wished(replace(before.wishes, network=network.id if network else None))
    if network is not None and network.id not in asker.networks:
        raise Refusal("network.unknown", name=network.name(asker.language))
    if network is not None and not routing.facilitators(work, question):
        raise Refusal("wish.nobody_looks_after", network=network.name(asker.language))
    question = work.questions.save(question)
    return [cards.preview(work, question, routing.plan(work, question))]


def exclude_nobody(work: Work, asker: Person, number: int) -> list[Notice]:
    return choose(work, asker, number, excluded=frozenset(), not_my_office=False)


def supervised_by(work: Work, person: Person, supervisor: Person) -> list[Notice]:
    """Remembered for this person's own questions; the supervisor never hears of it."""
    if supervisor.id == person.id:
        raise Refusal("wish.yourself")
    work.people.prefer(person.id, supervisor_id=supervisor.id)
    return [Notice(person.id, "supervisor.set", {"name": supervisor.name})]
