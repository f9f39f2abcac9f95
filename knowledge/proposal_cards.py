"""Who may know of a proposal, and what its card shows them."""

from knowledge import routing
from knowledge.errors import Refusal
from knowledge.matching.port import ALIKE
from knowledge.notices import Notice
from knowledge.people import DESK, Person, Role
from knowledge.places import Kind, Network
from knowledge.ports import Work
from knowledge.proposal import Proposal, State
from knowledge.topic_call import Call
from knowledge.topic_call import State as CallState

LOOKING_AFTER = DESK | {Role.MODERATOR}


def reads(person: Person, network: Network) -> bool:
    """Whether a network's proposals and calls are for this person: its members, within its audience."""
    return network.id in person.networks and person.may_read(network.audience, network.id)


def looks_after(person: Person, network: Network) -> bool:
    """Whether somebody moderates or facilitates that network, there or everywhere."""
    return any(grant.role in LOOKING_AFTER and grant.network in (None, network.id) for grant in person.grants)


def known(work: Work, person: Person, number: int) -> Proposal:
    """A proposal this person may know of: their own, or one that their network has read."""
    proposal = work.proposals.get(number)
    if proposal is not None and (
        proposal.proposer == person.id or (proposal.state is not State.DRAFT and _may_know(work, person, proposal))
    ):
        return proposal
    raise Refusal("proposal.unknown", proposal=number)


def _may_know(work: Work, person: Person, proposal: Proposal) -> bool:
    network = routing.network_of(work, proposal.network)
    return network is not None and (reads(person, network) or looks_after(person, network))


def after(work: Work, person: Person, number: int) -> Proposal:
    """A proposal whose network this person looks after. Any other reads like one that does not exist."""
    proposal = work.proposals.get(number)
    network = routing.network_of(work, proposal.network) if proposal is not None else None
    if proposal is None or proposal.state is State.DRAFT or network is None or not looks_after(person, network):
        raise Refusal("proposal.unknown", proposal=number)
    return proposal


def near_networks(work: Work, person: Person, text: str) -> list[Network]:
    """Networks that the person may read and that the text fits, those with a running call first, then their own; the
    main community where none does."""
    readable = {
        one.id: one for one in work.catalogue.networks if person.may_read(one.audience, one.id)
    }  # fmt: skip
    near = [readable[match.id] for match in work.matcher.networks(text, person) if match.id in readable]
    near = near or [one for one in readable.values() if one.kind is Kind.MAIN]
    called = {call.network for call in work.calls.running(list(readable)) if call.state is CallState.OPEN}
    return sorted(near, key=lambda one: (one.id not in called, one.id not in person.networks))


def alike(work: Work, person: Person, proposal: Proposal) -> list[Proposal]:
    """Open proposals of its network that may well ask for the same, nearest first; only what the person may read."""
    network = routing.network_of(work, proposal.network)
    if network is None or not (reads(person, network) or looks_after(person, network)):
        return []
    others = [one for one in work.proposals.open_in([network.id]) if one.id != proposal.id]
    likeness = work.matcher.likeness(proposal.text, [one.text for one in others])
    found = sorted(zip(likeness, others, strict=True), key=lambda pair: (-pair[0], pair[1].id))
    return [one for score, one in found if score >= ALIKE][:3]


def own_card(work: Work, proposal: Proposal) -> Notice:
    """The proposer's own card: a draft to look at, or how it stands."""
    proposer = work.people.get(proposal.proposer)
    values = _values(work, proposal)
    if proposal.state is State.DRAFT:
        near = near_networks(work, proposer, proposal.text)
        values["others"] = [one.id for one in near if one.id != proposal.network][:2]
        same = alike(work, proposer, proposal)
        values |= {"alike": same, "counts": work.proposals.counts([one.id for one in same])}
        return Notice(proposer.id, "proposal.draft", values, card=f"proposal:{proposal.id}")
    return Notice(proposer.id, "proposal.own", values, card=f"proposal:{proposal.id}")


def card(work: Work, person: Person, proposal: Proposal) -> Notice:
    """The card of anybody else who may know of it."""
    network = routing.network_of(work, proposal.network)
    values = _values(work, proposal)
    values["endorsed"] = bool(work.proposals.endorses(person.id, [proposal.id]))
    values["desk"] = network is not None and looks_after(person, network)
    values["mine"] = proposal.proposer == person.id
    values["alike"] = alike(work, person, proposal) if values["desk"] and proposal.state is State.OPEN else []
    return Notice(person.id, "proposal.card", values, card=f"proposal:{proposal.id}")


def _values(work: Work, proposal: Proposal) -> dict[str, object]:
    count = proposal.endorsed if proposal.state is State.CHOSEN else work.proposals.counts([proposal.id])[proposal.id]
    call = running_call(work, proposal.network)
    return {
        "proposal": proposal,
        "network": routing.network_of(work, proposal.network),
        "count": count,
        "closes_at": call.closes_at if call is not None else None,
    }


def running_call(work: Work, network: int | None) -> Call | None:
    """The network's open call, None when there is none."""
    found = work.calls.running([network]) if network is not None else []
    return next((one for one in found if one.state is CallState.OPEN), None)
