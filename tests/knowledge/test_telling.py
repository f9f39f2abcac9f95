"""What may tell who asks."""

import pytest

from knowledge.matching.port import Catalogue
from knowledge.people import Person
from knowledge.places import Audience, Topic
from knowledge.telling import MOST, Kind, hints

ASKER = Person(id=1, name="Litia Waqa (sample)", language="en", office="UNDP Fiji", reach=Audience.UNDP)
KNOWN = Catalogue(version=1, topics=(Topic("drr", {"en": "Disaster risk reduction"}, ("sendai framework",)),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How do we plan mine action?", []),
        ("Can Awa Diop help with the Sendai Framework?", [(Kind.PERSON, "Awa Diop")]),
        ("I work with Jean de la Cruz and Dr Osei.", [(Kind.PERSON, "Jean de la Cruz"), (Kind.PERSON, "Dr Osei")]),
        ("Ask me at awa.diop@undp.example, please", [(Kind.ADDRESS, "awa.diop@undp.example")]),
        ("My number is +221 77 123 45 67.", [(Kind.NUMBER, "+221 77 123 45 67")]),
        ("The award 00123456 ends in March.", [(Kind.NUMBER, "00123456")]),
        ("Budget of 20,000 dollars for 2026?", []),
        ("Le projet Espoir pour tous finit en juin.", [(Kind.PROJECT, "Espoir")]),
        ("¿Quién conoce el proyecto Luz Verde?", [(Kind.PROJECT, "Luz Verde")]),
        ("We are three people in Côte d’Ivoire.", [(Kind.PLACE, "Côte d’Ivoire")]),
        ("La oficina de Costa Rica pregunta.", [(Kind.PLACE, "Costa Rica")]),
        ("Elections in Bamako were late.", [(Kind.NAME, "Bamako")]),
        ("as litia i would say: the UNDP Fiji office", [(Kind.YOURS, "litia"), (Kind.YOURS, "UNDP Fiji")]),
        ("In March, on Monday, we speak French.", []),
        ("Is DRR part of the UNDP plan? What of the SDGs?", []),
        ("متى تبدأ الانتخابات؟ 123 шаблон", []),
        ("", []),
        ("...!!!", []),
    ],
)
def test_what_may_tell_who_asks_is_pointed_out(text: str, expected: list[tuple[Kind, str]]) -> None:
    assert [(hint.kind, hint.text) for hint in hints(text, ASKER, KNOWN)] == expected


def test_each_is_named_once_and_not_too_many() -> None:
    assert [hint.text for hint in hints("for Bamako, for Bamako, for Bamako", ASKER, KNOWN)] == ["Bamako"]
    many = " ".join(f"and Ab{chr(97 + n)}c" for n in range(20))
    assert len(hints(many, ASKER, KNOWN)) == MOST
