"""The neutral message and a line of a conversation as HTML. Pure functions; every word from outside is escaped.

Jinja escapes whatever is put into a template, in text and in (always quoted) attributes. Nothing is marked safe
but what these templates made.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.web.ports import Line, Profile
from bot.web.words import WORDS, language_of
from dialogs.message import Message
from knowledge.hours import zone_of

# What an HTML page cannot hold: a lone surrogate has no UTF-8, and a parser drops or replaces the controls.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def message_html(message: Message) -> Markup:
    """The message alone: a paragraph when a line says it all, a card otherwise."""
    return render("message.html", message=message)


def line_html(line: Line, person: Profile) -> Markup:
    """One line of the person's conversation, with its time by their clock."""
    return render("line.html", **_line(line, person))


def blank_html(language: str) -> Markup:
    """A typed line without text: page.js fills it in while the real one is on its way."""
    return render(
        "line.html", id=0, revision=0, message=None, typed="", key="", failed=False, at=None, clock="",
        words=WORDS[language],
    )  # fmt: skip


def _line(line: Line, person: Profile) -> dict[str, Any]:
    return {
        "id": line.id,
        "revision": line.revision,
        "message": None if line.message is None else _message(line.message),
        "typed": line.typed,
        "key": line.key,
        "failed": line.failed,
        "at": line.at,
        "clock": line.at.astimezone(zone_of(person.time_zone)).strftime("%H:%M"),
        "words": WORDS[language_of(person.language)],
    }


def _message(kept: Mapping[str, Any]) -> Message:
    try:
        return Message.from_json(kept)
    except TypeError:
        # Kept by another version of the bot: its text says the main thing in every version.
        return Message(text=str(kept.get("text", "")))


def _writable(value: object) -> object:
    """What a template puts out: strings without what no page can hold, shown as U+FFFD."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNWRITABLE.sub("\ufffd", value)
    return value


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_writable,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def render(template: str, **values: Any) -> Markup:
    """The template of that name, filled in."""
    # Safe: the environment has escaped every value.
    return Markup(_TEMPLATES.get_template(template).render(**values).strip())  # noqa: S704
