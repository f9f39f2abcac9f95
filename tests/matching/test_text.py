"""What a text is to the matcher, as tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.matching import text as texts
from knowledge.matching.language import detect
from knowledge.matching.reading import Reader
from knowledge.matching.spelling import is_slip, mended


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("L'eau potable", ["l", "eau", "potable"]),
        ("ANTI-corruption", ["anti", "corruption"]),
        ("Réseau d’Égalité", ["reseau", "d", "egalite"]),
        ("¿Cuántos niños?", ["cuantos", "ninos"]),
        ("SDG 16.3 in 2030", ["sdg", "16", "3", "in", "2030"]),
        ("🙂 mines 💣", ["mines"]),
        ("мой район", ["мой", "район"]),
        ("إزالة الألغام", ["إزالة", "الألغام"]),
        ("排雷行动", ["排雷", "雷行", "行动"]),
        ("de\u200bmining", ["demining"]),
        ("!!! … ???", []),
    ],
)
def test_words(given_: str, expected: list[str]) -> None:
    assert texts.words(texts.cleaned(given_)) == expected


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("elections", "election", "en"),
        ("communautés", "communauté", "fr"),
        ("refugiados", "refugiada", "es"),
    ],
)
def test_two_forms_of_a_word_share_a_stem(one: str, other: str, language: str) -> None:
    [first], [second] = (texts.stems(texts.words(word), language) for word in (one, other))
    assert first == second


def test_only_stop_words_leave_no_signal() -> None:
    assert texts.stems(texts.words("what about it, please?"), "en") == ["about"] or not texts.stems(
        texts.words("what is it, please?"), "en"
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do we start?", "en"),
        ("Comment lancer une action anticipatoire ?", "fr"),
        ("¿Quién sabe de presupuestos participativos?", "es"),
        ("Кто знает о разминировании?", "ru"),
        ("من يعرف عن إزالة الألغام؟", "ar"),
        ("排雷行动", "zh"),
        ("12345 !!!", "en"),
    ],
)
def test_the_language_of_a_short_text(text: str, language: str) -> None:
    assert detect(texts.cleaned(text)) == language


@pytest.mark.parametrize(
    ("typed", "language", "meant"),
    [
        ("anticipatry action agaist coruption", "en", "anticipatory action against corruption"),
        ("lutte contre la coruption", "fr", "lutte contre la corruption"),
        ("necesito ayudda con la gestion", "es", "necesito ayuda con la gestion"),
        # Names, abbreviations, other forms of known words and short words stay as they are.
        ("who knows Tchadienne Abdoulaye", "en", "who knows Tchadienne Abdoulaye"),
        ("UNDPX and DRRF", "en", "UNDPX and DRRF"),
        ("los alcaldes respondieron", "es", "los alcaldes respondieron"),
        ("quiero marcharte y decírmelo", "es", "quiero marcharte y decírmelo"),
        ("lorsqu'il a quelqu’un", "fr", "lorsqu'il a quelqu’un"),
        ("selos melos", "es", "selos melos"),
        ("qwk", "en", "qwk"),
        ("разминирвание", "ru", "разминирвание"),
    ],
)
def test_typing_errors(typed: str, language: str, meant: str) -> None:
    assert mended(typed, language, lambda word: False) == meant


def test_what_the_community_writes_is_no_typing_error() -> None:
    assert mended("prodoc for the bureau", "en", lambda word: word == "prodoc") == "prodoc for the bureau"


def test_of_two_near_words_the_communitys_own_is_meant() -> None:
    assert mended("our mibes", "en", lambda word: word == "mines") == "our mines"
    assert mended("our mibes", "en", lambda word: word == "miles") == "our miles"


@pytest.mark.parametrize(
    ("typed", "meant", "slip"),
    [
        ("budgt", "budget", True),
        ("buudget", "budget", True),
        ("budgett", "budget", True),
        ("bugdet", "budget", True),
        ("nudget", "budget", True),
        ("budgey", "budget", True),
        ("pudget", "budget", False),
        ("budgext", "budget", False),
        ("abudget", "budget", False),
        ("éudget", "budget", False),
    ],
)
def test_a_usual_slip(typed: str, meant: str, slip: bool) -> None:
    assert is_slip(typed, meant) is slip


@given(st.text(max_size=2000))
def test_any_text_is_read_and_stays_within_bounds(text: str) -> None:
    read = Reader(lambda word: False).read(text)
    assert len(texts.cleaned(text)) <= texts.WINDOW
    words = texts.words(read.text)
    assert len(words) <= texts.WORDS
    assert all(len(word) <= texts.LONGEST for word in words)
    assert len(texts.grams(words)) <= texts.MOST_GRAMS
