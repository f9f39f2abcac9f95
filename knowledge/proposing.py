"""Topics from members: what somebody would like a network to discuss, and who stands behind it.

Nobody learns who proposed or who endorsed; how many did is shown. Whoever proposed what wins is asked whether they
would speak, and is named only when they say yes (`knowledge.calling`).
"""

from knowledge import calling, finding, routing, undoing
from knowledge.desk_work import Move
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.proposal import Proposal, State
from knowledge.proposal_cards import after, card, known, looks_after, near_networks, own_card, reads
from knowledge.text import plain

LONGEST_TOPIC = 300
"""Characters: a topic is a line or two, not an article."""
LONGEST_PRIORITY = 80
MOST_SHOWN = 10

# Its proposer


def propose(work: Work, proposer: Person, text: str) -> list[Notice]:
    """Writes a proposal down and shows who would read it, and what is alike already. Nobody else hears of it."""
    finding.may_write(proposer)
    words = _topic(text)
    near = near_networks(work, proposer, words)
    network = near[0].id if near else None
    draft = work.proposals.add(Proposal(0, proposer.id, words, proposer.language, work.now, network))
    return [own_card(work, draft)]


def place(work: Work, proposer: Person, number: int, name: str) -> list[Notice]:
    """Another network for it; one that the proposer may read."""
    draft = _own(work, proposer, number)
    draft = draft.placed(proposer.id, routing.network_named(work, proposer, name).id)
    return [own_card(work, work.proposals.save(draft))]


def lodge(work: Work, proposer: Person, number: int) -> list[Notice]:
    """The proposer's yes: its network reads it from now on."""
    finding.may_write(proposer)
    proposal = work.proposals.save(_own(work, proposer, number).opened(proposer.id))
    return [own_card(work, proposal)]


def withdraw(work: Work, proposer: Person, number: int) -> list[Notice]:
    before = _own(work, proposer, number)
    proposal = work.proposals.save(before.withdrawn(proposer.id, work.now))
    return [own_card(work, proposal), *calling.left(work, before)]


# Its network


def endorse(work: Work, person: Person, number: int, yes: bool = True) -> list[Notice]:
    """Stands behind it, or no longer does: once each, and not behind what they proposed themselves."""
    proposal = known(work, person, number)
    if proposal.state is State.MERGED and proposal.merged_into is not None:
        # Whoever presses an old button means the topic, wherever it stands now.
        proposal = known(work, person, proposal.merged_into)
    proposal.endorsable(person.id)
    if yes:
        work.proposals.endorse(proposal, person.id)
    else:
        work.proposals.unendorse(proposal, person.id)
    return [card(work, person, proposal)]


def show(work: Work, person: Person, number: int) -> list[Notice]:
    proposal = known(work, person, number)
    return [own_card(work, proposal) if proposal.proposer == person.id else card(work, person, proposal)]


def overview(work: Work, person: Person) -> list[Notice]:
    """What may be endorsed where the person reads or looks after, most endorsed first; their own; and running calls."""
    networks = [one for one in work.catalogue.networks if reads(person, one) or looks_after(person, one)]
    there = [one.id for one in networks]
    found = work.proposals.open_in(there)
    counts = work.proposals.counts([one.id for one in found])
    found.sort(key=lambda one: (-counts[one.id], one.id))
    mine = [one for one in work.proposals.of(person.id) if one.state in (State.DRAFT, State.OPEN)]
    values = {
        "found": [one for one in found if one.proposer != person.id][:MOST_SHOWN],
        "mine": mine[:MOST_SHOWN],
        "counts": {**counts, **work.proposals.counts([one.id for one in mine])},
        "endorsed": work.proposals.endorses(person.id, [one.id for one in found]),
        "calls": [(one, routing.network_of(work, one.network)) for one in work.calls.running(there)],
        "many": len(found),
    }
    return [Notice(person.id, "proposal.list", values, card="proposals")]


# Whoever looks after its network


def combine(work: Work, person: Person, number: int, into: int, sure: bool) -> list[Notice]:
    """Two that ask for the same become one, and whoever stands behind either stands behind that. Shown before it is
    done; it cannot be taken back, since afterwards nobody could tell whose endorsement came from where."""
    one, other = after(work, person, number), after(work, person, into)
    merged = one.merged(other, work.now)
    if not sure:
        counts = work.proposals.counts([one.id, other.id])
        values = {"one": one, "into": other, "counts": counts}
        return [Notice(person.id, "proposal.combine", values, card=f"combine:{number}")]
    work.proposals.unite(one, other)
    # Counted anew by whoever counts at this moment.
    other = work.proposals.save(other)
    merged = work.proposals.save(merged)
    done = {"proposal": number, "into": into, "count": work.proposals.counts([into])[into]}
    notices = [Notice(person.id, "proposal.combined", done, card=f"combine:{number}")]
    if merged.proposer not in (person.id, other.proposer):
        proposer = work.people.get(merged.proposer)
        notices += [own_card(work, merged), card(work, proposer, other)]
    return notices + calling.left(work, one)


def drop(work: Work, person: Person, number: int, reason: str) -> list[Notice]:
    """Taken out, with a sentence for its proposer, who does not hear from whom."""
    before = after(work, person, number)
    proposal = work.proposals.save(before.dropped(person.id, finding.readable(reason), work.now))
    kept = {"version": proposal.version}
    work.moves.put(Move(person.id, "drop", f"proposal:{number}", work.now, kept))
    return [
        card(work, person, proposal),
        own_card(work, proposal),
        Notice(proposal.proposer, "proposal.dropped", {"proposal": number, "reason": proposal.reason}),
        *calling.left(work, before),
    ]


@undoing.undoes("drop")
def _restore(work: Work, person: Person, move: Move) -> list[Notice]:
    number = int(move.about.partition(":")[2])
    before = work.proposals.get(number)
    assert before is not None, "proposals are never deleted"
    assert move.before is not None
    if before.version != move.before["version"]:
        raise Refusal("undo.moved_on_proposal", proposal=number, command=move.action)
    proposal = work.proposals.save(before.restored())
    return [card(work, person, proposal), own_card(work, proposal)]


def align(work: Work, person: Person, number: int, priority: str) -> list[Notice]:
    """Which corporate priority it serves, in a few words."""
    words = " ".join(finding.readable(priority).split())
    if len(words) > LONGEST_PRIORITY:
        raise Refusal("proposal.priority_long", most=LONGEST_PRIORITY)
    proposal = work.proposals.save(after(work, person, number).tagged(words))
    return [card(work, person, proposal)]


def _own(work: Work, proposer: Person, number: int) -> Proposal:
    proposal = work.proposals.get(number)
    if proposal is None or proposal.proposer != proposer.id:
        raise Refusal("proposal.unknown", proposal=number)
    return proposal


def _topic(text: str) -> str:
    words = finding.readable(text)
    if len(words) > LONGEST_TOPIC:
        raise Refusal("proposal.long", most=LONGEST_TOPIC, many=len(words), text=words)
    if len(plain(words)) < 3:
        raise Refusal("proposal.short")
    return words
