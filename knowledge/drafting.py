"""The words of a private question as a draft: without what may tell whose they are. People read it afterwards."""

from collections.abc import Sequence

from knowledge import telling
from knowledge.cards import AnswerOf
from knowledge.item import Part, Text
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.text import clean, shortened

LONGEST_QUESTION = 1000
LEFT_OUT = "…"


def text_of(work: Work, question: str, answers: Sequence[AnswerOf], people: Sequence[Person]) -> Text:
    """The question and its answers, numbered from 1. `people` are all who had a part in it: no name or office of theirs
    is left anywhere."""
    return Text(
        shortened(without_identities(work, question, people), LONGEST_QUESTION),
        tuple(Part(place, without_identities(work, one.text, people)) for place, one in enumerate(answers, 1)),
    )


def without_identities(work: Work, text: str, people: Sequence[Person]) -> str:
    """The text, with "…" in the place of names, offices, places, projects, addresses and numbers. It leaves out a word
    too many rather than one too few: whoever wrote it can put it otherwise."""
    marked = {hint.text for one in people for hint in telling.hints(text, one, work.catalogue, most=None)}
    for one in people:
        text = telling.without_yours(text, one)
    for told in sorted(marked, key=len, reverse=True):
        text = text.replace(told, LEFT_OUT)
    return clean(text)


def marks(work: Work, text: str) -> list[telling.Hint]:
    """What in a text may still tell who is meant, for whoever reads it before it is published."""
    return telling.hints(text, _NOBODY, work.catalogue)


_NOBODY = Person(0, "")
