"""The matcher over the sample community: who is found, who is left in peace, and reasons that are true."""

import json
import logging
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pytest

from knowledge.item import Item
from knowledge.matching import encoder as encoders
from knowledge.matching.community import CommunityMatcher
from knowledge.matching.index import Index
from knowledge.matching.port import Answered, Catalogue, Caution, Delta, Ended, Offered, Reused
from knowledge.people import Person
from knowledge.places import Audience, Kind, Network, Topic

ASKER = Person(99, "Asker (sample)", language="en", speaks=("en",), region="africa")
HOSTILE = Path(__file__).parents[3] / "shared" / "data" / "hostile-strings.json"


def topic(key: str, en: str, fr: str, es: str, *aliases: str) -> Topic:
    return Topic(key, {"en": en, "fr": fr, "es": es}, aliases)


TOPICS = (
    topic("mine-action", "Mine action", "Lutte antimines", "Acción contra minas", "demining", "déminage"),
    topic("drr", "Disaster risk reduction", "Réduction des risques", "Reducción del riesgo", "drr", "rrc", "floods"),
    topic("elections", "Elections", "Élections", "Elecciones", "voter registration"),
)


def person(id: int, topics: tuple[str, ...], about: str, **more: object) -> Person:
    return replace(Person(id, f"Person {id} (sample)", topics=topics, about=about), **more)  # type: ignore[arg-type]


def item(id: int, question: str, answer: str, audience: Audience = Audience.UNDP, language: str = "en") -> Item:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    return Item(id, f"item-{id}", question, answer, language, (), audience, None, "global", at)


CATALOGUE = Catalogue(
    1,
    TOPICS,
    [
        Network(1, "mines", {"en": "Mine Action network"}, Kind.THEMATIC, Audience.UNDP, "global", ("mine-action",)),
        Network(2, "risk", {"en": "Disaster Risk network"}, Kind.THEMATIC, Audience.UNDP, "global", ("drr",)),
    ],
    [
        person(1, ("mine-action",), "Clearance contracts and explosive ordnance risk education in schools."),
        person(2, ("drr",), "Early warning for floods and cyclones on small islands.", speaks=("en", "es")),
        person(3, ("elections",), "Voter registration, results transmission, women candidates."),
        person(
            4, ("mine-action",), "Aide aux victimes de mines au Sahel.", language="fr", speaks=("fr",), region="africa"
        ),
    ],
    [
        item(
            1, "How do we warn fishing villages before a cyclone?", "Radio first, then sirens; rehearse twice a year."
        ),
        item(2, "Comment enregistrer les électeurs déplacés ?", "Avec des équipes mobiles.", language="fr"),
        item(3, "Who audits the clearance company?", "An independent team.", Audience.UNDP),
    ],
)


@lru_cache(maxsize=1)
def matcher() -> CommunityMatcher:
    return CommunityMatcher(CATALOGUE, encoders.load("use"))


def ids(matches: object) -> list[int]:
    return [match.id for match in matches]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("question", "experts"),
    [
        ("Who knows about demining near schools?", {1}),
        ("Qui connaît le déminage ?", {1, 4}),
        ("¿Quién sabe de acción contra minas?", {1, 4}),
        ("Need a DRR plan for an atoll", {2}),
        ("voter registraton of women", {3}),
    ],
)
def test_who_is_asked(question: str, experts: set[int]) -> None:
    assert ids(matcher().experts(question, ASKER))[0] in experts


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("How can fishing villages be warned of a cyclone?", 1),
        ("¿Cómo avisamos a los pueblos de pescadores antes de un ciclón?", 1),
        ("How do we register displaced voters?", 2),
    ],
)
def test_an_earlier_answer_is_found_in_any_language(question: str, found: int) -> None:
    assert ids(matcher().items(question, ASKER, limit=1, sure=False)) == [found]


@pytest.mark.parametrize(
    "question",
    ["What is the best pizza in Rome?", "my laptop does not start", "hello", "asdf qwer", "???", "", "the of and"],
)
def test_nobody_is_bothered_in_vain(question: str) -> None:
    assert matcher().experts(question, ASKER) == []
    assert matcher().items(question, ASKER) == []
    nearest = matcher().experts(question, ASKER, limit=3, sure=False)
    assert len(nearest) == 3
    assert not any(match.fits for match in nearest)


def test_how_sure_is_a_setting() -> None:
    question = "Which candidates won?"
    bold = CommunityMatcher(CATALOGUE, encoders.load("use"), Caution(in_vain=1.5))
    shy = CommunityMatcher(CATALOGUE, encoders.load("use"), Caution(in_vain=1e9))
    assert len(shy.experts(question, ASKER)) <= len(bold.experts(question, ASKER))
    assert shy.experts("demining", ASKER) == []


def test_a_reader_of_another_circle_sees_no_trace() -> None:
    outside = replace(ASKER, reach=Audience.ONE_UN)
    secret = "Who audits the clearance company?"
    assert matcher().items(secret, outside, sure=False) == []
    public = replace(CATALOGUE, items=[replace(CATALOGUE.items[0], audience=Audience.PUBLIC)])
    both = replace(CATALOGUE, items=[*public.items, *CATALOGUE.items[1:]])
    asked = "Who audits the early warning?"
    alone, beside = (CommunityMatcher(one, None).items(asked, outside, sure=False) for one in (public, both))
    assert alone == beside


@pytest.mark.parametrize("kind", ["topics", "answered", "language"])
def test_a_reason_is_true_to_the_score(kind: str) -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    history = [Answered(n, 2, f"Which sirens warn of floods on islands? {n}", "en", at, True) for n in range(3)]
    catalogue = replace(CATALOGUE, history=history)
    asker = replace(ASKER, language="es")
    question = "Which sirens warn of floods on islands?"
    [told] = [
        match
        for match in CommunityMatcher(catalogue, encoders.load("use")).experts(question, asker, sure=False)
        if match.id == 2
    ]
    assert kind in [reason.kind for reason in told.reasons]
    without = {
        "topics": replace(catalogue, experts=[replace(one, topics=()) for one in catalogue.experts]),
        "answered": replace(catalogue, history=[]),
        "language": replace(catalogue, experts=[replace(one, speaks=("en",)) for one in catalogue.experts]),
    }[kind]
    scores = [_odds(CommunityMatcher(one, encoders.load("use")), question, asker, 2) for one in (catalogue, without)]
    assert scores[0] > scores[1]


def _odds(matcher: CommunityMatcher, question: str, asker: Person, person: int) -> float:
    """The lead of a person over the mean of the others, on the scale that orders them."""
    read = matcher._reader.read(question)
    ranker = matcher._by_person
    query = ranker.index.read(read.text, read.language, matcher._topics.find(read.said))
    ranking = ranker.experts(query, ranker.index.shelves(lambda reach: True), spread=0.5)
    scores = {
        int(one): float(score) + matcher._favour(matcher._people[int(one)], asker)
        for one, score in zip(ranking.ids, ranking.scores, strict=True)
    }
    return scores.pop(person) - sum(scores.values()) / len(scores)


def test_reasons_never_quote_what_was_asked_in_private() -> None:
    private = Answered(1, 2, "My director Zubaida hides the flood budget", "en", datetime(2026, 5, 1, tzinfo=UTC), True)
    told = CommunityMatcher(replace(CATALOGUE, history=[private]), encoders.load("use")).experts(
        "hides the flood budget Zubaida", ASKER, sure=False
    )
    assert "zubaida" not in repr([match.reasons for match in told]).lower()


AT = datetime(2026, 5, 1, tzinfo=UTC)
CHANGES = [
    Delta(2, items={1: None}),
    Delta(2, items={9: item(9, "How do we store seeds?", "Dry and cool.")}),
    Delta(2, experts={3: replace(CATALOGUE.experts[2], about="Seeds.")}),
    Delta(2, experts={3: None}),
    Delta(2, history=[Answered(1, 3, "How do we store seeds?", "en", AT)]),
    Delta(2, networks={2: None}),
    Delta(2, reused=[Reused(1, 3, "Who controls the deminers?", "en", AT, Audience.UNDP)]),
    Delta(2, offers=[Offered(1, 1, AT, Ended.DECLINED)]),
]


@pytest.mark.parametrize("delta", CHANGES)
def test_a_change_is_seen_at_once_and_by_the_new_matcher_alone(delta: Delta) -> None:
    def told(one: CommunityMatcher) -> list[list[int]]:
        questions = ("store seeds", "demining", "cyclone warning", "Who controls the deminers?")
        return [sorted(ids(one.items(question, ASKER, limit=9, sure=False))) for question in questions] + [
            ids(one.experts("demining", ASKER)),
            ids(one.networks("demining", ASKER)),
        ]

    first = CommunityMatcher(CATALOGUE, encoders.load("use"))
    before = told(first)
    second = first.after(delta)
    assert second.version == 2
    assert told(second) == told(CommunityMatcher(CATALOGUE.after(delta), encoders.load("use")))
    assert told(first) == before


def test_one_question_is_read_encoded_and_ranked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    did: Counter[str] = Counter()

    def counted(where: object, name: str) -> None:
        real = getattr(where, name)

        def count(*arguments: object, **options: object) -> object:
            did[name] += 1
            return real(*arguments, **options)

        monkeypatch.setattr(where, name, count)

    asked = CommunityMatcher(CATALOGUE, encoders.load("use"))
    asked.prepare()
    counted(Index, "spoken")
    counted(Index, "evidence")
    # As a question is previewed, and then sent.
    for _ in range(2):
        asked.networks("Who warns of floods?", ASKER)
    asked.items("Who warns of floods?", ASKER)
    asked.experts("Who warns of floods?", ASKER)
    asked.seen("Who warns of floods?")
    assert did == {"spoken": 1, "evidence": 3}
    outside = replace(ASKER, reach=Audience.PUBLIC)
    assert asked.networks("Who warns of floods?", outside, sure=False) == []
    assert did["evidence"] == 4


def test_two_who_follow_one_matcher_do_not_meet() -> None:
    """One follows what a transaction wrote that is then undone, the other what was committed."""
    first = CommunityMatcher(CATALOGUE, encoders.load("use"))
    undone = first.after(Delta(2, items={1: None, 9: item(9, "How do we store seeds?", "Dry and cool.")}))
    done = first.after(Delta(2, items={9: item(9, "How do we keep seeds?", "In jars.")}))
    later = done.after(Delta(3, items={9: item(9, "Who keeps bees?", "Beekeepers.")}))
    assert set(ids(undone.items("seeds", ASKER, limit=9, sure=False))) == {2, 3, 9}
    assert set(ids(done.items("seeds", ASKER, limit=9, sure=False))) == {1, 2, 3, 9}
    assert ids(later.items("bees", ASKER, limit=9, sure=False))[0] == 9
    assert set(ids(later.items("bees", ASKER, limit=9, sure=False))) == {1, 2, 3, 9}


def test_what_answered_somebody_is_found_by_the_next_in_their_words() -> None:
    first = CommunityMatcher(CATALOGUE, encoders.load("use"))
    words = "Our sapper firm: is anybody checking on them?"
    before = {match.id: match.score for match in first.items(words, ASKER, sure=False)}
    second = first.after(Delta(2, reused=[Reused(1, 3, words, "en", AT, Audience.UNDP)]))
    found = second.items(words, ASKER)
    assert ids(found) == [3]
    assert found[0].score > before[3]
    assert "sapper" not in repr(found[0].reasons)


def test_words_said_of_a_sub_networks_item_rank_it_for_those_who_may_read_them_alone() -> None:
    kept = replace(CATALOGUE.items[2], audience=Audience.SUB_NETWORK, network=1)
    catalogue = replace(CATALOGUE, items=[*CATALOGUE.items[:2], kept])
    words = "Our sapper firm: is anybody checking on them?"
    inside = replace(ASKER, networks=frozenset({1}))
    beyond = replace(inside, reach=Audience.ONE_UN)

    def seen(one: CommunityMatcher, reader: Person) -> list[object]:
        found = one.items(words, reader, limit=9, sure=False)
        return [(match.id, round(match.score, 6), match.reasons) for match in found]

    first = CommunityMatcher(catalogue, encoders.load("use"))
    said = Delta(2, reused=[Reused(1, 3, words, "en", AT, Audience.UNDP)])
    for second in (first.after(said), CommunityMatcher(catalogue.after(said), encoders.load("use"))):
        assert ids(second.items(words, inside)) == [3]
        assert ids(second.items(words, inside, limit=9, sure=False)).count(3) == 1
        # To a member from a wider circle it is as if nobody had said it.
        for reader in (beyond, ASKER):
            assert seen(second, reader) == seen(first, reader)
        gone = second.after(Delta(3, items={3: None}))
        assert 3 not in ids(gone.items(words, inside, limit=9, sure=False))
        wider = second.after(Delta(3, items={3: replace(kept, audience=Audience.UNDP, network=None)}))
        assert ids(wider.items(words, ASKER, limit=9, sure=False)).count(3) == 1


def test_equals_take_turns() -> None:
    twins = [person(1, ("drr",), "Early warning."), person(2, ("drr",), "Early warning.")]
    first = CommunityMatcher(replace(CATALOGUE, experts=twins), encoders.load("use"))
    [busy, free] = ids(first.experts("early warning of floods", ASKER))
    second = first.after(Delta(2, offers=[Offered(1, busy, AT, Ended.TAKEN)]))
    assert ids(second.experts("early warning of floods", ASKER)) == [free, busy]


def test_who_was_not_reached_carries_nothing() -> None:
    twins = [person(1, ("drr",), "Early warning."), person(2, ("drr",), "Early warning.")]
    first = CommunityMatcher(replace(CATALOGUE, experts=twins), encoders.load("use"))
    [best, _] = before = ids(first.experts("early warning of floods", ASKER))
    offered = first.after(Delta(2, offers=[Offered(1, best, AT)]))
    assert ids(offered.experts("early warning of floods", ASKER)) != before
    lost = offered.after(Delta(3, offers=[Offered(1, best, AT, Ended.UNREACHED, AT)]))
    assert ids(lost.experts("early warning of floods", ASKER)) == before


def test_without_an_encoder_words_alone_do_and_a_warning_says_so(caplog: pytest.LogCaptureFixture) -> None:
    assert encoders.load("none") is None
    alone = CommunityMatcher(CATALOGUE, None)
    assert ids(alone.experts("demining in schools", ASKER))[:1] == [1]
    assert ids(alone.items("warn villages before a cyclone", ASKER, limit=1, sure=False)) == [1]
    with caplog.at_level(logging.WARNING):
        assert encoders.load("model2vec:nowhere") is None
    assert "by words alone" in caplog.text


def hostile() -> list[str]:
    made = [
        "x" * 100_000,
        "?!" * 50_000,
        "the of and " * 9000,
        "(a+)+$" * 5000,
        "\u200b\u202e" * 4000,
        "мин mine 地雷 لغم " * 99,
    ]
    if not HOSTILE.exists():
        return made
    kinds = json.loads(HOSTILE.read_text(encoding="utf-8"))
    return made + [str(text) for texts in kinds.values() if isinstance(texts, list) for text in texts]


@pytest.mark.parametrize("said", hostile(), ids=range(len(hostile())))
def test_hostile_text_is_read_within_bounds(said: str) -> None:
    for found in (matcher().items(said, ASKER), matcher().experts(said, ASKER), matcher().networks(said, ASKER)):
        assert len(found) <= 5
