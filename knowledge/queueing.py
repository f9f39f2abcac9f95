"""What is on the desk of one person: counted over all of it, and shown page by page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from knowledge import cards, curating, flagging, moving_on, routing
from knowledge.draft import Draft
from knowledge.errors import Refusal
from knowledge.flag import Flag
from knowledge.matching.port import Match, Reason
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.places import Network
from knowledge.ports import Work
from knowledge.question import DRAFTS, OVER, WAITING, Question, State

ENOUGH = 10
"""Questions on one page of the queue."""


class Standing(StrEnum):
    """What a question under way asks of its desk."""

    ESCALATED = "escalated"
    AGEING = "ageing"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Queue:
    """What is under way and one person may look after. `counts` are of all of it, however much of it is `shown`: by
    standing, and by the network it lies with (None: with none), the most first. `lying` is where each of `shown` does.
    `wider` are those of `shown` whose askers wait for a yes to a wider circle; with `flags` and `drafts` to decide on
    they are what waits for approval, `approvals` in all. Of those that the reader only moderates the words are left
    out: `about` has their topics, `wanted` those that they could be asked about now. `network` is the one it was asked
    for, None for all. Pages count from 1."""

    counts: Mapping[Standing, int]
    by_network: Sequence[tuple[int | None, int]]
    shown: Sequence[tuple[Question, Standing]]
    lying: Sequence[int | None]
    wider: frozenset[int]
    about: Mapping[int, Sequence[str]]
    wanted: frozenset[int]
    approvals: int
    flags: Sequence[Flag]
    drafts: Sequence[Draft]
    network: Network | None
    page: int
    pages: int


def queue(work: Work, person: Person, network: Network | None = None, page: int = 1) -> Queue:
    """Oldest first, by when it was sent."""
    mine = [
        (question, routing.lies_with(work, question))
        for question in sorted(_under_way(work, person), key=lambda one: (one.sent_at or one.asked_at, one.id))
    ]
    if network is not None:
        mine = [(question, lies) for question, lies in mine if lies == network.id]
    lying = Counter(lies for _, lies in mine)
    standing = [(question, standing_of(work, question)) for question, _ in mine]
    theirs = {question.id for question, _ in mine if routing.may_look_after(work, person, question)}
    wider = work.widenings.wanted() & theirs
    flags = [one for one in flagging.to_decide(work, person) if network is None or one.network == network.id]
    drafts = [one for one in curating.to_decide(work, person) if network is None or one.place == network.id]
    pages = max(-(-len(mine) // ENOUGH), 1)
    page = min(max(page, 1), pages)
    shown = standing[(page - 1) * ENOUGH : page * ENOUGH]
    watched = [question for question, _ in shown if question.id not in theirs]
    return Queue(
        counts={one: sum(found is one for _, found in standing) for one in Standing},
        by_network=sorted(lying.items(), key=lambda one: (-one[1], one[0] is None, one[0] or 0)),
        shown=[(one if one.id in theirs else replace(one, text=""), standing) for one, standing in shown],
        lying=[lies for _, lies in mine[(page - 1) * ENOUGH : page * ENOUGH]],
        wider=wider,
        about={one.id: sorted(work.matcher.seen(one.text).topics) for one in watched},
        wanted=frozenset(one.id for one in watched if may_volunteer(work, person, one)),
        approvals=len(wider) + len(flags) + len(drafts),
        flags=flags if page == pages else [],
        drafts=drafts if page == pages else [],
        network=network,
        page=page,
        pages=pages,
    )


def standings(work: Work, person: Person) -> list[tuple[int | None, Standing]]:
    """Where each question lies that is under way and theirs to look after or moderate, and what it asks of its desk."""
    return [(routing.lies_with(work, one), standing_of(work, one)) for one in _under_way(work, person)]


def wanting_wider(work: Work, person: Person) -> int:
    """How many of theirs wait for a yes to a wider circle."""
    mine = {one.id for one in _under_way(work, person) if routing.may_look_after(work, person, one)}
    return len(work.widenings.wanted() & mine)


def may_volunteer(work: Work, person: Person, question: Question) -> bool:
    """Whether who moderates its network may be asked about it now because they say so: it is late or with the
    facilitation, and nothing keeps it from them."""
    late = question.state in WAITING and standing_of(work, question) is not Standing.OPEN
    return late and routing.may_be_offered(work, question, person)


def volunteer(work: Work, person: Person, number: int) -> list[Notice]:
    """Has them asked about a question of a network they moderate, as anybody is asked: they read it then, and its asker
    sees that somebody was."""
    question = work.questions.get(number)
    watches = (
        question is not None and person.has_somewhere(Role.MODERATOR) and routing.may_watch(work, person, question)
    )
    if question is None or question.state in OVER | DRAFTS or not watches:
        raise Refusal("question.unknown", question=number)
    if not may_volunteer(work, person, question):
        raise Refusal("question.not_wanted", question=number)
    lies = routing.lies_with(work, question)
    why = Reason("moderates", {"network": lies}) if lies is not None else Reason("facilitator")
    offered, notices = moving_on.offer(work, question, Match(person.id, 1.0, (why,)))
    return [*notices, *cards.desk_over(work, question, offered), cards.asker_card(offered)]


def _under_way(work: Work, person: Person) -> list[Question]:
    under_way = work.questions.in_states(frozenset(State) - OVER - DRAFTS)
    return [one for one in under_way if routing.may_watch(work, person, one)]


def standing_of(work: Work, question: Question) -> Standing:
    """AGEING: nobody took it in the time that the KM team set, or whoever did had to be reminded."""
    if question.state is State.ESCALATED:
        return Standing.ESCALATED
    since = question.waiting_since if question.state is State.OFFERED else None
    late = since is not None and since + work.pace.ageing <= work.now
    return Standing.AGEING if late or (question.state is State.TAKEN and question.reminded) else Standing.OPEN
