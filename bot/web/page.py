"""The page around the conversations, as HTML. Pure functions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_datetime
from markupsafe import Markup

from bot.serving import language_of
from bot.web.html import blank_html, line_html, render
from bot.web.labels import EXAMPLES, LANGUAGE_NAMES, REGIONS, ROLES
from bot.web.ports import Line, Profile
from bot.web.words import WORDS
from knowledge.hours import zone_of
from knowledge.people import Role

MOST_PANES = 3

# What page.js says itself, in the language of the pane.
_SPOKEN = ("updated", "below", "above", "error_offline", "error_later")


@dataclass(frozen=True, slots=True)
class Pane:
    """One person's side of the page. `lines` are in their places, `since` is the highest revision among all."""

    person: Profile
    lines: Sequence[Line]
    since: int


def page_html(
    panes: Sequence[Pane],
    *,
    language: str,
    now: datetime,
    assets: Mapping[str, str],
    examples: Mapping[str, Sequence[str]] = EXAMPLES,
    name: str = "",
) -> Markup:
    """The whole page. `assets` are the addresses of "page.css", "page.js" and "icon.svg"; `name` is the community's."""
    people = [pane.person for pane in panes]
    kinds = [_kind(person) for person in people]
    if "member" not in kinds:
        # Anybody may ask: without a plain member the first one shows how.
        kinds[0] = "member"
    return render(
        "page.html",
        words=WORDS[language],
        language=language,
        name=name,
        assets=assets,
        steps=_steps(people, kinds, WORDS[language]),
        sample=any(person.sample for person in people),
        full=len(panes) >= MOST_PANES,
        panes=[
            {**_pane(pane, people, now, examples), "kind": kind, "place": place}
            for place, (pane, kind) in enumerate(zip(panes, kinds, strict=True))
        ],
        who=_numbers(people),
    )


def picker_html(found: Sequence[Profile], on_page: Sequence[int], place: int, language: str) -> Markup:
    """The people a pane can become: each a link to the page with that person in `place`."""
    others = [*on_page[:place], *on_page[place + 1 :]]
    return render(
        "people.html",
        words=WORDS[language],
        people=[
            {
                **_person(person, language),
                "speaks": LANGUAGE_NAMES[language_of(person.language)],
                "taken": person.id in on_page,
                "href": "/?who=" + ",".join(map(str, [*others[:place], person.id, *others[place:]])),
            }
            for person in found
        ],
    )


def problem_html(text: str, *, language: str, assets: Mapping[str, str], restart: bool = True) -> Markup:
    """A page that only says what is wrong, with a way back."""
    return render("problem.html", text=text, words=WORDS[language], language=language, assets=assets, restart=restart)


def _pane(
    pane: Pane, people: Sequence[Profile], now: datetime, examples: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    person = pane.person
    language = language_of(person.language)
    words = WORDS[language]
    others = [other for other in people if other.id != person.id]
    return {
        **_person(person, language),
        "since": pane.since,
        "words": words,
        "spoken": json.dumps({key: words[key] for key in _SPOKEN}, ensure_ascii=False),
        "language": language,
        "language_name": LANGUAGE_NAMES[language],
        "zone": str(zone_of(person.time_zone)),
        "now": now,
        "local_time": _local_time(now, person, language),
        "examples": examples.get(language) or EXAMPLES[language],
        "lines": [line_html(line, person) for line in pane.lines],
        "blank": blank_html(language),
        "without": "/?who=" + _numbers(others) if len(people) > 2 else "",
    }


def _person(person: Profile, language: str) -> dict[str, Any]:
    parts = [part for part in person.name.split() if part[0].isalpha()]
    regions = REGIONS[language]
    return {
        "id": person.id,
        "name": person.name,
        "short": _short(person.name),
        "initials": "".join(part[0] for part in [*parts[:1], *parts[1:][-1:]]).upper() or "?",
        "roles": [ROLES[language][role] for role in person.roles or (Role.MEMBER,)],
        "office": person.office or regions.get(person.region, regions["global"]),
    }


def _kind(person: Profile) -> str:
    """What an empty pane explains: what an expert gets, what arrives on the desk, or how to ask."""
    if Role.FACILITATOR in person.roles or Role.KM_TEAM in person.roles:
        return "desk"
    return "expert" if person.roles else "member"


def _steps(people: Sequence[Profile], kinds: Sequence[str], words: Mapping[str, str]) -> list[dict[str, object]]:
    """The way through the page: in whose pane each step is, and the words before and after a name ("" for none)."""
    place_of = {kind: place for place, kind in reversed(list(enumerate(kinds)))}
    asker = place_of["member"]
    steps = [("step_ask", asker), ("step_confirm", asker)]
    steps += [
        (key, place_of[kind]) for key, kind in (("step_take", "expert"), ("step_desk", "desk")) if kind in place_of
    ]
    parted = []
    for key, place in steps:
        before, blank, after = words[key].partition("{name}")
        name = _short(people[place].name) if blank else ""
        parted.append({"place": place, "before": before, "name": name, "after": after})
    return parted


def _short(name: str) -> str:
    """What colleagues call them: the first word of the name."""
    return name.split()[0] if name.split() else name


def _local_time(now: datetime, person: Profile, language: str) -> str:
    return format_datetime(now.astimezone(zone_of(person.time_zone)), "EEE HH:mm", locale=language)


def _numbers(people: Sequence[Profile]) -> str:
    return ",".join(str(person.id) for person in people)
