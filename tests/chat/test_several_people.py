"""Several people and a question's life, in any order, through the real turn on the real database: nobody hears of a
question who should not, nobody is disturbed who should not be, and nobody learns who asked."""

import itertools
import json
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Connection, insert, select, update

from bot.pages.signing import Signer
from bot.settings import Settings
from dialogs import turn
from dialogs.incoming import Incoming
from house.operator.samples import SAMPLE
from knowledge import cards, moving_on, routing, voices
from knowledge.hours import Hours
from knowledge.load import WEEK, Allowance
from knowledge.matching import community
from knowledge.measurement.frameworks import frameworks
from knowledge.notices import Post
from knowledge.people import Person
from knowledge.question import DRAFTS, HELD, OVER, UNDER_WAY, WAITING, OfferState, Question, State
from knowledge.wishes import Wishes
from storage import catalogue, importing, schema
from storage.database import Database
from storage.work import Work
from tests.chat.player import START
from tests.chat.town import ELIF, INGRID, LITIA, LUCA, NOBODY_KNOWS, OUSMANE, SAMIRA, SOMEBODY_KNOWS

JOAQUIN, AMINATA, CAMILA = (
    f"{name}@sample.example" for name in ("joaquin.rivas", "aminata.coulibaly", "camila.ortega")
)
PEOPLE = (LITIA, CAMILA, OUSMANE, SAMIRA, JOAQUIN, AMINATA, ELIF, INGRID, LUCA)
ASKERS = (LITIA, CAMILA)
NAMES = {LITIA: "Quillonia Vantress", CAMILA: "Ferruccia Oldenmoor"}
"""What may stand in nobody else's messages: like no word that the bot or anybody here uses."""
QUESTIONS = (
    SOMEBODY_KNOWS,
    "¿Quién sabe de desminado en el Sahel?",
    "How is local procurement planned in floods?",
    NOBODY_KNOWS,
)
WORDS = (
    "send {}", "withdraw {}", "reopen {}", "another {}", "reveal {}", "meet {}", "keep {}", "solved {}", "solved {} 1",
    "partly {}", "no {}", "accept {}", "accept {}", "decline {}", "pass {}", "answer {} Look at page four.",
    "answer {} Look at page four.", "reply {} And the budget?", "hide {}", "region {}", "without {} my office",
    "saved {} 45", "used {} yes", "impact {} It was copied twice.", "status", "queue", "show {}", "contributions",
    "voices {}", "open voices {}", "stop voices {}", "suggest voices {}", "volunteer {}",
)  # fmt: skip
ABOUT = ("without {} {who}", "assign {} {who}", "pass {} {who}")
OWN = ("snooze 3", "snooze 1", "back", "cap 0", "cap 2", "away 2026-03-20")
EXAMPLES = 5000 if "LONG" in os.environ else 300


class Listening(Work):
    """Notes what is put in the outbox, beside putting it there."""

    posted: list[tuple[int | None, str, int, bool, str]]

    def post(self, posts: Sequence[Post]) -> None:
        self.posted += [
            (one.person, one.kind, one.about, one.only_edit, json.dumps(one.payload, ensure_ascii=False))
            for one in posts
        ]
        super().post(posts)


class Town:
    """The sample community with everybody reachable, as of which every example begins."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.settings = Settings(_env_file=None, quiet_hours="18:00-08:00")
        with importing.load([Path(SAMPLE)], sample=True) as batch:
            database.write(lambda connection: importing.apply(connection, batch, START - timedelta(days=1)))
        with database.begin() as connection:
            for key, name in NAMES.items():
                connection.execute(update(schema.person).where(schema.person.c.key == key).values(name=name))
            self.people = {
                row.key: row.id for row in connection.execute(select(schema.person.c.key, schema.person.c.id))
            }
            for number in self.people.values():
                there = {"channel": "direct", "remote_id": str(number), "person_id": number}
                connection.execute(insert(schema.identity), there)
                connection.execute(insert(schema.conversation), {**there, "address": {}, "used_at": START})

        self.matchers = catalogue.Matchers(community.build("none", self.settings.caution))
        with database.reading() as connection:
            self.shown = {
                row.id: row.name for row in connection.execute(select(schema.person.c.id, schema.person.c.name))
            }

    def work(self, connection: Connection, now: datetime) -> Listening:
        work = Listening(
            connection,
            now=now,
            pace=self.settings.pace,
            policy=self.settings.policy,
            matchers=self.matchers,
            newcomer_reach=self.settings.newcomer_reach,
            framework=frameworks(),
            pages=Signer(self.settings.site, b"a key", lambda: now),
        )
        work.posted = []
        return work


class Several(RuleBasedStateMachine):
    """Each example is one transaction that is taken back: the next one begins where this one began."""

    def __init__(self, there: Town) -> None:
        super().__init__()
        self.there = there
        self.now = START
        self.keys = itertools.count()
        self.connection = there.database.writer.connect()
        self.whole = self.connection.begin()
        self.questions: dict[int, Question] = {}
        self.offered: list[tuple[datetime, int]] = []
        self.typed: set[tuple[int, int]] = set()

    def teardown(self) -> None:
        self.whole.rollback()
        self.connection.close()

    # What people do

    @rule(who=st.sampled_from(ASKERS), text=st.sampled_from(QUESTIONS))
    def ask(self, who: str, text: str) -> None:
        self.say(who, f"ask {text}")

    @rule(who=st.sampled_from(ASKERS), text=st.sampled_from(QUESTIONS), without=st.none() | st.sampled_from(PEOPLE[2:]))
    def ask_and_send(self, who: str, text: str, without: str | None) -> None:
        self.say(who, f"ask {text}")
        number = max(self.questions)
        if without is not None:
            self.say(who, f"without {number} {self.there.shown[self.there.people[without]]}")
        self.say(who, f"send {number}")

    @precondition(lambda self: self.questions)
    @rule(who=st.sampled_from(PEOPLE), words=st.sampled_from(WORDS), back=st.integers(0, 1))
    def act(self, who: str, words: str, back: int) -> None:
        self.say(who, words.format(self.number(back)))

    @precondition(lambda self: self.questions)
    @rule(words=st.sampled_from(WORDS), back=st.integers(0, 1))
    def the_asker_acts(self, words: str, back: int) -> None:
        question = self.questions[self.number(back)]
        self.say(self.key(question.asker), words.format(question.id))

    @precondition(lambda self: any(question.offers for question in self.questions.values()))
    @rule(words=st.sampled_from(WORDS), data=st.data())
    def somebody_asked_acts(self, words: str, data: st.DataObject) -> None:
        question = data.draw(st.sampled_from([one for one in self.questions.values() if one.offers]))
        offer = data.draw(st.sampled_from(question.offers))
        self.say(self.key(offer.person), words.format(question.id))

    @precondition(lambda self: self.questions)
    @rule(who=st.sampled_from(PEOPLE), words=st.sampled_from(("voices {}", "volunteer {}")), yes=st.booleans())
    def somebody_reads(self, who: str, words: str, yes: bool) -> None:
        question = self.questions[max(self.questions)]
        for line in ("voices {}", "open voices {}")[: 1 + yes]:
            self.say(self.key(question.asker), line.format(question.id))
        self.say(who, words.format(question.id))

    @precondition(lambda self: self.questions)
    @rule(
        who=st.sampled_from(PEOPLE), words=st.sampled_from(ABOUT), whom=st.sampled_from(PEOPLE), back=st.integers(0, 1)
    )
    def name(self, who: str, words: str, whom: str, back: int) -> None:
        self.typed.add((self.there.people[who], self.there.people[whom]))
        self.say(who, words.format(self.number(back), who=self.there.shown[self.there.people[whom]]))

    @rule(who=st.sampled_from(PEOPLE), words=st.sampled_from(OWN))
    def rest(self, who: str, words: str) -> None:
        self.say(who, words)

    @rule(hours=st.sampled_from([1, 5, 14, 30, 80, 24 * 20]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        work = self.there.work(self.connection, self.now)
        before = dict(self.questions)
        for number in work.questions.due(self.now, 100):
            turn.tell(work, moving_on.due(work, number))
        self.check(work, before)

    # How it is done

    def number(self, back: int) -> int:
        return max(max(self.questions) - back, min(self.questions))

    def key(self, person: int) -> str:
        return next(key for key, number in self.there.people.items() if number == person)

    def say(self, who: str, text: str) -> None:
        self.now += timedelta(seconds=20)
        work = self.there.work(self.connection, self.now)
        remote = str(self.there.people[who])
        before = dict(self.questions)
        said = Incoming("direct", str(next(self.keys)), remote, remote, {}, self.now, text=text)
        turn.hear(work, said)
        self.check(work, before, speaker=self.there.people[who], said=text)

    def check(self, work: Listening, before: dict[int, Question], speaker: int = 0, said: str = "") -> None:
        numbers = self.connection.execute(select(schema.question.c.id)).scalars().all()
        self.questions = {number: work.questions.get(number) for number in numbers}  # type: ignore[misc]
        for person, kind, about, only_edit, payload in work.posted:
            assert kind != "turn.failed", (said, payload)
            assert person is not None
            if kind == "offer.open" and not only_edit:
                self.offer_is_right(work, person, about, payload)
            if about in self.questions and not only_edit:
                self.reader_may_know(work, person, kind, before.get(about), self.questions[about])
            self.no_name(before, person, about, payload)

    def offer_is_right(self, work: Work, person: int, about: int, payload: str) -> None:
        """Nobody is asked who is away, asleep, full, outside the circle, or against the asker's wish."""
        who, question = work.people.get(person), self.questions[about]
        asker = routing.asker_in_circle(work, question)
        assert who.may_be_asked_by(asker)
        assert not question.wishes.keep_from(who, asker)
        assert self.awake(who)
        self.offered.append((self.now, person))
        lately = [at for at, one in self.offered if one == person and at > self.now - WEEK]
        cap = work.policy.allowance.weekly_cap if who.weekly_cap is None else who.weekly_cap
        assert len(lately) <= cap

    def awake(self, person: Person) -> bool:
        return self.there.settings.policy.hours.heard_from(self.now, person) <= self.now

    def reader_may_know(self, work: Work, person: int, kind: str, before: Question | None, after: Question) -> None:
        who = work.people.get(person)
        knew = [one for one in (before, after) if one is not None]
        is_asker = person == after.asker
        asked = any(one.offer_to(person) is not None for one in knew)
        desk = any(self.on_desk(work, who, one) for one in knew)
        opened = any(one.opening is not None for one in knew) and who.may_read(after.audience, after.wishes.network)
        assert is_asker or asked or desk or (opened and kind == "voices.read"), kind
        if kind in ("voices.preview", "voices.opened"):
            assert is_asker
        if kind.startswith(("question.answer", "question.helped", "question.taken")) and kind != "question.answer_sent":
            assert is_asker
        if kind == "question.answer":
            assert before is not None
            assert before.state not in OVER
        if kind.startswith("offer.") and kind not in ("offer.declined", "offer.passed"):
            assert asked
        assert is_asker or after.state not in DRAFTS

    def on_desk(self, work: Work, who: Person, question: Question) -> bool:
        return question.state not in DRAFTS and routing.may_look_after(work, who, question)

    def no_name(self, before: dict[int, Question], person: int, about: int, payload: str) -> None:
        for key, name in NAMES.items():
            asker = self.there.people[key]
            if person == asker or (name.split()[0] not in payload and name.split()[1] not in payload):
                continue
            # Whoever typed the name themselves may read it back.
            shown = [one for one in (before.get(about), self.questions.get(about)) if one and one.asker == asker]
            assert any(one.asker_named for one in shown) or (person, asker) in self.typed, payload

    # What always holds

    @invariant()
    def a_question_is_never_held_by_two_and_open_to_few(self) -> None:
        for question in self.questions.values():
            assert len(question.open_offers) <= self.there.settings.pace.most_open
            assert sum(offer.state is OfferState.TAKEN for offer in question.offers) <= 1
            assert (question.expert is not None) or question.state not in HELD
            assert question.state not in WAITING or question.expert is None
            assert question.state not in OVER or not question.open_offers
            assert (question.outcome is not None) == (question.state is State.CLOSED)
            wishes = question.wishes
            assert question.opening is None or question.state in UNDER_WAY
            assert question.opening is None or not (wishes.excluded or wishes.not_my_office or wishes.same_region)


def _run(there: Town, examples: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Several(there),
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            # What a planted fault breaks need not be made small.
            phases=[Phase.generate] if examples < EXAMPLES else settings().phases,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        ),
    )


def test_whatever_several_people_do_nobody_hears_what_they_should_not(sqlite_database: Database) -> None:
    _run(Town(sqlite_database), EXAMPLES)


PLANTED: dict[str, tuple[object, str, object]] = {
    "an excluded colleague is asked": (Wishes, "fit", lambda *_: True),
    "somebody asleep is asked": (Hours, "heard_from", lambda _self, now, _person: now),
    "somebody who has had enough is asked": (Allowance, "full", lambda *_: False),
    "the asker is named": (
        cards, "asker_name", lambda work, question: work.people.get(question.asker).name,
    ),
    "a late answer arrives": (Question, "_held_by", lambda *_: None),
    "what nobody opened is read": (
        voices, "read_by", lambda work, _person, question: work.openings.latest(question.id),
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(fault: str, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, planted = PLANTED[fault]
    there = Town(sqlite_database)
    real = Hours(quiet=there.settings.policy.hours.quiet).heard_from
    monkeypatch.setattr(Several, "awake", lambda self, person: real(self.now, person) <= self.now)
    monkeypatch.setattr(where, name, planted)
    with pytest.raises(AssertionError):
        _run(there, 200)
