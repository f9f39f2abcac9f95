"""The neutral message and a line of a conversation as HTML. Pure functions; every word from outside is escaped.

`bot.templating` escapes whatever is put into a template.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from bot.serving import language_of
from bot.templating import filled, templates
from bot.web.ports import Line, Profile
from bot.web.words import WORDS
from dialogs.message import Message
from knowledge.hours import zone_of


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


_TEMPLATES = templates(Path(__file__).parent / "templates")


def render(template: str, **values: Any) -> Markup:
    """The template of that name, filled in."""
    return filled(_TEMPLATES, template, **values)
