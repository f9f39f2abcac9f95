"""Calls for topics: opened by whoever looks after a network, closed by the clock, and one proposal becomes an event.

Each endorsement is one vote; whoever likes several endorses several. Who voted for what is told to nobody.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from knowledge import routing
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.places import Network
from knowledge.ports import Work
from knowledge.proposal import Proposal
from knowledge.proposal_cards import after, known, looks_after, reads
from knowledge.topic_call import Call, State

LONGEST = timedelta(days=180)
SOONEST = timedelta(hours=1)
MOST_SHOWN = 10
MOST_TOLD = 5
"""Proposals named in a result."""
TOLD_AT_ONCE = 200
"""Members told in one transaction: the first at once, the others by the clock."""

# Whoever looks after the network


def open_(work: Work, person: Person, name: str, closes_at: datetime, sure: bool) -> list[Notice]:
    """Shows how many would hear of it; with `sure` they do."""
    network = routing.network_named(work, person, name, desk=True)
    if not looks_after(person, network):
        raise Refusal("call.not_yours", network=network.name(person.language))
    if closes_at < work.now + SOONEST:
        raise Refusal("call.past")
    if closes_at > work.now + LONGEST:
        raise Refusal("call.far", days=LONGEST.days)
    if any(one.network == network.id for one in work.calls.running([network.id])):
        raise Refusal("call.running", network=network.name(person.language))
    told = readers(work, network, but=person.id)
    values = {"network": network, "closes_at": closes_at, "many": len(told)}
    if not sure:
        return [Notice(person.id, "call.preview", values, card=f"call:{network.key}")]
    call = work.calls.add(Call(0, network.id, person.id, work.now, closes_at, told_up_to=0))
    if call is None:
        raise Refusal("call.running", network=network.name(person.language))
    return [
        Notice(person.id, "call.opened", {**values, "call": call.id}, card=f"call:{network.key}"),
        *tell(work, call.id),
        *_at_home(work, network, "call.at_home", {"call": call}, person.language),
    ]


def stop(work: Work, person: Person, number: int) -> list[Notice]:
    """Ends it before its date; what was proposed and endorsed stays for the next one."""
    call, network = _after(work, person, number)
    call = work.calls.save(call.stopped().mending())
    return [Notice(person.id, "call.stopped", {"network": network}), *tell(work, call.id)]


def move(work: Work, person: Person, number: int, closes_at: datetime) -> list[Notice]:
    """Another closing date."""
    if closes_at < work.now + SOONEST:
        raise Refusal("call.past")
    call, network = _after(work, person, number)
    call = work.calls.save(call.moved(closes_at).mending())
    return [Notice(person.id, "call.moved", {"network": network, "closes_at": closes_at}), *tell(work, call.id)]


def overview(work: Work, person: Person) -> list[Notice]:
    """The calls that run where this person looks after, and how they stand."""
    networks = {one.id: one for one in work.catalogue.networks if looks_after(person, one)}
    found = [(one, networks[one.network], _standing(work, one.network)) for one in work.calls.running(list(networks))]
    return [Notice(person.id, "call.list", {"found": found}, card="calls")]


def pick(work: Work, person: Person, number: int) -> list[Notice]:
    """Which of those that are equally far in front becomes the event."""
    proposal = after(work, person, number)
    for call in work.calls.running([proposal.network] if proposal.network is not None else []):
        if call.state is State.TIED:
            return _decide(work, call.picked(number))
    raise Refusal("call.not_tied", proposal=number)


# The clock


def due(work: Work, number: int) -> list[Notice]:
    """Counts the votes on the closing date. Called early, late or twice it counts once."""
    call = work.calls.get(number)
    if call is None or call.state is not State.OPEN or call.closes_at > work.now:
        return []
    counts = _counts(work, call.network)
    call = call.closed(counts)
    if call.state is State.DECIDED:
        return _decide(work, call)
    call = work.calls.save(call.mending())
    network = routing.network_of(work, call.network)
    if network is None:
        return []
    notices = tell(work, call.id)
    desk = looking_after(work, network)
    if call.state is State.EMPTY:
        return [*notices, *(Notice(one.id, "call.empty", {"network": network}) for one in desk)]
    tied = [one for one in work.proposals.open_in([network.id]) if one.id in call.tied]
    values = {"network": network, "tied": tied, "count": counts[call.tied[0]]}
    card = f"tie:{call.id}"
    notices += [Notice(one.id, "call.choose", values, card=card) for one in desk]
    chooses = {one.id for one in desk}
    return notices + [Notice(one, "call.tied", values) for one in _voters(work, network, counts) if one not in chooses]


def tell(work: Work, number: int) -> list[Notice]:
    """The call, or what became of it, on the cards of the next page of members."""
    call = work.calls.get(number)
    network = routing.network_of(work, call.network) if call is not None else None
    if call is None or network is None:
        return []
    after = call.told_up_to if call.announcing else call.mended_up_to
    if after is None:
        return []
    page = work.people.members(network.id, after, TOLD_AT_ONCE)
    there = [one for one in work.people.of_ids(page) if _hears(one, network, call.opener)]
    work.calls.save(call.told(page[-1] if len(page) == TOLD_AT_ONCE else None))
    if call.state is State.OPEN:
        return _cards(work, call, network, there, only_edit=not call.announcing)
    over = {"network": network}
    return [Notice(one.id, "call.over", over, card=f"call:{call.id}", only_edit=True) for one in there]


def left(work: Work, gone: Proposal) -> list[Notice]:
    """A proposal that was in front is no longer there: where one is left of a tie, it has won."""
    for call in work.calls.running([gone.network] if gone.network is not None else []):
        if call.state is State.TIED and gone.id in call.tied:
            moved = call.left(gone.id)
            if moved.state is State.DECIDED:
                return _decide(work, moved)
            network = routing.network_of(work, call.network)
            saved = work.calls.save(moved)
            tied = [one for one in work.proposals.open_in([call.network]) if one.id in saved.tied]
            values = {"network": network, "tied": tied, "count": 0}
            desk = looking_after(work, network) if network is not None else []
            return [Notice(one.id, "call.choose", values, card=f"tie:{call.id}") for one in desk]
    return []


def _decide(work: Work, call: Call) -> list[Notice]:
    """The winner becomes an event: its proposer is asked to speak, whoever looks after the network goes on with it, and
    those who voted hear how it ended."""
    network = routing.network_of(work, call.network)
    assert network is not None, "networks are not deleted"
    assert call.winner is not None
    proposal = work.proposals.get(call.winner)
    assert proposal is not None, "proposals are never deleted"
    standing = _standing(work, call.network)
    counts = _counts(work, call.network)
    voters = _voters(work, network, counts)
    call = work.calls.save(call.mending())
    proposal = work.proposals.save(proposal.chosen(call.id, counts[proposal.id], work.now))
    values = {"network": network, "winner": proposal, "standing": standing, "drawn": len(call.tied) > 1}
    desk = looking_after(work, network)
    told = {proposal.proposer, *(one.id for one in desk)}
    return [
        *tell(work, call.id),
        Notice(proposal.proposer, "proposal.speak", {"proposal": proposal}, card=f"speak:{proposal.id}"),
        *(Notice(one.id, "call.decided", values, card=f"tie:{call.id}") for one in desk),
        *(Notice(one, "call.result", values) for one in voters if one not in told),
        *_at_home(work, network, "call.result_home", values, proposal.language),
    ]


# The proposer of the winner


def speak(work: Work, person: Person, number: int, yes: bool) -> list[Notice]:
    """Whether the proposer speaks at the event. Only a yes shows who they are, to those who prepare it."""
    proposal = known(work, person, number)
    before, proposal = proposal, work.proposals.save(proposal.spoken(person.id, yes))
    network = routing.network_of(work, proposal.network)
    notices = [Notice(person.id, "proposal.speak", {"proposal": proposal}, card=f"speak:{number}")]
    if network is None or before.speaker is proposal.speaker:
        return notices
    values = {"proposal": proposal, "network": network, "name": person.name if yes else "", "yes": yes}
    told = [one for one in looking_after(work, network) if one.id != person.id]
    return notices + [Notice(one.id, "proposal.spoken", values) for one in told]


# Who hears


def readers(work: Work, network: Network, but: int = 0) -> list[Person]:
    """The members whom messages reach, within the network's audience."""
    return [one for one in work.people.in_network(network.id) if _hears(one, network, but)]


def _hears(member: Person, network: Network, but: int) -> bool:
    return member.id != but and member.reachable and reads(member, network)


def looking_after(work: Work, network: Network) -> list[Person]:
    """Its facilitators and moderators, else the facilitators of everywhere, else the KM team."""
    there = {
        one.id: one
        for role in (Role.FACILITATOR, Role.MODERATOR)
        for one in work.people.having(role, network.id)
    }  # fmt: skip
    found = list(there.values()) or work.people.having(Role.KM_TEAM)
    return [one for _, one in sorted((one.id, one) for one in found) if one.reachable]


def _counts(work: Work, network: int) -> Mapping[int, int]:
    return work.proposals.counts([one.id for one in work.proposals.open_in([network])])


def _standing(work: Work, network: int) -> Sequence[tuple[Proposal, int]]:
    """What is endorsed, most first."""
    found = work.proposals.open_in([network])
    counts = work.proposals.counts([one.id for one in found])
    ranked = sorted(found, key=lambda one: (-counts[one.id], one.id))
    return [(one, counts[one.id]) for one in ranked if counts[one.id]][:MOST_TOLD]


def _voters(work: Work, network: Network, counts: Mapping[int, int]) -> list[int]:
    """Those who endorsed anything there and may still read it."""
    people = (work.people.get(number) for number in work.proposals.voters(list(counts)))
    return [one.id for one in people if one.reachable and reads(one, network)]


def _after(work: Work, person: Person, number: int) -> tuple[Call, Network]:
    """A call whose network this person looks after. Any other reads like one that does not exist."""
    call = work.calls.get(number)
    network = routing.network_of(work, call.network) if call is not None else None
    if call is None or network is None or not looks_after(person, network):
        raise Refusal("call.unknown", call=number)
    return call, network


def _cards(
    work: Work, call: Call, network: Network, people: Sequence[Person], *, only_edit: bool = False
) -> list[Notice]:
    """The call as each member sees it: what stands there already, without what they proposed themselves."""
    found = work.proposals.open_in([network.id])
    counts = work.proposals.counts([one.id for one in found])
    ranked = sorted(found, key=lambda one: (-counts[one.id], one.id))

    def card(reader: Person) -> Notice:
        others = [one for one in ranked if one.proposer != reader.id][:MOST_SHOWN]
        values = {"call": call, "network": network, "found": others, "counts": counts}
        return Notice(reader.id, "call.card", values, card=f"call:{call.id}", only_edit=only_edit)

    return [card(one) for one in people]


def _at_home(
    work: Work, network: Network, key: str, values: Mapping[str, object], language: str
) -> list[Notice]:  # fmt: skip
    """The same where the network reads together, if it does."""
    home = work.flags.home(network.id)
    told = {**values, "network": network, "language": language}
    return [Notice(0, key, told, place=home)] if home else []
