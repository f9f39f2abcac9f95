"""Reading what members wrote beside their answers: in closed surveys alone, from ten on, and of nobody."""

from datetime import datetime

from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.survey import State, Survey

ON_A_PAGE = 10


def comments(work: Work, person: Person, item: str, page: int = 1) -> list[Notice]:
    """On one item of the framework, from the survey that closed last with enough of them."""
    edition = work.framework.current
    if item not in edition.statements:
        raise Refusal("evidence.item", item=item[:20], items=", ".join(edition.statements))
    closed = _closed(work)
    for survey in closed:
        said = work.surveys.remarks(survey).get(item, [])
        if said:
            return [_page(work, person, survey, item, said, page)]
    raise Refusal("comments.none", least=max((one.least_remarks for one in closed), default=ON_A_PAGE))


def newest(work: Work, until: datetime) -> dict[str, tuple[str, ...]]:
    """Of each item of the framework, what was written in the survey that closed last before then with enough of it."""
    found: dict[str, tuple[str, ...]] = {}
    for survey in _closed(work):
        if survey.closes_at is not None and survey.closes_at < until:
            said = {item: tuple(some) for item, some in work.surveys.remarks(survey).items() if some}
            found = {**said, **found}
    return found


def _closed(work: Work) -> list[Survey]:
    """The framework's, the last one first."""
    some = [one for one in work.surveys.of_framework(work.framework.current.version) if one.state is State.CLOSED]
    return sorted(some, key=lambda one: (one.closes_at or work.now, one.id), reverse=True)


def of_survey(work: Work, person: Person, number: int, item: str = "", page: int = 1) -> list[Notice]:
    """On a whole survey, or on one of its items."""
    survey = work.surveys.get(number)
    if survey is None:
        raise Refusal("survey.unknown", survey=number)
    if survey.state is not State.CLOSED:
        raise Refusal("comments.open", survey=number)
    said = work.surveys.remarks(survey)
    if not said:
        raise Refusal("comments.none", least=survey.least_remarks)
    chosen = item or next(iter(sorted(said)))
    if chosen not in said:
        raise Refusal("comments.none", least=survey.least_remarks)
    return [_page(work, person, survey, chosen, said[chosen], page, others=sorted(set(said) - {chosen}))]


def _page(
    work: Work, person: Person, survey: Survey, item: str, said: list[str], page: int, others: list[str] | None = None
) -> Notice:
    pages = -(-len(said) // ON_A_PAGE)
    page = min(max(1, page), pages)
    shown = said[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    worded = {"": survey.wording[item]} if item in survey.wording else {}
    if not worded and item and survey.framework:
        worded = dict(work.framework.statement(survey.framework, item))
    return Notice(
        person.id,
        "comments",
        {
            "survey": survey.id, "kind": survey.kind, "item": item, "statement": worded, "said": shown,
            "many": len(said), "page": page, "pages": pages, "others": others or [],
        },
    )  # fmt: skip
