"""Approved digests on their way: each reader is written down once, and gets it once, at their own next morning.

Whoever is written down has a row with a unique key. A row is claimed, and what it brings put in the outbox, in one
transaction: a process that dies in between has done neither.
"""

from collections.abc import Sequence

from knowledge import digesting, routing, subscribing
from knowledge.digest import Digest, Sending, State, Way
from knowledge.mail import EMAIL
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.places import Kind
from knowledge.ports import Work

CHAT = "chat"
PLANNED_AT_ONCE = 500
SENT_AT_ONCE = 50


def plan(work: Work, number: int) -> list[Notice]:
    """Writes the next readers of an approved digest down, in the order of their numbers. Calling it once more than
    needed changes nothing."""
    digest = work.digests.get(number)
    if digest is None or digest.state is not State.APPROVED or digest.approved_at is None:
        return []
    network = routing.network_of(work, digest.network)
    if network is None:
        return []
    after = work.digests.planned_up_to(number)
    everybody = network.kind is Kind.MAIN
    these = work.people.of_ids(work.digests.readers(None if everybody else network.id, after, PLANNED_AT_ONCE))
    ways = work.digests.ways([one.id for one in these])
    sendings = [
        Sending(number, one.id, channel, work.policy.hours.morning(digest.approved_at, one))
        for one in these
        if digesting.reads(one, network)
        for channel in _channels(work, one, ways.get(one.id, subscribing.UNCHOSEN))
    ]
    last = len(these) < PLANNED_AT_ONCE
    work.digests.plan(number, sendings, these[-1].id if these else after, last=last)
    if not work.digests.waits(number):
        work.digests.save(digest.sent())
    return []


def send(work: Work, number: int) -> list[Notice]:
    """Brings a digest to some of the readers whose morning has come. Whoever turned it off since, or of whom nothing in
    it is to be read, is left out."""
    claimed = work.digests.claim(number, work.now, SENT_AT_ONCE)
    digest = work.digests.get(number)
    if digest is None:
        return []
    notices = _brought(work, digest, claimed) if claimed else []
    if digest.state is State.APPROVED and not work.digests.waits(number):
        work.digests.save(digest.sent())
    return notices


def mend(work: Work, number: int) -> list[Notice]:
    """Something of it is read nowhere any more: those whom it reached in chat are shown theirs anew, without. What they
    had beside it stays, and nothing comes to it."""
    digest = work.digests.get(number)
    network = routing.network_of(work, digest.network) if digest is not None else None
    if digest is None or network is None:
        return []
    lines = {one.key: one for one in digesting.shown(work, digest)}
    notices = []
    for sending, picks in work.digests.taken_back(number, PLANNED_AT_ONCE):
        reader = work.people.get(sending.person)
        left = [lines[key] for key in picks if key in lines]
        theirs = [one for one in left if one.candidate is not None and one.candidate.read_by(reader)]
        work.digests.note(sending, [one.key for one in theirs])
        values = {"digest": number, "network": network, "lines": theirs, "letter": False}
        notices.append(Notice(reader.id, "digest.issue", values, card=f"issue:{number}", only_edit=True))
    return notices


def _brought(work: Work, digest: Digest, claimed: Sequence[Sending]) -> list[Notice]:
    network = routing.network_of(work, digest.network)
    people = sorted({one.person for one in claimed})
    ways = work.digests.ways(people)
    got = work.digests.got(people, work.now - digesting.REPEATED_AFTER, digest.id)
    lines = digesting.shown(work, digest)
    notices = []
    for one in claimed:
        reader = work.people.get(one.person)
        way = ways.get(reader.id, subscribing.UNCHOSEN)
        if network is None or not digesting.reads(reader, network) or one.channel not in _channels(work, reader, way):
            continue
        theirs = digesting.for_reader(work, digest, reader, got, lines)
        if not theirs:
            continue
        work.digests.note(one, [line.key for line in theirs])
        values = {"digest": digest.id, "network": network, "lines": theirs, "letter": one.channel == EMAIL}
        if one.channel == EMAIL:
            notices.append(Notice(reader.id, "digest.issue", values, by=EMAIL))
        else:
            notices.append(Notice(reader.id, "digest.issue", values, card=f"issue:{digest.id}"))
    return notices


def _channels(work: Work, reader: Person, way: Way) -> list[str]:
    """By which channels somebody gets it now."""
    chat = [CHAT] if way.in_chat and reader.reachable else []
    letter = [EMAIL] if way.by_email and work.digests.by_email and work.people.address(reader.id) else []
    return [*chat, *letter]
