"""What the bot keeps of somebody, for them to read, and forgetting them."""

import json

from knowledge import assisting, attending, calling, curating, direct_connect, event_moves, flagging, proposing
from knowledge.assist import State as AssistState
from knowledge.errors import Refusal
from knowledge.flag import State as FlagState
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.ports import Work
from knowledge.proposal import Speaker
from knowledge.proposal import State as ProposalState
from knowledge.question import LIVE, OVER, OfferState, State

PIECE = 3000
"""Characters of one piece in chat: fits a card on every channel."""
MOST_PIECES = 20


def mine(work: Work, person: Person) -> list[Notice]:
    """Every row about somebody as JSON, in pieces that put together are one document. Nothing that tells who the other
    side of a question is."""
    whole = json.dumps(work.personal.about(person.id), ensure_ascii=False, indent=1)
    pieces = [whole[start : start + PIECE] for start in range(0, len(whole), PIECE)]
    shown = pieces[:MOST_PIECES]
    intro = Notice(person.id, "data.intro", {"pieces": len(shown), "left": len(pieces) - len(shown)})
    return [
        intro,
        *(
            Notice(person.id, "data.piece", {"piece": number, "pieces": len(shown), "text": text})
            for number, text in enumerate(shown, 1)
        ),
    ]


def before_forgetting(work: Work, person: Person) -> list[Notice]:
    """What would be removed, what stays and why; nothing is done yet."""
    _may_go(work, person)
    return [Notice(person.id, "forget.confirm", card="forget")]


def forget(work: Work, person: Person) -> list[Notice]:
    """Ends what they are in the middle of, so that nobody waits for them, and then removes or empties all of it."""
    _may_go(work, person)
    notices: list[Notice] = []
    for question in work.questions.of(person.id):
        if question.asker == person.id and question.state not in OVER:
            notices += direct_connect.withdraw(work, person, question.id)
        offer = question.offer_to(person.id)
        holds = offer is not None and offer.state in LIVE | {OfferState.TAKEN}
        if holds and question.state in (State.OFFERED, State.ESCALATED, State.TAKEN):
            notices += direct_connect.decline(work, person, question.id)
    notices += curating.leave(work, person)
    for flag in work.flags.of(person.id):
        if flag.state not in (FlagState.RETRACTED, FlagState.REJECTED):
            notices += flagging.retract(work, person, flag.id)
    for proposal in work.proposals.of(person.id):
        if proposal.state is ProposalState.OPEN:
            notices += proposing.withdraw(work, person, proposal.id)
        elif proposal.state is ProposalState.CHOSEN and proposal.speaker is not Speaker.NO:
            notices += calling.speak(work, person, proposal.id, yes=False)
    for assist in work.assists.of(person.id):
        if assist.asker == person.id and assist.state in (
            AssistState.DRAFT,
            AssistState.GATHERING,
            AssistState.MEETING,
        ):
            notices += assisting.call_off(work, person, assist.id)
    notices += attending.leave(work, person)
    notices += event_moves.without_host(work, person)
    work.personal.forget(person.id)
    return [*(notice for notice in notices if notice.to != person.id), Notice(person.id, "forget.done")]


def _may_go(work: Work, person: Person) -> None:
    """Raises Refusal for the last of the KM team: nobody could grant anything any more."""
    team = work.people.having_somewhere(Role.KM_TEAM)
    if [one.id for one in team] == [person.id]:
        raise Refusal("forget.last")
