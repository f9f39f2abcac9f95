"""What a card leaves out when there is nothing to say."""

import pytest

from dialogs.composing import compose
from dialogs.plain import to_text
from dialogs.wording import say_in
from knowledge.matching.port import Catalogue, Match, Reason
from knowledge.notices import Notice
from knowledge.places import LANGUAGES, Audience
from knowledge.routing import Plan
from knowledge.wishes import Wishes

SPEAKS = Reason("language", {"language": "en"})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reasons", [(), (SPEAKS,)], ids=["no reason", "a reason"])
def test_why_is_said_only_where_there_is_a_reason(reasons: tuple[Reason, ...], language: str) -> None:
    say = say_in(language)
    offer = {"question": 1, "text": "Which pumps last?", "wants": "answer", "name": "", "reasons": reasons}
    shown = to_text(compose(Notice(1, "offer.open", offer), say, Catalogue(1)))
    assert (say("offer.why") in shown) is bool(reasons)
    plan = Plan((), Match(2, 0.9, reasons), ())
    preview = {
        "question": 1,
        "text": "Which pumps last?",
        "audience": Audience.UNDP,
        "plan": plan,
        "desk_sees": False,
        "hints": [],
    }
    shown = to_text(compose(Notice(1, "question.preview", {**preview, "wishes": Wishes()}), say, Catalogue(1)))
    assert say.labelled(say("preview.to"), say("preview.to_expert_unexplained")) in shown
    assert "()" not in shown


@pytest.mark.parametrize(("language", "joined"), [("en", "a, b; c"), ("fr", "a, b\u00a0; c"), ("es", "a, b; c")])
def test_parts_with_commas_are_parted_as_each_language_does(language: str, joined: str) -> None:
    assert say_in(language).parted(["a, b", "c"]) == joined


@pytest.mark.parametrize(
    ("language", "none"),
    [
        ("en", "0 experts, of whom 0 can be asked once more this week."),
        ("fr", "0 personnes expertes, dont 0 peuvent encore être sollicitées cette semaine."),
    ],
)
def test_none_is_not_spelt_as_one(language: str, none: str) -> None:
    assert say_in(language).count("capacity.experts", 0, free=0) == none
