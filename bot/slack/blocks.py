"""A neutral message as Slack shows it: Block Kit, with a line for notifications and screen readers. Pure.

Every text of ours or of people stands in a rich_text block or a plain_text object: neither reads markup, mentions or
entities. Only the fallback line is read by Slack, and is escaped.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

from bot import literal
from bot.fitting import cleaned, fitted
from dialogs.message import Button, Entry, Field, Link, Message, Quote
from dialogs.wording import colon

Element = dict[str, Any]

MOST_BLOCKS: Final = 50
# Slack publishes limits per block; beyond some 13,200 characters in all it answers msg_too_long all the same.
MOST_BYTES: Final = 12_000
_LONGEST_FALLBACK = 3000
_LONGEST_LABEL = 75
_LONGEST_VALUE = 2000
_LONGEST_CHOICE = 150
_LONGEST_INPUT = 3000
_LONGEST_TITLE = 24
_BUTTONS_IN_ROW = 5
# More buttons than this become one list to choose from, if what they carry is short enough.
_MOST_BUTTONS = 10


def render(message: Message, *, pictures: bool = True) -> dict[str, Any]:
    """`text` and `blocks` of chat.postMessage, within Slack's limits; long texts are cut at a word, marked "…".

    Slack fetches a picture while it takes the message, and refuses the whole message when it cannot: without
    `pictures`, and for an address Slack could never reach, what the picture shows is said instead.
    """
    if message.image is not None and not (pictures and message.image.url.startswith("https://")):
        message = replace(message, image=None, text=f"{message.text}\n\n{message.image.alt}")
    message = fitted(cleaned(message), _size, MOST_BYTES)
    return {"text": _fallback(message.text), "blocks": _blocks(message)}


def modal(carried: Mapping[str, Any]) -> dict[str, Any]:
    """The view of a form, from what the button that opens it carries."""
    fields = [Field(**field) for field in carried["fields"]]
    return {
        "type": "modal",
        "callback_id": "form",
        "private_metadata": _packed({"say": carried["say"], "card": carried["card"]}),
        "title": _plain(carried["title"], _LONGEST_TITLE),
        "submit": _plain(carried["submit"], _LONGEST_TITLE),
        "blocks": [_field(field) for field in fields],
    }


def _size(message: Message) -> int:
    blocks = _blocks(message)
    return literal.size(blocks) if len(blocks) <= MOST_BLOCKS else MOST_BYTES * len(blocks)


def _blocks(message: Message) -> list[Element]:
    head = [_section(message.title, bold=True)] if message.title else []
    head.append(_section(message.text))
    for quote in message.quotes:
        head += _quote(quote)
    between = colon(message.language)
    for fact in message.facts:
        label = [_run(fact.label + between, bold=True)] if fact.label else []
        value = [_run(fact.value)] if fact.value else []
        if label or value:
            head.append({"type": "rich_text_section", "elements": [*label, *value, _run("\n")]})
    if message.entries_title:
        head.append(_section(message.entries_title, bold=True))
    blocks = [_rich(head)]
    if message.image is not None:
        blocks.append({"type": "image", "image_url": message.image.url, "alt_text": message.image.alt})
    for bare, entries in groupby(message.entries, key=lambda entry: not entry.buttons):
        if bare:
            blocks.append(_rich([{"type": "rich_text_section", "elements": _lines(entries)}]))
        else:
            blocks += [block for entry in entries for block in _entry(entry, message.card)]
    in_modal = _opens(message)
    if not in_modal:
        blocks += [_field(field) for field in message.fields]
    blocks += _actions(message.buttons, message.card, in_modal)
    blocks += _links(message.links)
    if message.note:
        blocks.append(_rich([_section(message.note, italic=True)]))
    return blocks


def _opens(message: Message) -> dict[str, str]:
    """What each button carries that opens the form in a modal, by its line; empty when the form stands inline.

    A longer form has a line of several rows to fill in. What a button carries bounds what it can open.
    """
    if not any(field.multiline for field in message.fields):
        return {}
    found = {}
    for button in message.buttons:
        if button.form:
            found[button.say] = _packed({
                "say": button.say,
                "card": message.card,
                "title": literal.line(message.title or button.label, _LONGEST_TITLE),
                "submit": literal.line(button.label, _LONGEST_TITLE),
                "fields": [_packed_field(field) for field in message.fields],
            })  # fmt: skip
    return found if all(len(value) <= _LONGEST_VALUE for value in found.values()) else {}


def _packed_field(field: Field) -> dict[str, Any]:
    parts = {"value": field.value, "placeholder": field.placeholder, "multiline": field.multiline}
    return {
        "name": field.name,
        "label": field.label,
        "max_length": field.max_length,
        **{name: part for name, part in parts.items() if part},
    }


def _lines(entries: Iterable[Entry]) -> list[Element]:
    """Entries without buttons, as the runs of one section: a list of many, such as the commands, would not fit with a
    block or a section for each."""
    runs = []
    for entry in entries:
        runs.append(_run(f"{entry.title or '…'}\n", bold=True))
        if entry.text:
            runs.append(_run(f"{entry.text}\n"))
        if entry.note:
            runs.append(_run(f"{entry.note}\n", italic=True))
    return runs


def _entry(entry: Entry, card: str) -> Iterator[Element]:
    lines = [_section(entry.title or "…", bold=True)]
    if entry.text:
        lines.append(_section(entry.text))
    if entry.note:
        lines.append(_section(entry.note, italic=True))
    yield _rich(lines)
    yield from _actions(entry.buttons, card, {})


def _field(field: Field) -> Element:
    longest = min(max(field.max_length, 1), _LONGEST_INPUT)
    element: Element = {
        "type": "plain_text_input",
        "action_id": field.name,
        "multiline": field.multiline,
        "max_length": longest,
    }
    if field.value:
        element["initial_value"] = field.value[:longest]
    if field.placeholder:
        element["placeholder"] = _plain(field.placeholder, 150)
    # Optional, so that an empty form reaches our own refusal, in the reader's language.
    return {
        "type": "input",
        "block_id": f"field:{field.name}",
        "label": _plain(field.label or "…", 2000),
        "element": element,
        "optional": True,
    }


def _actions(buttons: Sequence[Button], card: str, opens: Mapping[str, str]) -> Iterator[Element]:
    if not buttons:
        return
    values = [opens.get(button.say, "") if button.form else "" for button in buttons]
    values = [value or _value(button, card) for value, button in zip(values, buttons, strict=True)]
    if len(buttons) > _MOST_BUTTONS and all(len(value) <= _LONGEST_CHOICE for value in values):
        options = [
            {"text": _plain(button.label, _LONGEST_LABEL), "value": value}
            for button, value in zip(buttons, values, strict=True)
        ]
        # A list takes at most a hundred options.
        for number, some in enumerate(_chunks(options, 100)):
            select = {"type": "static_select", "action_id": f"choice:{number}", "placeholder": _plain("…", 150)}
            yield {"type": "actions", "elements": [{**select, "options": some}]}
        return
    elements = []
    for number, (button, value) in enumerate(zip(buttons, values, strict=True)):
        element = {
            "type": "button",
            "action_id": f"button:{number}",
            "text": _plain(button.label, _LONGEST_LABEL),
            "value": value,
        }
        elements.append(element | ({"style": button.style} if button.style in ("primary", "danger") else {}))
    for row in _chunks(elements, _BUTTONS_IN_ROW):
        yield {"type": "actions", "elements": row}


def _links(links: Sequence[Link]) -> Iterator[Element]:
    # Slack tells of a pressed link too; it carries no value, and is none of ours to hear.
    elements = [
        {"type": "button", "action_id": f"link:{place}", "text": _plain(link.label, _LONGEST_LABEL), "url": link.url}
        for place, link in enumerate(links)
    ]
    for row in _chunks(elements, _BUTTONS_IN_ROW):
        yield {"type": "actions", "elements": row}


def _value(button: Button, card: str) -> str:
    return _packed({"say": button.say, "card": card} | ({"form": True} if button.form else {}))


def _packed(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _chunks(elements: list[Element], count: int) -> Iterable[list[Element]]:
    return (elements[at : at + count] for at in range(0, len(elements), count))


def _rich(elements: list[Element]) -> Element:
    return {"type": "rich_text", "elements": elements}


def _section(text: str, **style: bool) -> Element:
    return {"type": "rich_text_section", "elements": [_run(f"{text}\n", **style)]}


def _quote(quote: Quote) -> list[Element]:
    label = [_section(quote.label, bold=True)] if quote.label else []
    return [*label, {"type": "rich_text_quote", "elements": [_run(quote.text)]}]


def _run(text: str, **style: bool) -> Element:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def _plain(text: str, longest: int) -> Element:
    return {"type": "plain_text", "text": literal.line(text, longest) or "…", "emoji": False}


def _fallback(text: str) -> str:
    flat = literal.line(text, _LONGEST_FALLBACK) or "…"
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
