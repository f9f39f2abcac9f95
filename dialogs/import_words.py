"""What is wrong with a file, in one language."""

from collections.abc import Iterator, Sequence

from dialogs.wording import Say, colon
from knowledge.import_problem import Phrase, Problem


def sentence(say: Say, problem: Problem) -> str:
    """What is to be mended, without its place."""
    return "".join(_said(say, one) for one in problem.phrases)


def line(say: Say, problem: Problem) -> str:
    """ "people.csv:12 language: 'de' is not one of en, fr, es"."""
    return colon(say.language).join(filter(None, (problem.place, sentence(say, problem))))


def lines(say: Say, problems: Sequence[Problem], *, more: bool) -> Iterator[str]:
    """All of them, and that there are `more`."""
    yield from (line(say, problem) for problem in problems)
    if more:
        yield say("import.problem.more", number=len(problems))


def _said(say: Say, told: Phrase) -> str:
    key, values = told[0], dict(told[1])
    if "kind" in values:
        values["kind"] = say(f"import.table.{values['kind']}")
    number = values.pop("number", None)
    if number is None:
        return say(f"import.problem.{key}", **values)
    return say.count(f"import.problem.{key}", int(number), **values)
