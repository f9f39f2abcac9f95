"""What is on the desk of one person: counted over all of it, and shown page by page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge import curating, flagging, routing
from knowledge.draft import Draft
from knowledge.flag import Flag
from knowledge.people import Person
from knowledge.places import Network
from knowledge.ports import Work
from knowledge.question import DRAFTS, OVER, Question, State

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
    they are what waits for approval, `approvals` in all. `network` is the one it was asked for, None for all. Pages
    count from 1."""

    counts: Mapping[Standing, int]
    by_network: Sequence[tuple[int | None, int]]
    shown: Sequence[tuple[Question, Standing]]
    lying: Sequence[int | None]
    wider: frozenset[int]
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
    wider = work.widenings.wanted() & {question.id for question, _ in mine}
    flags = [one for one in flagging.to_decide(work, person) if network is None or one.network == network.id]
    drafts = [one for one in curating.to_decide(work, person) if network is None or one.place == network.id]
    pages = max(-(-len(mine) // ENOUGH), 1)
    page = min(max(page, 1), pages)
    return Queue(
        counts={one: sum(found is one for _, found in standing) for one in Standing},
        by_network=sorted(lying.items(), key=lambda one: (-one[1], one[0] is None, one[0] or 0)),
        shown=standing[(page - 1) * ENOUGH : page * ENOUGH],
        lying=[lies for _, lies in mine[(page - 1) * ENOUGH : page * ENOUGH]],
        wider=wider,
        approvals=len(wider) + len(flags) + len(drafts),
        flags=flags if page == pages else [],
        drafts=drafts if page == pages else [],
        network=network,
        page=page,
        pages=pages,
    )


def standings(work: Work, person: Person) -> list[tuple[int | None, Standing]]:
    """Where each question lies that is under way and theirs to look after, and what it asks of its desk."""
    return [(routing.lies_with(work, one), standing_of(work, one)) for one in _under_way(work, person)]


def wanting_wider(work: Work, person: Person) -> int:
    """How many of theirs wait for a yes to a wider circle."""
    return len(work.widenings.wanted() & {one.id for one in _under_way(work, person)})


def _under_way(work: Work, person: Person) -> list[Question]:
    under_way = work.questions.in_states(frozenset(State) - OVER - DRAFTS)
    return [one for one in under_way if routing.may_look_after(work, person, one)]


def standing_of(work: Work, question: Question) -> Standing:
    """AGEING: nobody took it in the time that the KM team set, or whoever did had to be reminded."""
    if question.state is State.ESCALATED:
        return Standing.ESCALATED
    since = question.waiting_since if question.state is State.OFFERED else None
    late = since is not None and since + work.pace.ageing <= work.now
    return Standing.AGEING if late or (question.state is State.TAKEN and question.reminded) else Standing.OPEN
