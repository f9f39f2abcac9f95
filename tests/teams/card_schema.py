"""The part of Adaptive Cards 1.5 that we use, strictly: no other element, no other property.

After the reference at adaptivecards.io/explorer and Teams' own limits (1.5 is the newest version it renders, six
actions in a set). TextBlock and FactSet are left out on purpose: they render Markdown.
"""

import json
from typing import Any

from jsonschema import Draft202012Validator


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _one_of(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


TEXT = {"type": "string", "minLength": 1}
URL = {"type": "string", "pattern": "^https?://"}
LOOK = {"weight": {"enum": ["Bolder"]}, "size": {"enum": ["Small", "Medium"]}, "isSubtle": {"type": "boolean"}}
SPACING = {"spacing": {"enum": ["Small", "Medium"]}, "separator": {"type": "boolean"}}

SCHEMA: dict[str, Any] = {
    "$ref": "#/$defs/card",
    "$defs": {
        "card": _object(
            ["type", "version", "body", "fallbackText"],
            **{
                "$schema": {"const": "http://adaptivecards.io/schemas/adaptive-card.json"},
                "type": {"const": "AdaptiveCard"},
                "version": {"const": "1.5"},
                "lang": {"type": "string", "pattern": "^[a-z]{2}$"},
                "fallbackText": TEXT,
                "body": {"type": "array", "minItems": 1, "items": _one_of("element")},
            },
        ),
        "element": {
            "oneOf": [_one_of("rich"), _one_of("container"), _one_of("input"), _one_of("actions"), _one_of("image")]
        },
        "rich": _object(
            ["type", "inlines"],
            type={"const": "RichTextBlock"},
            inlines={"type": "array", "minItems": 1, "items": _one_of("run")},
            **SPACING,
        ),
        "run": _object(["type", "text"], type={"const": "TextRun"}, text=TEXT, **LOOK),
        "container": _object(
            ["type", "items"],
            type={"const": "Container"},
            style={"enum": ["emphasis"]},
            items={"type": "array", "minItems": 1, "items": {"oneOf": [_one_of("rich"), _one_of("actions")]}},
            **SPACING,
        ),
        "input": _object(
            ["type", "id", "label"],
            type={"const": "Input.Text"},
            id=TEXT,
            label=TEXT,
            value=TEXT,
            placeholder=TEXT,
            isMultiline={"type": "boolean"},
            maxLength={"type": "integer", "minimum": 1},
        ),
        "actions": _object(
            ["type", "actions"],
            type={"const": "ActionSet"},
            actions={
                "type": "array",
                "minItems": 1,
                "maxItems": 6,
                "items": {"oneOf": [_one_of("execute"), _one_of("open")]},
            },
        ),
        "action": {"oneOf": [_one_of("execute"), _one_of("open")]},
        "image": _object(
            ["type", "url", "altText"],
            type={"const": "Image"},
            url=URL,
            altText=TEXT,
            size={"enum": ["Stretch"]},
            msTeams=_object(["allowExpand"], allowExpand={"type": "boolean"}),
        ),
        "open": _object(["type", "title", "url"], type={"const": "Action.OpenUrl"}, title=TEXT, url=URL),
        "execute": _object(
            ["type", "title", "verb", "data", "associatedInputs"],
            type={"const": "Action.Execute"},
            title=TEXT,
            verb={"const": "say"},
            data=_object(["say", "card"], say=TEXT, card={"type": "string"}),
            associatedInputs={"enum": ["auto", "none"]},
            style={"enum": ["positive", "destructive"]},
        ),
    },
}
_VALIDATOR = Draft202012Validator(SCHEMA)


def check(card: dict[str, Any]) -> None:
    """Raises jsonschema.ValidationError, or AssertionError for what a schema cannot say."""
    _VALIDATOR.validate(card)
    ids = [element["id"] for element in card["body"] if element["type"] == "Input.Text"]
    assert len(ids) == len(set(ids)), "two inputs with one id"
    assert len(as_bytes(card)) <= 24 * 1024, "larger than 24 KB"


def as_bytes(value: Any) -> bytes:
    """As it goes over the wire; raises UnicodeEncodeError on a lone surrogate."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def texts(element: Any) -> list[str]:
    """Each RichTextBlock's text, from top to bottom."""
    if isinstance(element, list):
        return [text for item in element for text in texts(item)]
    if not isinstance(element, dict):
        return []
    if element.get("type") == "RichTextBlock":
        return ["".join(run["text"] for run in element["inlines"])]
    return texts(list(element.values()))


def runs(element: Any) -> list[str]:
    """The text of every TextRun."""
    if isinstance(element, list):
        return [text for item in element for text in runs(item)]
    if not isinstance(element, dict):
        return []
    return [element["text"]] if element.get("type") == "TextRun" else runs(list(element.values()))
