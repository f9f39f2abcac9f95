"""Who should get a question next, and where else the asker may turn."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.matching.port import Match, Reason
from knowledge.people import DESK, Person, Role
from knowledge.ports import Work
from knowledge.question import Question


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen if the question were sent now.

    `items` may answer it already. `expert` is the next person to be asked, None when the facilitator is.
    `networks` are where the asker could also go. All best first.
    """

    items: Sequence[Match]
    expert: Match | None
    networks: Sequence[Match]


def plan(work: Work, asker: Person, text: str) -> Plan:
    """The plan for a text that nobody has seen yet."""
    networks = work.matcher.networks(text, asker)
    return Plan(
        items=work.matcher.items(text, asker),
        expert=_next(work, asker, text, frozenset(), networks),
        networks=networks,
    )


def next_expert(work: Work, question: Question) -> Match | None:
    """The best person not yet asked; then a moderator of the best network; None when the facilitator must look."""
    asker = work.people.get(question.asker)
    networks = work.matcher.networks(question.text, asker)
    return _next(work, asker, question.text, question.approached, networks)


def nearest(work: Work, question: Question, limit: int = 3) -> list[Match]:
    """The people a facilitator could choose from, those already asked left out."""
    asker = work.people.get(question.asker)
    return work.matcher.experts(question.text, asker, excluding=question.approached, limit=limit)


def may_be_offered(work: Work, question: Question, person: Person) -> bool:
    """Whether the question may still be brought to them."""
    return person.may_be_asked_by(work.people.get(question.asker)) and person.id not in question.approached


def may_look_after(work: Work, person: Person, question: Question) -> bool:
    """Whether somebody of the desk may see the question and bring it on: within its circle, and never their own."""
    asker = work.people.get(question.asker)
    return person.id != asker.id and person.has_somewhere(*DESK) and person.may_read(asker.reach)


def facilitators(work: Work, question: Question) -> list[Person]:
    """Who looks after a question nobody took: the facilitators of the networks it fits, else those of everywhere,
    else any, else the KM team. Only who may look after it. Empty when the community has none of them."""
    asker = work.people.get(question.asker)
    networks = [match.id for match in work.matcher.networks(question.text, asker)]
    groups = (
        *(work.people.having(Role.FACILITATOR, network) for network in networks),
        work.people.having(Role.FACILITATOR),
        work.people.having_somewhere(Role.FACILITATOR),
        work.people.having_somewhere(Role.KM_TEAM),
    )
    return next(
        (there for group in groups if (there := [one for one in group if may_look_after(work, one, question)])),
        [],
    )


def _next(work: Work, asker: Person, text: str, excluding: frozenset[int], networks: Sequence[Match]) -> Match | None:
    experts = work.matcher.experts(text, asker, excluding=excluding, limit=1)
    if experts:
        return experts[0]
    for network in networks:
        for moderator in work.people.having(Role.MODERATOR, network.id):
            if moderator.id not in excluding and moderator.may_be_asked_by(asker):
                return Match(moderator.id, network.score, (Reason("moderates", {"network": network.id}),))
    return None
