"""What the community asks and does not know: topics that found no answer, against who there is for them.

Who asked is private. A topic is told only where enough people asked about it without an answer, over months that are
over: then nobody who looks again and again sees one more asker come.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from knowledge.measurement import disclosure
from knowledge.ports import Work

LEAST = 5
"""Askers of a topic below which nothing of it is told."""
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Gap:
    """A topic's key, how many people asked about it without an answer, in how many questions, where they are (only
    regions that may be told; `elsewhere` the others), and how many experts there are for it, by region."""

    topic: str
    askers: int
    questions: int
    asked_from: Mapping[str, int]
    elsewhere: int
    experts: int
    supply: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Gaps:
    """Of the months from `since` to before `until` (UTC): what most people missed comes first. `unanswered` counts all
    questions without an answer, None where too few people asked them; `items` are the published items by topic."""

    since: datetime
    until: datetime
    found: Sequence[Gap]
    unanswered: int | None
    items: Mapping[str, int]

    @property
    def last_day(self) -> datetime:
        return self.until - timedelta(days=1)


def gaps(work: Work) -> Gaps:
    """As of the end of last month."""
    until = work.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    since = until - relativedelta(months=MONTHS)
    asked = work.questions.unanswered(since, until)
    by_topic: dict[str, list[tuple[int, int]]] = {}
    for question in asked:
        for topic in work.matcher.seen(question.text).topics:
            by_topic.setdefault(topic, []).append((question.asker, question.id))
    found = [_gap(work, topic, pairs) for topic, pairs in by_topic.items() if _tellable(pairs)]
    every = [(question.asker, question.id) for question in asked]
    return Gaps(
        since,
        until,
        sorted(found, key=lambda one: (-one.askers, one.experts, one.topic)),
        len(asked) if _tellable(every) else None,
        Counter(topic for item in work.catalogue.items for topic in item.topics),
    )


def _gap(work: Work, topic: str, pairs: Sequence[tuple[int, int]]) -> Gap:
    parts: dict[str, list[tuple[int, int]]] = {}
    for asker, question in pairs:
        parts.setdefault(work.people.get(asker).region, []).append((asker, question))
    shown = disclosure.apart(parts, _tellable)
    asked_from = {region: _people(parts[region]) for region in sorted(shown)}
    rest = [pair for region, found in parts.items() if region not in shown for pair in found]
    supply = Counter(expert.region for expert in work.catalogue.experts if topic in expert.topics)
    return Gap(topic, _people(pairs), len(pairs), asked_from, _people(rest), sum(supply.values()), supply)


def _tellable(pairs: Sequence[tuple[int, int]]) -> bool:
    return disclosure.tellable_people(pairs, LEAST)


def _people(pairs: Sequence[tuple[int, int]]) -> int:
    return len({asker for asker, _ in pairs})


COLUMNS = {
    "since": "First day of the months counted, UTC.",
    "until": "First day after them, UTC.",
    "topic": "The topic's key in the community's list of topics.",
    "name": "The same, in words.",
    "askers": f"How many people asked about it and got no answer that helped; never fewer than {LEAST}.",
    "questions": "In how many questions.",
    "region": "The askers' region; elsewhere: all regions too few asked from; empty: all of them together.",
    "experts": "How many experts work on the topic, in that region; empty for elsewhere.",
    "items": "Published knowledge items on the topic.",
}


def rows(found: Gaps, names: Mapping[str, str]) -> list[Mapping[str, str | int | float | None]]:
    """One line for each topic, then one for each region that may be told of it."""
    lines: list[Mapping[str, str | int | float | None]] = []
    for gap in found.found:
        shared: dict[str, str | int | float | None] = {
            "since": f"{found.since:%Y-%m-%d}",
            "until": f"{found.until:%Y-%m-%d}",
            "topic": gap.topic,
            "name": names.get(gap.topic, gap.topic),
            "items": found.items.get(gap.topic, 0),
        }
        lines.append({
            **dict.fromkeys(COLUMNS), **shared, "askers": gap.askers, "questions": gap.questions, "region": "",
            "experts": gap.experts,
        })  # fmt: skip
        for region in sorted({*gap.asked_from, *gap.supply}):
            lines.append({
                **dict.fromkeys(COLUMNS), **shared, "region": region, "askers": gap.asked_from.get(region),
                "experts": gap.supply.get(region, 0),
            })  # fmt: skip
        if gap.asked_from and gap.elsewhere:
            lines.append({**dict.fromkeys(COLUMNS), **shared, "region": "elsewhere", "askers": gap.elsewhere})
    return lines
