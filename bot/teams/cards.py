"""A neutral message as Teams shows it: a line of text, or an Adaptive Card 1.5. Pure.

Every text of ours or of people goes into a RichTextBlock: TextBlock and FactSet render Markdown, and with it links.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from bot import literal
from bot.fitting import cleaned, fitted
from dialogs.message import Button, Entry, Fact, Field, Image, Link, Message, Quote
from dialogs.wording import colon

Element = dict[str, Any]

MOST_BYTES: Final = 24 * 1024
VERB: Final = "say"
_RESERVED = frozenset({"say", "card", "msteams"})
_STYLES = {"primary": "positive", "danger": "destructive"}
# Teams shows at most six actions of a set.
_ACTIONS_IN_SET = 6
_LONGEST_SUMMARY = 250
# Clients turn {{DATE(…)}} into a date even in a TextRun; across two runs it stays what somebody wrote.
_TEMPLATE = re.compile(r"(?<=\{)(?=\{)")


def render(message: Message) -> dict[str, Any]:
    """The activity without its address: text in format "plain" where that is surely literal, else one card."""
    message = cleaned(message)
    activity: dict[str, Any] = {"type": "message", "locale": message.language}
    if message.is_plain and literal.is_literal(message.text):
        return activity | {"textFormat": "plain", "text": literal.shortened(message.text, MOST_BYTES)}
    return activity | {
        "summary": _summary(message),
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": _fitting(message)}],
    }


def card(message: Message) -> dict[str, Any]:
    """The Adaptive Card alone, at most 24 KB of JSON; long texts are cut at a word, marked with "…"."""
    return _fitting(cleaned(message))


def _fitting(message: Message) -> dict[str, Any]:
    return _card(fitted(message, lambda shorter: literal.size(_card(shorter)), MOST_BYTES))


def _card(message: Message) -> dict[str, Any]:
    body: list[Element] = []
    if message.title:
        body.append(_rich(message.title, weight="Bolder", size="Medium"))
    body.append(_rich(message.text))
    if message.image is not None:
        body.append(_image(message.image))
    body += [_quote(quote) for quote in message.quotes]
    body += [_fact(fact, message.language) for fact in message.facts if fact.label or fact.value]
    if message.entries_title:
        body.append({**_rich(message.entries_title, weight="Bolder"), "spacing": "Medium"})
    body += [_entry(entry, message.card) for entry in message.entries]
    body += [_field(field) for field in message.fields]
    body += _action_sets(message.buttons, message.card, message.links)
    if message.note:
        body.append(_rich(message.note, isSubtle=True, size="Small"))
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "lang": message.language,
        "fallbackText": _summary(message),
        "body": body,
    }


def _summary(message: Message) -> str:
    return literal.flat(message.text, _LONGEST_SUMMARY) or "…"


def _runs(text: str, **look: Any) -> list[Element]:
    return [{"type": "TextRun", "text": part, **look} for part in _TEMPLATE.split(text)]


def _rich(text: str, **look: Any) -> Element:
    return {"type": "RichTextBlock", "inlines": _runs(text, **look)}


def _quote(quote: Quote) -> Element:
    """In a box of its own: whatever a quote says of itself, it cannot leave the box and speak as the bot."""
    label = [_rich(quote.label, weight="Bolder", size="Small")] if quote.label else []
    return {"type": "Container", "style": "emphasis", "items": [*label, _rich(quote.text)]}


def _fact(fact: Fact, language: str) -> Element:
    if not fact.label:
        return _rich(fact.value)
    label = _runs(fact.label + colon(language), weight="Bolder")
    return {"type": "RichTextBlock", "spacing": "Small", "inlines": label + (_runs(fact.value) if fact.value else [])}


def _image(image: Image) -> Element:
    # Teams opens it large when it is pressed: on a phone a plot is small.
    return {
        "type": "Image",
        "url": image.url,
        "altText": image.alt,
        "size": "Stretch",
        "msTeams": {"allowExpand": True},
    }


def _entry(entry: Entry, card_name: str) -> Element:
    items = [_rich(entry.title or "…", weight="Bolder")]
    if entry.text:
        items.append(_rich(entry.text))
    if entry.note:
        items.append(_rich(entry.note, isSubtle=True, size="Small"))
    return {"type": "Container", "separator": True, "items": items + _action_sets(entry.buttons, card_name)}


def _field(field: Field) -> Element:
    if field.name in _RESERVED:
        raise ValueError(f"a field cannot be named {field.name!r}: the button's own data would be overwritten")
    given = {"value": field.value, "placeholder": field.placeholder}
    return {
        "type": "Input.Text",
        "id": field.name,
        "label": field.label or "…",
        "isMultiline": field.multiline,
        "maxLength": field.max_length,
        **{name: text for name, text in given.items() if text},
    }


def _action_sets(buttons: Iterable[Button], card_name: str, links: Iterable[Link] = ()) -> list[Element]:
    """In sets, also at the end of a card: older clients ignore actions elsewhere (Universal Action Model)."""
    actions = [_action(button, card_name) for button in buttons]
    actions += [{"type": "Action.OpenUrl", "title": link.label, "url": link.url} for link in links]
    return [
        {"type": "ActionSet", "actions": actions[at : at + _ACTIONS_IN_SET]}
        for at in range(0, len(actions), _ACTIONS_IN_SET)
    ]


def _action(button: Button, card_name: str) -> Element:
    action: Element = {
        "type": "Action.Execute",
        "title": button.label,
        "verb": VERB,
        "data": {"say": button.say, "card": card_name},
        "associatedInputs": "auto" if button.form else "none",
    }
    return action | ({"style": _STYLES[button.style]} if button.style in _STYLES else {})
