"""Who should get a question next, and where else the asker may turn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

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


def plan(work: Work, question: Question) -> Plan:
    """The plan for a question that nobody has seen yet."""
    asker = work.people.get(question.asker)
    return Plan(
        items=work.matcher.items(question.text, asker),
        expert=next_expert(work, question),
        networks=work.matcher.networks(question.text, asker),
    )


def next_expert(work: Work, question: Question) -> Match | None:
    """The best person not yet asked; then a moderator of the best network; None when the facilitator must look."""
    return next(iter(_candidates(work, question)), None)


def nearest(work: Work, question: Question, limit: int = 3) -> list[Match]:
    """The people a facilitator could choose from, whether they fit well enough or not, those already asked left out."""
    asker = work.people.get(question.asker)
    excluding = _not_asked(work, question, asker)
    found = work.matcher.experts(question.text, asker, excluding=excluding, limit=limit, sure=False)
    return [replace(match, reasons=tuple(without_asker(match.reasons))) for match in found]


def without_asker(reasons: Iterable[Reason]) -> list[Reason]:
    """The reasons that others may read: that somebody shares the asker's language or region would say which it is."""
    return [reason for reason in reasons if reason.kind not in ("language", "region")]


def may_be_offered(work: Work, question: Question, person: Person) -> bool:
    """Whether the question may still be brought to them, now."""
    asker = work.people.get(question.asker)
    return (
        person.may_be_asked_by(asker)
        and person.id not in question.approached
        and not question.wishes.keep_from(person, asker)
    )


def may_look_after(work: Work, person: Person, question: Question) -> bool:
    """Whether somebody of the desk may see the question and bring it on: within its circle, never their own, and
    never against its asker's wish."""
    asker = work.people.get(question.asker)
    return (
        person.id != asker.id
        and person.has_somewhere(*DESK)
        and person.may_read(asker.reach)
        and not question.wishes.keep_from(person, asker)
    )


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


def _candidates(work: Work, question: Question) -> Iterable[Match]:
    """Whoever may be asked next, best first: experts, then the moderators of the networks it fits."""
    asker = work.people.get(question.asker)
    excluding = _not_asked(work, question, asker)
    yield from work.matcher.experts(question.text, asker, excluding=excluding, limit=1)
    for network in work.matcher.networks(question.text, asker):
        for moderator in work.people.having(Role.MODERATOR, network.id):
            free = moderator.may_be_asked_by(asker) and moderator.id not in question.approached
            if free and question.wishes.fit(moderator, asker):
                yield Match(moderator.id, network.score, (Reason("moderates", {"network": network.id}),))


def _not_asked(work: Work, question: Question, asker: Person) -> frozenset[int]:
    """Those the matcher must not count: asked before, or against the asker's wishes."""
    return question.approached | {one.id for one in work.catalogue.experts if not question.wishes.fit(one, asker)}
