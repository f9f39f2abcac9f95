"""A made-up pilot of some months, to see measurement at work and to test it: what was planted in it is known.

It is written as rows, not lived: nobody was asked anything. Surveys are counted and kept by the same rule as real ones.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Table, insert

from knowledge.ledger import Pulse
from knowledge.measurement.frameworks import Edition
from knowledge.mixing import Response, mixed
from knowledge.people import Role
from knowledge.places import LANGUAGES, REGIONS, Audience
from knowledge.places import Kind as Place
from knowledge.question import OfferState, Outcome, Side, State
from knowledge.survey import DAYS, Kind, Survey
from storage.changes import raise_version
from storage.schema import membership, network, offer, person, pulse, question, relay, role_grant
from storage.surveys import Surveys

CHUNK = 5_000
NETWORKS = 4
FACILITATOR = "pilot.facilitator@sample.example"
Progress = Callable[[str, int, int], None]
"""What is written, how much of it, and of how much."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What was planted: the share who agree with each item before and at the end, the part that answers a pulse, and of
    questions the part answered at all, across regions and with the asker's name shown, and the median hours to a first
    answer."""

    before: Mapping[str, float]
    after: Mapping[str, float]
    response: float
    answered: float
    crossing: float
    hours: float
    named: float


def truth_of(edition: Edition, seed: int) -> Truth:
    random = Random(f"truth {seed}")
    before = {item: random.uniform(0.35, 0.6) for item in edition.statements}
    gain = {item: random.choice((0.0, 0.12, 0.2, 0.28)) for item in before}
    return Truth(
        before={item: round(part, 3) for item, part in before.items()},
        after={item: round(part + gain[item], 3) for item, part in before.items()},
        response=0.66,
        answered=0.92,
        crossing=0.7,
        hours=3.0,
        named=0.4,
    )


def write(
    connection: Connection,
    edition: Edition,
    *,
    members: int,
    months: int,
    seed: int,
    questions: int | None = None,
    end: datetime,
    progress: Progress = lambda *_: None,
) -> Truth:
    """Writes the pilot into a database that holds nobody. It ends with the month before `end` (UTC); in its first month
    lies the baseline wave, in its last the endline, between them a window of the rotation every month. `questions` in
    all, by default one for every five members a month."""
    random = Random(seed)
    truth = truth_of(edition, seed)
    last = end.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    begins = [last - timedelta(days=round(30.44 * back)) for back in range(months, 0, -1)]
    people = list(_people(members, begins[0], last, random))
    _write(connection, person, people, "members", progress)
    grants: list[dict[str, Any]] = [{"person_id": 1, "role": Role.FACILITATOR.value, "network_id": None}]
    helpers = [one for one in people[1:] if random.random() < 0.2] or people[1:]
    grants += [{"person_id": one["id"], "role": Role.EXPERT.value, "network_id": None} for one in helpers]
    _write(connection, role_grant, grants, "roles", progress)
    places = Random(f"places {seed}")
    _write(connection, network, list(_networks()), "networks", progress)
    joined = [
        {"person_id": one["id"], "network_id": number}
        for one in people
        for number in sorted(places.sample(range(1, NETWORKS + 1), places.choice((0, 1, 1, 2))))
    ]
    _write(connection, membership, joined, "memberships", progress)
    many = members * months // 5 if questions is None else questions
    _questions(
        connection, people, helpers, truth, begins[0], last, many, random, Random(f"names {seed}"), places, progress
    )
    for place, begin in enumerate(begins):
        kind = Kind.BASELINE if place == 0 else Kind.ENDLINE if place == months - 1 else Kind.ROTATION
        part = place / max(1, months - 1)
        _survey(connection, edition, people, truth, kind, part, begin, random, progress)
    raise_version(connection)
    return truth


def _networks() -> Iterator[dict[str, Any]]:
    for number in range(1, NETWORKS + 1):
        yield {
            "id": number,
            "key": f"pilot-{number}",
            "names": dict.fromkeys(LANGUAGES, f"Network {number} of the pilot (sample)"),
            "kind": Place.THEMATIC.value,
            "audience": Audience.UNDP.value,
            "region": "global",
            "topics": [],
            "about": {},
            "url": "",
        }


def _people(members: int, since: datetime, until: datetime, random: Random) -> Iterator[dict[str, Any]]:
    weights = [random.uniform(0.5, 2.0) for _ in REGIONS]
    for number in range(1, members + 1):
        language = random.choice(("en", "en", "fr", "es"))
        early = random.random() < 0.7
        yield {
            "id": number,
            "key": FACILITATOR if number == 1 else f"pilot.{number}@sample.example",
            "name": "Facilitator of the pilot (sample)" if number == 1 else f"Member {number} of the pilot (sample)",
            "language": language,
            "speaks": [language],
            "time_zone": "UTC",
            "region": random.choices(REGIONS, weights)[0],
            "reach": Audience.UNDP.value,
            "topics": [],
            "sample": True,
            "created_at": since - timedelta(days=30) if early else since + random.random() * (until - since),
        }


def _at_work(at: datetime, since: datetime) -> datetime:
    """That moment moved between nine and five of a working day, not before `since`: people ask while they work."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    opens = midnight + timedelta(hours=9) + (at - midnight) / 3
    over = max(0, midnight.weekday() - 4)
    back, on = timedelta(days=over), timedelta(days=3 - over)
    return opens - back if midnight - back >= since else opens + on


def _questions(
    connection: Connection,
    people: Sequence[Mapping[str, Any]],
    helpers: Sequence[Mapping[str, Any]],
    truth: Truth,
    since: datetime,
    until: datetime,
    many: int,
    random: Random,
    names: Random,
    places: Random,
    progress: Progress,
) -> None:
    by_region: dict[str, list[Mapping[str, Any]]] = {}
    for one in helpers:
        by_region.setdefault(one["region"], []).append(one)
    elsewhere_of = {
        region: [one for other, some in by_region.items() if other != region for one in some] for region in REGIONS
    }
    span = until - since
    asked: list[dict[str, Any]] = []
    offers: list[dict[str, Any]] = []
    relays: list[dict[str, Any]] = []
    for number in range(1, many + 1):
        asker = random.choice(people)
        at = _at_work(since + random.random() * span, since)
        elsewhere = elsewhere_of[asker["region"]]
        near = by_region.get(asker["region"], [])
        expert = random.choice(elsewhere if (random.random() < truth.crossing and elsewhere) or not near else near)
        answered = random.random() < truth.answered
        answered_at = at + timedelta(hours=random.lognormvariate(0.0, 1.0) * truth.hours) if answered else None
        if answered_at is not None and answered_at >= until:
            answered_at = None
        outcome = None
        if answered_at is not None and random.random() < 0.8:
            outcome = random.choices([Outcome.SOLVED, Outcome.PARTLY, Outcome.NO], (7, 2, 1))[0]
        closed_at = answered_at + timedelta(hours=2) if answered_at is not None and outcome is not None else None
        state = State.CLOSED if outcome else State.ANSWERED if answered_at else State.ESCALATED
        asked.append(
            {
                "id": number,
                "version": 3,
                "asker_id": asker["id"],
                "text": f"Made-up question {number} of the pilot",
                "language": asker["language"],
                "audience": Audience.UNDP.value,
                "state": state.value,
                "expert_id": expert["id"] if answered_at else None,
                "network_id": places.choices((None, *range(1, NETWORKS + 1)), (1, 4, 3, 2, 1))[0],
                "asker_named": names.random() < truth.named,
                "outcome": outcome.value if outcome else None,
                "minutes_saved": random.choice((None, 15, 60, 240)) if outcome is Outcome.SOLVED else None,
                "used": random.choice((None, True, True, False)) if outcome is Outcome.SOLVED else None,
                "asked_at": at,
                "sent_at": at,
                "answered_at": answered_at,
                "closed_at": closed_at,
            }
        )
        hops = random.choices((1, 2, 3), (7, 2, 1))[0]
        for hop, one in enumerate({expert["id"], *(random.choice(helpers)["id"] for _ in range(hops - 1))}):
            took = one == expert["id"] and answered_at is not None
            offers.append(
                {
                    "question_id": number,
                    "person_id": one,
                    "state": (OfferState.TAKEN if took else OfferState.DECLINED if hop else OfferState.CLOSED).value,
                    "reasons": [],
                    "offered_at": at,
                    "ended_at": answered_at or at,
                }
            )
        if answered_at is not None:
            relays.append(
                {
                    "question_id": number,
                    "number": 1,
                    "side": Side.EXPERT.value,
                    "author_id": expert["id"],
                    "text": f"Made-up answer to question {number}",
                    "at": answered_at,
                }
            )
    _write(connection, question, asked, "questions", progress)
    _write(connection, offer, offers, "offers", progress)
    _write(connection, relay, relays, "answers", progress)


def _survey(
    connection: Connection,
    edition: Edition,
    people: Sequence[Mapping[str, Any]],
    truth: Truth,
    kind: Kind,
    part: float,
    begin: datetime,
    random: Random,
    progress: Progress,
) -> None:
    """`part` of the way from before to after, 0 to 1."""
    surveys = Surveys(connection)
    items = tuple(edition.statements)
    days = DAYS[kind]
    planned = Survey(0, kind, items, days, seed=begin.toordinal(), framework=edition.version)
    running = surveys.save(added := surveys.add(planned), added.started(begin, "pilot"))
    responses: list[Response] = []
    asked: list[dict[str, Any]] = []
    for one in people:
        if one["created_at"] >= begin:
            continue
        # Two pulses fit into a window of the rotation.
        for item in items if running.is_wave else random.sample(items, 2):
            answers = random.random() < truth.response
            if answers:
                agrees = truth.before[item] + part * (truth.after[item] - truth.before[item])
                point = random.choice((4, 4, 5)) if random.random() < agrees else random.choice((1, 2, 2, 3, 3))
                responses.append(Response(item, point, one["region"]))
            asked.append(
                {
                    "person_id": one["id"],
                    "survey_id": running.id,
                    "item": item,
                    "asked_at": begin,
                    "cycle": None,
                    "state": (Pulse.ANSWERED if answers else Pulse.SKIPPED).value,
                    "due_at": None,
                    "reminded": False,
                    "unclear": False,
                    "remarked": False,
                }
            )
    _write(connection, pulse, asked, f"survey {running.id}", progress)
    closed = surveys.save(running, running.closed(begin + timedelta(days=days)))
    surveys.keep(closed, mixed(responses, closed.least_scores, closed.least_remarks, random))


def _write(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], what: str, progress: Progress
) -> None:
    for at in range(0, len(rows), CHUNK):
        connection.execute(insert(table), list(rows[at : at + CHUNK]))
        progress(what, min(at + CHUNK, len(rows)), len(rows))
