"""The app package that an administrator uploads."""

import io
import json
import struct
import zipfile
import zlib
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from manifest.teams import ManifestCommand, package

APP_ID = "11111111-2222-4333-8444-555555555555"
COMMANDS = [
    ManifestCommand(
        {"en": "help", "fr": "aide", "es": "ayuda"},
        {"en": "What you can do", "fr": "Ce que vous pouvez faire", "es": "Lo que puede hacer"},
    ),
    ManifestCommand(
        {"en": "ask", "fr": "demander", "es": "preguntar"},
        {"en": "Ask " + "a long question " * 20},
        ("personal",),
    ),
]


def text(most: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most}


def strict(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


GUID = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
HTTPS = {"type": "string", "pattern": "^https://[^/]+/", "maxLength": 2048}
SCOPES = {
    "type": "array",
    "minItems": 1,
    "maxItems": 3,
    "uniqueItems": True,
    "items": {"enum": ["personal", "team", "groupChat"]},
}
# The parts we state, with the limits of the published schema (app manifest reference, learn.microsoft.com).
MANIFEST = strict(
    ["manifestVersion", "version", "id", "developer", "name", "description", "icons", "accentColor", "bots"],
    **{"$schema": {"const": "https://developer.microsoft.com/json-schemas/teams/v1.22/MicrosoftTeams.schema.json"}},
    manifestVersion={"const": "1.22"},
    version={"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
    id=GUID,
    developer=strict(
        ["name", "websiteUrl", "privacyUrl", "termsOfUseUrl"],
        name=text(32), websiteUrl=HTTPS, privacyUrl=HTTPS, termsOfUseUrl=HTTPS,
    ),
    name=strict(["short", "full"], short=text(30), full=text(100)),
    description=strict(["short", "full"], short=text(80), full=text(4000)),
    localizationInfo=strict(
        ["defaultLanguageTag", "additionalLanguages"],
        defaultLanguageTag={"const": "en"},
        additionalLanguages={
            "type": "array", "items": strict(["languageTag", "file"], languageTag=text(5), file=text(20))},
    ),
    icons=strict(["color", "outline"], color={"const": "color.png"}, outline={"const": "outline.png"}),
    accentColor={"type": "string", "pattern": "^#[0-9A-F]{6}$"},
    bots={"type": "array", "minItems": 1, "maxItems": 1, "items": strict(
        ["botId", "scopes"],
        botId=GUID, scopes=SCOPES, isNotificationOnly={"type": "boolean"}, supportsFiles={"type": "boolean"},
        commandLists={"type": "array", "maxItems": 3, "items": strict(
            ["scopes", "commands"],
            scopes=SCOPES,
            commands={"type": "array", "minItems": 1, "maxItems": 10, "items": strict(
                ["title", "description"], title=text(32), description=text(128))},
        )},
    )},
    validDomains={"type": "array", "maxItems": 16, "items": text(2048)},
)  # fmt: skip
TRANSLATION = {
    "type": "object",
    "required": ["name.short", "name.full", "description.short", "description.full"],
    "properties": {
        "$schema": HTTPS, "name.short": text(30), "name.full": text(100),
        "description.short": text(80), "description.full": text(4000),
    },
    "patternProperties": {
        r"^bots\[0\]\.commandLists\[[0-2]\]\.commands\[[0-9]\]\.title$": text(32),
        r"^bots\[0\]\.commandLists\[[0-2]\]\.commands\[[0-9]\]\.description$": text(128),
    },
    "additionalProperties": False,
}  # fmt: skip


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def packed(commands: list[ManifestCommand] | None = None, **changes: Any) -> dict[str, bytes]:
    return opened(
        package(COMMANDS if commands is None else commands, **({"app_id": APP_ID, "host": "bot.example.org"} | changes))
    )


def pixels(png: bytes) -> tuple[int, int, list[tuple[int, int, int, int]]]:
    """Width, height and pixels of a picture that manifest.icons drew (no filters, one block)."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (8, 6)
    at, data = 8, b""
    while at < len(png):
        (length,), name = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        chunk = png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length]) == (zlib.crc32(name + chunk),)
        data += chunk if name == b"IDAT" else b""
        at += 12 + length
    raw = zlib.decompress(data)
    assert len(raw) == height * (width * 4 + 1)
    rows = [raw[row * (width * 4 + 1) + 1 : (row + 1) * (width * 4 + 1)] for row in range(height)]
    return width, height, [tuple(row[i : i + 4]) for row in rows for i in range(0, width * 4, 4)]  # type: ignore[misc]


def test_the_manifest_keeps_within_the_published_limits() -> None:
    files = packed()
    assert set(files) == {"manifest.json", "fr.json", "es.json", "color.png", "outline.png"}
    manifest = json.loads(files["manifest.json"])
    Draft202012Validator(MANIFEST).validate(manifest)
    for language in manifest["localizationInfo"]["additionalLanguages"]:
        Draft202012Validator(TRANSLATION).validate(json.loads(files[language["file"]]))


def test_each_scope_has_its_commands_and_each_command_its_translation() -> None:
    files = packed()
    lists = json.loads(files["manifest.json"])["bots"][0]["commandLists"]
    assert [(part["scopes"], [command["title"] for command in part["commands"]]) for part in lists] == [
        (["personal"], ["help", "ask"]),
        (["team"], ["help"]),
        (["groupChat"], ["help"]),
    ]
    french = json.loads(files["fr.json"])
    assert french["bots[0].commandLists[0].commands[1].title"] == "demander"
    assert french["bots[0].commandLists[2].commands[0].description"] == "Ce que vous pouvez faire"
    # English stands in for a help text that nobody translated.
    assert french["bots[0].commandLists[0].commands[1].description"].startswith("Ask a long question")


def test_a_long_help_text_is_cut_at_a_word() -> None:
    description = json.loads(packed()["manifest.json"])["bots"][0]["commandLists"][0]["commands"][1]["description"]
    assert len(description) <= 128
    assert description.endswith(("question…", "long…", " a…"))


def test_only_the_first_ten_commands_are_suggested() -> None:
    many = [ManifestCommand({"en": f"word{n}"}, {"en": "x"}) for n in range(15)]
    files = packed(many)
    Draft202012Validator(MANIFEST).validate(json.loads(files["manifest.json"]))
    commands = json.loads(files["manifest.json"])["bots"][0]["commandLists"][0]["commands"]
    assert [command["title"] for command in commands] == [f"word{n}" for n in range(10)]
    Draft202012Validator(TRANSLATION).validate(json.loads(files["es.json"]))


def test_a_bot_without_commands_is_still_a_valid_app() -> None:
    Draft202012Validator(MANIFEST).validate(json.loads(packed([])["manifest.json"]))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"app_id": "my-bot"}, "GUID"),
        ({"host": "https://bot.example.org"}, "host"),
        ({"host": "localhost"}, "host"),
        ({"host": ""}, "host"),
    ],
)
def test_what_teams_would_reject_is_said_in_words(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        packed(**changes)
    with pytest.raises(ValueError, match="longer than 32"):
        packed([ManifestCommand({"en": "x" * 33}, {"en": "x"})])


def test_the_colour_icon_is_192_pixels_square_and_opaque() -> None:
    width, height, colours = pixels(packed()["color.png"])
    assert (width, height) == (192, 192)
    assert {opacity for *_, opacity in colours} == {255}
    assert len(set(colours)) > 2


def test_the_outline_icon_is_32_pixels_of_white_on_nothing() -> None:
    width, height, colours = pixels(packed()["outline.png"])
    assert (width, height) == (32, 32)
    assert {(red, green, blue) for red, green, blue, _ in colours} == {(255, 255, 255)}
    assert {0, 255} <= {opacity for *_, opacity in colours}


def test_the_same_package_is_made_byte_for_byte() -> None:
    first = package(COMMANDS, app_id=APP_ID, host="bot.example.org")
    assert package(list(COMMANDS), app_id=APP_ID.upper(), host="bot.example.org") == first
