"""The facilitator's hand in the weekly top 5: picking, ordering, other words, a look through a reader's eyes, a yes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from knowledge import candidates, routing
from knowledge.audit import Entry
from knowledge.candidates import Candidate, current, for_network
from knowledge.digest import (
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    OUT,
    Digest,
    Pick,
    State,
    first_five,
    week_of,
)
from knowledge.errors import Refusal
from knowledge.finding import readable
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.places import Audience, Kind, Network
from knowledge.ports import Work
from knowledge.text import shortened

MOST_SHOWN = 10
REPEATED_AFTER = timedelta(days=21)
"""What somebody got of another network's digest comes to them again no earlier."""
_ROLES = (Role.MODERATOR, Role.FACILITATOR, Role.KM_TEAM)


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of a digest as it stands now, in the words it goes out with. `place` counts from 1 among all its picks.
    `candidate` None: it is no more, and goes out to nobody. `closed`: it is for a circle that whoever looks is not of,
    and they are shown nothing but that it is there."""

    place: int
    key: str
    title: str
    summary: str
    candidate: Candidate | None
    closed: bool = False


# Whose it is


def networks_of(work: Work, person: Person) -> list[Network]:
    """The networks whose digest somebody makes: those they moderate or facilitate. By name in English."""
    mine = [one for one in work.catalogue.networks if _makes(person, one)]
    return sorted(mine, key=lambda one: (one.name("en"), one.id))


def _makes(person: Person, network: Network) -> bool:
    return any(grant.role in _ROLES and grant.network in (None, network.id) for grant in person.grants)


def network_of(work: Work, person: Person, found: Sequence[Network]) -> Network:
    """The one of several that somebody makes a digest for. Raises Refusal where that is none: as for a place that does
    not exist."""
    mine = [one for one in found if _makes(person, one)]
    if len(mine) != 1:
        raise Refusal("digest.which_network")
    return mine[0]


def digest_of(work: Work, person: Person, number: int) -> Digest:
    """Raises Refusal for one that is not theirs, as for one that does not exist."""
    found = work.digests.get(number)
    network = routing.network_of(work, found.network) if found is not None else None
    if found is None or network is None or not _makes(person, network):
        raise Refusal("digest.none", digest=number)
    return found


def latest(work: Work, person: Person) -> Digest:
    """This week's digest of the one network they make it for, or of the one that has begun. Raises Refusal where that
    leaves a choice."""
    begun = [
        found
        for one in networks_of(work, person)
        for found in [work.digests.of_week(one.id, week_of(work.now))]
        if found is not None
    ]
    if len(begun) != 1:
        raise Refusal("digest.which")
    return begun[0]


# Making one


def desk(work: Work, person: Person) -> list[Notice]:
    """How this week's digests of all their networks stand."""
    week = week_of(work.now)
    standing = []
    for network in networks_of(work, person):
        found = work.digests.of_week(network.id, week)
        standing.append((network, found, len(_open_to(work, person, network)) if found is None else 0))
    return [Notice(person.id, "digest.desk", {"standing": standing, "week": week})]


def begin(work: Work, person: Person, network: Network) -> list[Notice]:
    """This week's digest of a network, with what could stand in it."""
    return [_card(work, person, work.digests.begin(network.id, week_of(work.now), work.now))]


def show(work: Work, person: Person, number: int) -> list[Notice]:
    return [_card(work, person, digest_of(work, person, number))]


def pick(work: Work, person: Person, number: int, key: str) -> list[Notice]:
    digest = digest_of(work, person, number)
    network = routing.network_of(work, digest.network)
    found = current(work, key)
    if found is None or network is None or not candidates.fits(network, found) or not _sees(person, found):
        raise Refusal("digest.no_candidate", said=key[:40])
    return _changed(work, person, digest.with_pick(found.key), "pick")


def drop(work: Work, person: Person, number: int, place: int) -> list[Notice]:
    return _changed(work, person, digest_of(work, person, number).without(place), "drop")


def move(work: Work, person: Person, number: int, place: int, to: int) -> list[Notice]:
    return _changed(work, person, digest_of(work, person, number).moved(place, to), "move")


def word_form(work: Work, person: Person, number: int, place: int) -> list[Notice]:
    """The card gives way to a form with the words of one pick."""
    digest = digest_of(work, person, number)
    one = _to_word(work, person, digest, place)
    if digest.state is not State.DRAFT:
        raise Refusal("digest.not_draft", digest=number)
    values = {"digest": number, "place": place, "title": one.title, "summary": one.summary}
    return [Notice(person.id, "digest.word_form", values, card=f"digest:{number}")]


def word(
    work: Work, person: Person, number: int, place: int, *, title: str | None = None, summary: str | None = None
) -> list[Notice]:
    """Other words for one. "" for its own again."""
    digest = digest_of(work, person, number)
    _to_word(work, person, digest, place)
    digest = digest.worded(
        place,
        title=title if title is None else _readable(title, LONGEST_TITLE),
        summary=summary if summary is None else _readable(summary, LONGEST_SUMMARY),
    )
    return _changed(work, person, digest, "word")


def _to_word(work: Work, person: Person, digest: Digest, place: int) -> Shown:
    """Raises Refusal for one whose words are not theirs to change."""
    digest.at(place)
    one = shown(work, digest)[place - 1]
    if one.candidate is not None and not _sees(person, one.candidate):
        raise Refusal("digest.no_place", digest=digest.id, place=place)
    if one.candidate is not None and one.candidate.fixed:
        raise Refusal("digest.words_fixed", digest=digest.id, place=place)
    return one


def _readable(text: str, longest: int) -> str:
    return shortened(readable(text), longest) if text.strip() else ""


def preview(work: Work, person: Person, digest: Digest, reader: Person, language: str | None = None) -> list[Notice]:
    """What somebody would get of it, in their language or another, shown to the facilitator alone."""
    network = routing.network_of(work, digest.network)
    lines = for_reader(work, digest, reader, work.digests.got([reader.id], work.now - REPEATED_AFTER, digest.id))
    is_reader = network is not None and reads(reader, network)
    values = {
        "digest": digest.id,
        "network": network,
        "lines": [one for one in lines if one.candidate and _sees(person, one.candidate)] if is_reader else [],
        "reader": reader.name,
        "language": language or reader.language,
        "time_zone": reader.time_zone,
        "is_reader": is_reader,
    }
    return [Notice(person.id, "digest.preview", values)]


def approve(work: Work, person: Person, number: int, version: int | None = None) -> list[Notice]:
    """Yes: it goes to each reader at their next morning. Where the KM team wants two for the main community, the first
    brings it to whoever else makes that digest. `version` is the one that was looked at, None for the newest."""
    digest = digest_of(work, person, number)
    if version is not None and version != digest.version and digest.state not in OUT:
        raise Refusal("digest.changed", digest=number)
    network = routing.network_of(work, digest.network)
    twice = work.digests.second_yes() and network is not None and network.kind is Kind.MAIN
    if digest.state is State.DRAFT and digest.picks and not any(one.candidate for one in shown(work, digest)):
        raise Refusal("digest.empty", digest=number)
    others = [one for one in _makers(work, digest) if one.id != person.id]
    if twice and digest.state is State.DRAFT and not others:
        raise Refusal("digest.nobody_else", digest=number)
    approved = work.digests.save(digest.approved(person.id, work.now, twice=twice))
    _audit(work, person, "approve", number)
    asked = (
        [Notice(one.id, "digest.second", {"digest": number, "network": network}) for one in others]
        if approved.state is State.SECOND
        else []
    )
    return [_card(work, person, approved), *asked]


def recall(work: Work, person: Person, number: int) -> list[Notice]:
    """Takes the yes back, as long as nobody got it."""
    digest = digest_of(work, person, number)
    if work.digests.progress(number).begun:
        raise Refusal("digest.on_its_way", digest=number)
    back = work.digests.save(digest.recalled())
    work.digests.unplan(number)
    _audit(work, person, "recall", number)
    return [_card(work, person, back)]


def set_second_yes(work: Work, person: Person, wanted: bool) -> list[Notice]:
    """The KM team's rule for the main community."""
    if Role.KM_TEAM not in {grant.role for grant in person.grants if grant.network is None}:
        raise Refusal("digest.unknown", said="second")
    work.digests.set_second_yes(wanted)
    work.audit.note(Entry(person.id, "digest", "", work.now, f"second {'on' if wanted else 'off'}"))
    return [Notice(person.id, "digest.second_on" if wanted else "digest.second_off")]


def remind(work: Work, _number: int = 0) -> list[Notice]:
    """Once an hour, whoever is first: facilitators whose morning it is hear, once a week, which of their digests wait.
    Nothing where nothing could stand in one."""
    if not work.chores.claim("digests", work.now, work.now + timedelta(hours=1)):
        return []
    week = week_of(work.now)
    counts: dict[int, int] = {}
    for network in work.catalogue.networks:
        found = work.digests.of_week(network.id, week)
        if found is None or found.state is State.DRAFT:
            counts[network.id] = len(found.picks) if found and found.picks else len(for_network(work, network))
    notices = []
    for person in work.people.having_somewhere(Role.FACILITATOR):
        waiting = [(one, counts[one.id]) for one in networks_of(work, person) if counts.get(one.id)]
        # A place of their own is theirs to look after; the whole community's desk hears of the main one.
        placed = {grant.network for grant in person.grants if grant.role is Role.FACILITATOR and grant.network}
        waiting = [(one, count) for one, count in waiting if one.id in placed or (not placed and one.kind is Kind.MAIN)]
        hours = work.policy.hours
        # The hour that passed, and one more: the clock may ring late.
        its_time = hours.morning(work.now - timedelta(hours=2), person) <= work.now
        if waiting and person.reachable and its_time and work.digests.remind(person.id, week):
            notices.append(Notice(person.id, "digest.waits", {"waiting": waiting, "week": week}))
    return notices


# What it says


def shown(work: Work, digest: Digest) -> list[Shown]:
    """Every pick as it stands now."""
    return [_as_shown(place, pick, current(work, pick.key)) for place, pick in enumerate(digest.picks, 1)]


def _as_shown(place: int, pick: Pick, found: Candidate | None) -> Shown:
    title = pick.title or (found.title if found else "")
    summary = pick.summary or (found.summary if found else "")
    return Shown(place, pick.key, title, "" if summary == title else summary, found)


def for_reader(
    work: Work, digest: Digest, reader: Person, got: Mapping[int, frozenset[str]], lines: Sequence[Shown] | None = None
) -> list[Shown]:
    """What one reader gets of it: at most five that they may read and did not get lately, their topics first."""
    already = got.get(reader.id, frozenset())
    open_to = [
        one
        for one in (shown(work, digest) if lines is None else lines)
        if one.candidate is not None and one.candidate.read_by(reader) and one.key not in already
    ]
    theirs = {*reader.topics, *reader.interests}
    ranks = [(bool(theirs & set(one.candidate.topics)), one.place) for one in open_to if one.candidate]
    by_place = {one.place: one for one in open_to}
    return [by_place[place] for place in first_five(ranks)]


def reads(reader: Person, network: Network) -> bool:
    """Whether somebody gets a network's digest: its members and, of the main community, whoever is of its circle."""
    if reader.forgotten or not reader.may_read(network.audience, network.id):
        return False
    return network.kind is Kind.MAIN or network.id in reader.networks


def past(work: Work, reader: Person) -> list[tuple[Digest, Network, list[Shown]]]:
    """Digests that went out and that somebody may read, newest first, each with what of it is theirs to read now."""
    mine = {one.id: one for one in work.catalogue.networks if reads(reader, one)}
    found = []
    for digest in work.digests.past(list(mine)):
        lines = [one for one in shown(work, digest) if one.candidate is not None and one.candidate.read_by(reader)]
        if lines:
            found.append((digest, mine[digest.network], lines))
    return found


# Small parts


def _open_to(work: Work, person: Person, network: Network) -> list[Candidate]:
    """What whoever makes a network's digest may choose from, best first."""
    return [one for one in for_network(work, network) if _sees(person, one)]


def _open_or_closed(person: Person, one: Shown) -> Shown:
    if one.candidate is None or _sees(person, one.candidate):
        return one
    return Shown(one.place, "", "", "", None, closed=True)


def _sees(person: Person, one: Candidate) -> bool:
    """Whether its maker may be shown something of their digest: who looks after a place need not be a member of it, but
    of the circle that reads it."""
    return one.audience is Audience.SUB_NETWORK or person.may_read(one.audience)


def _makers(work: Work, digest: Digest) -> list[Person]:
    people = {one.id: one for role in _ROLES for one in work.people.having(role, digest.network)}
    return [one for _, one in sorted(people.items()) if one.reachable]


def _changed(work: Work, person: Person, digest: Digest, what: str) -> list[Notice]:
    saved = work.digests.save(digest)
    _audit(work, person, what, digest.id)
    return [_card(work, person, saved)]


def _audit(work: Work, person: Person, what: str, number: int) -> None:
    work.audit.note(Entry(person.id, "digest", f"digest:{number}", work.now, what))


def _card(work: Work, person: Person, digest: Digest) -> Notice:
    network = routing.network_of(work, digest.network)
    assert network is not None
    picked = {one.key for one in digest.picks}
    is_draft = digest.state is State.DRAFT
    found = [one for one in _open_to(work, person, network) if one.key not in picked] if is_draft else []
    lines = [_open_or_closed(person, one) for one in shown(work, digest)]
    values = {
        "digest": digest,
        "network": network,
        "lines": lines,
        "candidates": found[:MOST_SHOWN],
        "more": max(len(found) - MOST_SHOWN, 0),
        "progress": work.digests.progress(digest.id) if digest.state in OUT else None,
        "mine": person.id != digest.approved_by,
    }
    return Notice(person.id, "digest.card", values, card=f"digest:{digest.id}")
