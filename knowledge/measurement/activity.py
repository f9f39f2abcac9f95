"""The framework's fourth domain, read from what the community does: nobody is asked for it, and nobody is named in it.

Only people count: what the bot says is no answer, and silence is no outcome. Every share carries its n.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scipy import stats

from knowledge.measurement.disclosure import tellable
from knowledge.measurement.results import Share, share
from knowledge.question import Outcome

PATIENCE = timedelta(hours=72)
"""After which a question without an answer counts as left alone."""
TOP = 5
LEAST_PEOPLE = 5
"""Fewer people than that are not counted by what they do."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One question's way. Times are UTC; `sent_at` is None for one that an earlier answer settled before it was sent.

    `asker_region` and the regions of those who answered are all that is known of who asked: the asker's id is in no
    record, so no figure can hold it. `answers` are the first answer of each who gave one, in order.
    """

    sent_at: datetime | None
    settled_at: datetime | None
    answers: tuple["Given", ...]
    asker_region: str
    outcome: Outcome | None
    offers: int
    declined: int
    ended: int
    used: bool | None
    minutes_saved: int | None

    @property
    def answered_at(self) -> datetime | None:
        return self.answers[0].at if self.answers else None


@dataclass(frozen=True, slots=True)
class Given:
    by: int
    region: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Hours to the first human answer, all of the clock: `median` and `ninety` are None where so many have none yet.

    Kaplan and Meier's estimate with what is still open censored at the window's end (Journal of the American
    Statistical Association 53, 1958), as `scipy.stats.ecdf` makes it.
    """

    n: int
    answered: int
    median: float | None
    ninety: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """Whether answers cross regions: their share beside what it would be if everybody answered anybody at random."""

    crossing: Share
    expected: float


@dataclass(frozen=True, slots=True)
class Activity:
    """A closed window. None wherever nothing is known, which is never 0."""

    since: datetime
    until: datetime
    members_before: int
    members_after: int
    active: int | None
    helping: int | None
    questions: int
    answer_rate: Share | None
    zero_reply_rate: Share | None
    wait: Wait | None
    solved_rate: Share | None
    reuse_rate: Share | None
    applied_rate: Share | None
    decline_rate: Share | None
    hops: float | None
    spread: Spread | None
    top_five: Share | None
    minutes_saved: int | None


def activity(
    passages: Sequence[Passage],
    joined: Iterable[datetime],
    active: Collection[int],
    since: datetime,
    until: datetime,
) -> Activity:
    """What was done from `since` to before `until` (UTC). `passages` began in the window; `joined` is when each member
    came; `active` are the ids of those who asked, answered or settled something in it."""
    came = list(joined)
    sent = [one for one in passages if one.sent_at is not None]
    waits = [_wait(one, until) for one in sent]
    # Sent so long ago that three days have passed since.
    old = [
        wait
        for one, wait in zip(sent, waits, strict=True)
        if one.sent_at is not None and until - one.sent_at >= PATIENCE
    ]
    left = [(hours, answered) for hours, answered in old if not answered or hours > _hours(PATIENCE)]
    decided = [one for one in sent if one.outcome is not None]
    settled = sum(one.settled_at is not None for one in passages)
    followed = [one for one in passages if one.used is not None]
    saved = [one.minutes_saved for one in passages if one.minutes_saved is not None]
    offered = [one for one in sent if one.offers]
    helpers = Counter(given.by for one in passages for given in one.answers if given.at < until)
    return Activity(
        since=since,
        until=until,
        members_before=sum(at < since for at in came),
        members_after=sum(at < until for at in came),
        active=_of_many(len(active)),
        helping=_of_many(len(helpers)),
        questions=len(sent),
        answer_rate=share(sum(answered for _, answered in old), len(old)),
        zero_reply_rate=share(len(left), len(old)),
        wait=waited(waits),
        solved_rate=share(sum(one.outcome is Outcome.SOLVED for one in decided), len(decided)),
        reuse_rate=share(settled, len(passages)),
        applied_rate=share(sum(bool(one.used) for one in followed), _enough(len(followed))),
        decline_rate=share(sum(one.declined for one in sent), sum(one.ended for one in sent)),
        hops=sum(one.offers for one in offered) / len(offered) if offered else None,
        spread=_tellable(spread([(one.asker_region, given.region) for one in passages for given in one.answers])),
        top_five=top_share(helpers),
        minutes_saved=sum(saved) if len(saved) >= LEAST_PEOPLE else None,
    )


def _enough(told: int) -> int:
    """What askers said for sums alone is not counted of fewer."""
    return told if told >= LEAST_PEOPLE else 0


def _of_many(people: int) -> int | None:
    return people if people >= LEAST_PEOPLE or not people else None


def _tellable(found: Spread | None) -> Spread | None:
    """Where an asker is from is theirs: of few answers it is not told whether they crossed regions."""
    if found is None or not tellable((found.crossing.count, found.crossing.n - found.crossing.count), LEAST_PEOPLE):
        return None
    return found


def _hours(time: timedelta) -> float:
    return time.total_seconds() / 3600


def _wait(one: Passage, until: datetime) -> tuple[float, bool]:
    """How many hours it has waited by then, and whether it was answered after them."""
    assert one.sent_at is not None
    answered = one.answered_at is not None and one.answered_at < until
    end = one.answered_at if answered else until
    assert end is not None
    return max(0.0, _hours(end - one.sent_at)), answered


def waited(waits: Sequence[tuple[float, bool]]) -> Wait | None:
    """Of hours waited, and whether that ended in an answer. None of none."""
    if not waits:
        return None
    data = stats.CensoredData(
        uncensored=[hours for hours, answered in waits if answered],
        right=[hours for hours, answered in waits if not answered],
    )
    answered = sum(answered for _, answered in waits)
    if not answered:
        return Wait(len(waits), 0, None, None)
    survival = stats.ecdf(data).sf

    def reached(part: float) -> float | None:
        """The first time by which so large a part has an answer."""
        below = [
            float(hours)
            for hours, left in zip(survival.quantiles, survival.probabilities, strict=True)
            if left <= 1 - part + 1e-12
        ]
        return below[0] if below else None

    return Wait(len(waits), answered, reached(0.5), reached(0.9))


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
