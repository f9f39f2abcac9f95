"""Who should get a question next, and where else the asker may turn."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from knowledge.errors import Choice, Refusal, Several
from knowledge.load import NOTHING, WEEK, Carried
from knowledge.matching.port import Match, Reason
from knowledge.people import DESK, Person, Role
from knowledge.places import Kind, Network
from knowledge.ports import Work
from knowledge.question import Question
from knowledge.text import plain

CONSIDERED = 20
"""Experts looked at for one offer: enough to find one who is free."""
ABOUT_EQUAL = 0.05
"""Matches whose scores differ by no more are taken to fit equally well."""
_ARTICLES = frozenset({"the", "le", "la", "l", "el"})


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
        expert=next_expert(work, question).match,
        networks=work.matcher.networks(question.text, asker),
    )


@dataclass(frozen=True, slots=True)
class Next:
    """Who is asked next, None when the facilitator must look; `at` (UTC) is when they can be: now, or when their day
    begins or they are back."""

    match: Match | None
    at: datetime


def next_expert(work: Work, question: Question) -> Next:
    """The best person not yet asked who may be disturbed now; where nobody who fits will be free before the desk would
    get it, somebody of an adjacent topic; then a moderator of the best network; then whoever may be disturbed first.
    Nobody who has had enough this week."""
    asker = asker_in_circle(work, question)
    carried = carried_lately(work)
    experts, moderators = _candidates(work, question, asker)
    later: list[tuple[datetime, Match]] = []

    def free(group: Sequence[Match]) -> list[Match]:
        now = []
        for match in group:
            person = work.people.get(match.id)
            if work.policy.allowance.full(person, carried.get(person.id, NOTHING)):
                continue
            at = work.policy.hours.heard_from(work.now, person)
            if at <= work.now:
                now.append(match)
            else:
                later.append((at, match))
        return now

    found = free(experts)
    patience = work.policy.hours.after(work.now, work.pace.desk, asker)
    if not found and experts and all(at > patience for at, _ in later):
        # Nobody of the topic will be free before the desk would get it. Others are asked now or not at all.
        waiting, later = later, []
        found, later = free(_adjacent(work, question, asker)), waiting
    if found := found or free(moderators):
        return Next(_fairest(work, question, asker, found, carried), work.now)
    if later:
        at, match = min(later, key=lambda one: one[0])
        return Next(match, at)
    return Next(None, work.now)


def _fairest(
    work: Work, question: Question, asker: Person, free: Sequence[Match], carried: Mapping[int, Carried]
) -> Match:
    """Of those who fit about as well as the best: one from another region if the first asked was from the asker's own,
    then whoever carried least, then the best."""
    best = max(match.score for match in free)
    equal = [match for match in free if best - match.score <= ABOUT_EQUAL]
    asked = [work.people.get(offer.person).region for offer in question.offers]
    mix = not question.wishes.same_region and asked == [asker.region]

    def order(match: Match) -> tuple[bool, float, float, int]:
        near = mix and work.people.get(match.id).region == asker.region
        load = work.policy.allowance.minutes(carried.get(match.id, NOTHING))
        return near, load, -match.score, match.id

    return min(equal, key=order)


def nearest(work: Work, question: Question, limit: int = 3) -> list[Match]:
    """The people a facilitator could choose from, whether they fit well enough or not, those already asked left out."""
    asker = asker_in_circle(work, question)
    excluding = left_out(work, question, asker)
    found = work.matcher.experts(question.text, asker, excluding=excluding, limit=limit, sure=False)
    return [replace(match, reasons=tuple(without_asker(match.reasons))) for match in found]


def without_asker(reasons: Iterable[Reason]) -> list[Reason]:
    """The reasons that others may read: that somebody shares the asker's language would say which it is."""
    return [reason for reason in reasons if reason.kind != "language"]


def asker_in_circle(work: Work, question: Question) -> Person:
    """The asker, as wide as the question may go: whoever reads that circle may be asked (`knowledge.widening`)."""
    asker = work.people.get(question.asker)
    return replace(asker, reach=max(asker.reach, question.audience))


def may_be_offered(work: Work, question: Question, person: Person) -> bool:
    """Whether the question may still be brought to them, now."""
    asker = asker_in_circle(work, question)
    return (
        person.may_be_asked_by(asker)
        and person.id not in question.approached
        and not question.wishes.keep_from(person, asker)
    )


def carried_lately(work: Work) -> Mapping[int, Carried]:
    """What came to each person in the last seven days: questions, and invitations to peer assists. For routing alone:
    on the desk's list of who carried what, an invitation that was not taken would tell who said no."""
    since = work.now - WEEK
    both = Counter[int](), Counter[int]()
    for person, one in (*work.questions.carried(since).items(), *work.assists.carried(since).items()):
        both[0][person] += one.offers
        both[1][person] += one.taken
    return {person: Carried(offers, both[1][person]) for person, offers in both[0].items()}


def may_hear_now(work: Work, person: Person) -> bool:
    """Whether an offer may arrive now: they are reachable, back, awake, and have not had enough this week."""
    carried = carried_lately(work).get(person.id, NOTHING)
    full = work.policy.allowance.full(person, carried)
    return person.reachable and not full and work.policy.hours.heard_from(work.now, person) <= work.now


def may_look_after(work: Work, person: Person, question: Question) -> bool:
    """Whether somebody of the desk may see the question and bring it on: theirs is the desk of its place, or of
    everywhere, or whatever other desk has to stand in; within its circle, never their own question, and never against
    its asker's wish."""
    if not person.has_somewhere(*DESK) or not _may_see(work, person, question):
        return False
    if any(grant.role in DESK and grant.network is None for grant in person.grants):
        return True
    there = set(places(work, question))
    if any(grant.role in DESK and grant.network in there for grant in person.grants):
        return True
    return person.id in {one.id for one in facilitators(work, question)}


def may_watch(work: Work, person: Person, question: Question) -> bool:
    """Whether somebody may know that it is there and how it stands, without its words: whoever looks after it, and who
    moderates the network it lies with."""
    if may_look_after(work, person, question):
        return True
    moderated = {grant.network for grant in person.grants if grant.role is Role.MODERATOR}
    return bool(moderated) and lies_with(work, question) in moderated and _may_see(work, person, question)


def _may_see(work: Work, person: Person, question: Question) -> bool:
    """Whether nothing of the question's own keeps somebody of a desk from it."""
    asker = asker_in_circle(work, question)
    return person.id != asker.id and person.may_read(asker.reach) and not question.wishes.keep_from(person, asker)


def places(work: Work, question: Question) -> list[int]:
    """The networks whose desks look after it, best first: the one it is kept within or was placed in, else those it
    fits; the placing lasts, whatever is learnt about networks later."""
    for network in (question.wishes.network, question.network):
        if network is not None:
            return [network]
    return [match.id for match in work.matcher.networks(question.text, asker_in_circle(work, question))]


def lies_with(work: Work, question: Question) -> int | None:
    """The first of its places; None where it fits no network."""
    return next(iter(places(work, question)), None)


def home(work: Work, question: Question) -> int | None:
    """Where it belongs when it is sent: the first of its places that has a desk, else the first; None without any."""
    there = places(work, question)
    staffed = (
        one
        for one in there
        if any(_may_see(work, facilitator, question) for facilitator in work.people.having(Role.FACILITATOR, one))
    )
    return next(staffed, there[0] if there else None)


def facilitators(work: Work, question: Question) -> list[Person]:
    """Who looks after a question nobody took: the facilitators of its place, else those of everywhere, else any, else
    the KM team. Only who may see it. Empty when the community has none of them."""
    groups: Iterable[Callable[[], list[Person]]] = (
        *(partial(work.people.having, Role.FACILITATOR, network) for network in places(work, question)),
        lambda: work.people.having(Role.FACILITATOR),
        lambda: work.people.having_somewhere(Role.FACILITATOR),
        lambda: work.people.having_somewhere(Role.KM_TEAM),
    )
    return next(
        (there for group in groups if (there := [one for one in group() if _may_see(work, one, question)])),
        [],
    )


def in_network(work: Work, question: Question, network: Network) -> Match | None:
    """Who of a network is asked when the question is passed on to it: a moderator of it, else its nearest expert.
    None when nobody of it may be asked now; whoever passes it on must not see the difference."""
    asker = asker_in_circle(work, question)
    near = work.matcher.experts(
        question.text, asker, excluding=left_out(work, question, asker), limit=CONSIDERED, sure=False
    )
    members = {one.id for one in work.people.in_network(network.id)}
    people = [(one, "moderates") for one in work.people.having(Role.MODERATOR, network.id)]
    people += [(work.people.get(match.id), "network") for match in near if match.id in members]
    for person, why in people:
        fits = question.wishes.fit(person, asker) and may_be_offered(work, question, person)
        if fits and may_hear_now(work, person):
            return Match(person.id, 1.0, (Reason(why, {"network": network.id}),))
    return None


def network_of(work: Work, number: int | None) -> Network | None:
    """The network of that id, None when there is none."""
    return next((one for one in work.catalogue.networks if one.id == number), None)


def networks_named(work: Work, reader: Person, name: str, *, desk: bool = False) -> list[Network]:
    """Those the reader may read whose key is the name, else whose name in any language holds all its words. With `desk`
    those too whose desk is theirs: who looks after a place need not be a member of it."""
    places = {grant.network for grant in reader.grants if desk and grant.role in DESK}
    readable = [
        one
        for one in work.catalogue.networks
        if reader.may_read(one.audience, one.id) or not places.isdisjoint((None, one.id))
    ]
    words = [word for word in plain(name).split() if word not in _ARTICLES]
    exact = [one for one in readable if is_called(one, name)]
    if exact or not words:
        return exact
    return [one for one in readable if any(all(word in named for word in words) for named in _names(one))]


def network_named(work: Work, reader: Person, name: str, *, desk: bool = False) -> Network:
    """The one network a name means. One that the reader may not read is refused like one that does not exist."""
    found = networks_named(work, reader, name, desk=desk)
    if not found:
        raise Refusal("network.unknown", name=name[:80])
    if len(found) > 1:
        raise Several("network.several", name, [Choice(one.name(reader.language)) for one in found])
    return found[0]


def is_called(network: Network, name: str) -> bool:
    """Whether it is the network's key, or its whole name in any language."""
    words = plain(name).split()
    return bool(words) and words in [plain(network.key).split(), *_names(network)]


def _names(network: Network) -> list[list[str]]:
    return [plain(name).split() for name in network.names.values()]


def caretakers(work: Work, networks: Iterable[int]) -> list[Person]:
    """The facilitators of these networks, else those of everywhere. Each once, by id."""
    there = {one.id: one for network in networks for one in work.people.having(Role.FACILITATOR, network)}
    return [there[number] for number in sorted(there)] or work.people.having(Role.FACILITATOR)


def _candidates(work: Work, question: Question, asker: Person) -> tuple[list[Match], list[Match]]:
    """Whoever may be asked at all, best first: experts, and moderators of the networks it fits or is kept within."""
    excluding = left_out(work, question, asker)
    experts = work.matcher.experts(question.text, asker, excluding=excluding, limit=CONSIDERED)
    moderators = []
    networks = work.matcher.networks(question.text, asker)
    kept_within = question.wishes.network
    if kept_within is not None and kept_within not in [match.id for match in networks]:
        networks = [Match(kept_within, 1.0), *networks]
    for network in networks:
        for moderator in work.people.having(Role.MODERATOR, network.id):
            free = moderator.may_be_asked_by(asker) and moderator.id not in question.approached
            if free and question.wishes.fit(moderator, asker):
                moderators.append(Match(moderator.id, network.score, (Reason("moderates", {"network": network.id}),)))
    return experts, moderators


def _adjacent(work: Work, question: Question, asker: Person) -> list[Match]:
    """Experts of topics that share a thematic network with the question's own, those with most of them first."""
    topics = set(work.matcher.seen(question.text).topics)
    thematic = [set(one.topics) for one in work.catalogue.networks if one.kind is Kind.THEMATIC]
    near = set[str]().union(*(of_network for of_network in thematic if of_network & topics)) - topics
    excluding = left_out(work, question, asker)
    found = []
    for expert in work.catalogue.experts:
        shared = sorted(near.intersection(expert.topics))
        if shared and expert.id not in excluding and expert.may_be_asked_by(asker):
            found.append(Match(expert.id, len(shared) / len(near), (Reason("adjacent", {"topics": shared[:3]}),)))
    return sorted(found, key=lambda match: (-match.score, match.id))[:CONSIDERED]


def left_out(work: Work, question: Question, asker: Person) -> frozenset[int]:
    """Those the matcher must not count: asked before, or against the asker's wishes."""
    return question.approached | {one.id for one in work.catalogue.experts if not question.wishes.fit(one, asker)}
