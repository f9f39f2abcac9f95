"""The framework's fourth domain, read from what the community does: nobody is asked for it, and nobody is named in it.

Only people count: what the bot says is no answer, and silence is no outcome. Every share carries its n.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from knowledge.hours import Hours
from knowledge.measurement.connections import Connections, Graph, Tie, connected
from knowledge.measurement.disclosure import KNOWN, tellable
from knowledge.measurement.profiles import Profile, Seen
from knowledge.measurement.results import Share, share
from knowledge.measurement.waiting import Wait, waited
from knowledge.question import Outcome

PATIENCE = timedelta(hours=72)
"""After which a question without an answer counts as left alone."""
TOP = 5
LEAST_PEOPLE = 5
"""Fewer people than that are not counted by what they do."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One question's way, as it stood when its window ended. Times are UTC; `sent_at` is None for one that an earlier
    answer settled before it was sent.

    `asker` tells one asker from another within the window and means nothing outside it; `tie` is who asked, and is
    there only where they showed their name. `network` is the place it lies with, `asker_zone` whose working hours it
    waited through. `answers` are the first answer of each who gave one, in order.
    """

    sent_at: datetime | None
    settled_at: datetime | None
    answers: tuple["Given", ...]
    asker: int
    asker_region: str
    outcome: Outcome | None
    offers: int
    declined: int
    ended: int
    minutes_saved: int | None
    tie: int | None = None
    network: int | None = None
    asker_zone: str = "UTC"

    @property
    def answered_at(self) -> datetime | None:
        return self.answers[0].at if self.answers else None


@dataclass(frozen=True, slots=True)
class Given:
    """`network` is where the answer comes from: that of the question where its author belongs to it, else the smallest
    of theirs; None for whoever is in none."""

    by: int
    region: str
    at: datetime
    network: int | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """What an asker said a month later of what they got: whether they used it."""

    used: bool
    asker: int
    asker_region: str
    network: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    id: int
    region: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class EventsHeld:
    """Events that ended in a window: how many, how often somebody was there, and how many people that were. Of the
    answers to whether they were useful only what was told of single events: `agreed` of `answered`."""

    held: int = 0
    attended: int = 0
    people: int = 0
    agreed: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """All that is read of the time from `since` to before `until` (UTC), before anything is counted. `followed` are the
    questions whose follow-up came in it, whenever they were asked; `ties_before` all pairs that met earlier. `shared`
    are how many showed their statement of contributions, None where nobody noted it; `items` how many knowledge items
    were added."""

    since: datetime
    until: datetime
    passages: Sequence[Passage]
    members: Sequence[Member]
    seen: Seen
    followed: Sequence[Followed] = ()
    ties_before: Collection[Tie] = ()
    items: int = 0
    shared: int | None = None
    events: EventsHeld = EventsHeld()


@dataclass(frozen=True, slots=True)
class Spread:
    """Whether answers cross regions: their share beside what it would be if everybody answered anybody at random."""

    crossing: Share
    expected: float


@dataclass(frozen=True, slots=True)
class Done:
    """What became of some questions. None wherever nothing is known or nothing may be told, which is never 0."""

    questions: int
    answer_rate: Share | None = None
    zero_reply_rate: Share | None = None
    wait: Wait | None = None
    working_wait: Wait | None = None
    solved_rate: Share | None = None
    reuse_rate: Share | None = None
    applied_rate: Share | None = None
    decline_rate: Share | None = None
    hops: float | None = None
    spread: Spread | None = None
    top_five: Share | None = None
    named_rate: Share | None = None
    minutes_saved: int | None = None


@dataclass(frozen=True, slots=True)
class TakingPart:
    """How many of some people did what. None where fewer than five did, or so few did not; who was reading, and what
    kinds there are, is known only where it was `noted` who was here."""

    members_before: int
    members_after: int
    active: int | None
    helping: int | None
    reading: int | None
    profiles: Mapping[Profile, int] | None
    noted: bool


@dataclass(frozen=True, slots=True)
class Activity:
    """A closed window, of the whole community or of a part of it; None for what is not told of that part."""

    since: datetime
    until: datetime
    people: TakingPart | None = None
    done: Done | None = None
    isolates: int | None = None
    connections: Connections | None = None
    items_published: int | None = None
    contributions_shared: int | None = None
    sharing_noted: bool = False
    events_held: int | None = None
    event_attendance: int | None = None
    attendance_few: bool = False
    event_useful: Share | None = None


def activity(window: Window, hours: Hours, random: Random) -> tuple[Activity, Graph]:
    """What was done in a window, and its graph. Working time is by `hours`."""
    passages, until = window.passages, window.until
    members = [one for one in window.members if one.joined_at < until]
    ties = [(one.tie, given.by) for one in passages if one.tie is not None for given in one.answers if given.at < until]
    graph = connected(ties, window.ties_before, len(members), random)
    alone = sum(one.id not in window.seen.met for one in members)
    return Activity(
        since=window.since,
        until=until,
        people=_of_few(taking_part(members, window.seen, window.since)),
        done=became(passages, window.followed, until, hours),
        isolates=_of_many(alone, len(members)),
        connections=graph.told,
        items_published=window.items,
        contributions_shared=window.shared and _of_many(window.shared, len(members)),
        sharing_noted=window.shared is not None,
        events_held=window.events.held,
        event_attendance=None if (few := 0 < window.events.people < LEAST_PEOPLE) else window.events.attended,
        attendance_few=few,
        event_useful=share(window.events.agreed, window.events.answered),
    ), graph


def taking_part(members: Sequence[Member], seen: Seen, since: datetime) -> TakingPart:
    """Of these members, all of whom came before the window ended; whoever asks has seen to it that it may be told."""
    kinds = Counter(seen.profile(one.id) for one in members)
    active, noted = seen.active, seen.here is not None
    return TakingPart(
        members_before=sum(one.joined_at < since for one in members),
        members_after=len(members),
        active=sum(one.id in active for one in members),
        helping=sum(one.id in seen.helped for one in members),
        reading=kinds[Profile.READS] if noted else None,
        profiles={profile: kinds[profile] for profile in Profile} if noted else None,
        noted=noted,
    )


def _of_few(found: TakingPart) -> TakingPart:
    """Without what may not be told of so many."""
    of = found.members_after
    kinds = found.profiles
    return replace(
        found,
        active=_of_many(found.active or 0, of),
        helping=_of_many(found.helping or 0, of),
        reading=None if found.reading is None else _of_many(found.reading, of),
        profiles=kinds if kinds is not None and tellable(kinds.values(), LEAST_PEOPLE) else None,
    )


def became(passages: Sequence[Passage], followed: Sequence[Followed], until: datetime, hours: Hours) -> Done:
    """What became of these questions by then."""
    sent = [one for one in passages if one.sent_at is not None]
    waits = [_wait(one, until) for one in sent]
    # Sent so long ago that three days have passed since.
    old = [
        wait
        for one, wait in zip(sent, waits, strict=True)
        if one.sent_at is not None and until - one.sent_at >= PATIENCE
    ]
    left = [answered for waited_for, answered in old if not answered or waited_for > _hours(PATIENCE)]
    decided = [one for one in sent if one.outcome is not None]
    settled = sum(one.settled_at is not None for one in passages)
    saved = [one.minutes_saved for one in passages if one.minutes_saved is not None]
    offered = [one for one in sent if one.offers]
    helpers = Counter(given.by for one in passages for given in one.answers if given.at < until)
    return Done(
        questions=len(sent),
        answer_rate=share(sum(answered for _, answered in old), len(old)),
        zero_reply_rate=share(len(left), len(old)),
        wait=waited(waits),
        working_wait=waited([_working_wait(one, until, hours) for one in sent]),
        solved_rate=share(sum(one.outcome is Outcome.SOLVED for one in decided), len(decided)),
        reuse_rate=share(settled, len(passages)),
        applied_rate=share(sum(one.used for one in followed), _enough(len(followed))),
        decline_rate=share(sum(one.declined for one in sent), sum(one.ended for one in sent)),
        hops=sum(one.offers for one in offered) / len(offered) if offered else None,
        spread=_tellable(spread([(one.asker_region, given.region) for one in passages for given in one.answers])),
        top_five=top_share(helpers),
        named_rate=share(sum(one.tie is not None for one in sent), len(sent)),
        minutes_saved=sum(saved) if len(saved) >= LEAST_PEOPLE else None,
    )


def _enough(told: int) -> int:
    """What askers said for sums alone is not counted of fewer."""
    return told if told >= LEAST_PEOPLE else 0


def _of_many(people: int, of: int) -> int | None:
    """How many people, where both they and the others are enough to hide among; none at all is told too."""
    return people if not people or (people >= LEAST_PEOPLE and of - people > KNOWN) else None


def _tellable(found: Spread | None) -> Spread | None:
    """Where an asker is from is theirs: of few answers it is not told whether they crossed regions."""
    if found is None or not tellable((found.crossing.count, found.crossing.n - found.crossing.count), LEAST_PEOPLE):
        return None
    return found


def _hours(time: timedelta) -> float:
    return time.total_seconds() / 3600


def _ends(one: Passage, until: datetime) -> tuple[datetime, bool]:
    """Until when it had waited by then, and whether that ended in an answer."""
    answered_at = one.answered_at
    return (answered_at, True) if answered_at is not None and answered_at < until else (until, False)


def _wait(one: Passage, until: datetime) -> tuple[float, bool]:
    """How many hours it has waited by then, and whether it was answered after them."""
    assert one.sent_at is not None
    end, answered = _ends(one, until)
    return max(0.0, _hours(end - one.sent_at)), answered


def _working_wait(one: Passage, until: datetime, hours: Hours) -> tuple[float, bool]:
    """The same in working hours of whoever asked."""
    assert one.sent_at is not None
    end, answered = _ends(one, until)
    return _hours(hours.between(one.sent_at, end, one.asker_zone)), answered


def spread(pairs: Sequence[tuple[str, str]]) -> Spread | None:
    """Of the regions of askers and of those who answered, pair by pair. None of none.

    Under random mixing an answer comes from another region with 1 − Σ aᵣ·bᵣ, where aᵣ and bᵣ are the parts of the
    questions and of the answers that belong to region r: the expectation behind M. Newman's assortativity (Mixing
    patterns in networks, Physical Review E 67, 2003, equation 2).
    """
    crossing = share(sum(asked != answered for asked, answered in pairs), len(pairs))
    if crossing is None:
        return None
    asked, answered = Counter(one for one, _ in pairs), Counter(one for _, one in pairs)
    same = sum(count * answered[region] for region, count in asked.items()) / len(pairs) ** 2
    return Spread(crossing, 1 - same)


def top_share(answers: Counter[int]) -> Share | None:
    """The part of the answers that came from the five who gave most; None while no more than five gave any: a share of
    everything says nothing."""
    if len(answers) <= TOP:
        return None
    return share(sum(count for _, count in answers.most_common(TOP)), answers.total())
