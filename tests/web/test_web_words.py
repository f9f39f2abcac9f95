"""The page's words and looks: complete in each language, readable in both lights, light to load."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.serving import negotiated
from bot.web.labels import EXAMPLES, LANGUAGE_NAMES, REGIONS, ROLES
from bot.web.page import Pane, page_html
from bot.web.words import WORDS
from knowledge.people import Role
from knowledge.places import LANGUAGES
from knowledge.places import REGIONS as PLACES
from storage.web import Profile

ROOM = Path(__file__).parents[2] / "bot" / "web"
STYLE = (ROOM / "static" / "page.css").read_text("utf-8")
SOURCES = "".join(path.read_text("utf-8") for path in sorted(ROOM.rglob("*")) if path.suffix in (".py", ".html", ".js"))


def test_every_language_has_every_word_with_the_same_blanks() -> None:
    assert set(WORDS) == set(ROLES) == set(REGIONS) == set(EXAMPLES) == set(LANGUAGE_NAMES) == set(LANGUAGES)
    for language in LANGUAGES:
        assert WORDS[language].keys() == WORDS["en"].keys()
        assert set(ROLES[language]) == set(Role)
        assert set(REGIONS[language]) == set(PLACES)
        assert len(EXAMPLES[language]) == 3
        for key, text in WORDS[language].items():
            assert text.strip() == text != ""
            assert re.findall(r"{\w*}", text) == re.findall(r"{\w*}", WORDS["en"][key])


def test_every_word_is_used() -> None:
    composed = {"try_expert", "try_expert_text", "try_desk", "try_desk_text"}
    for key in WORDS["en"].keys() - composed:
        assert re.search(rf"words\.{key}\b|[\"']{key}[\"'](?!:)", SOURCES), key


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("fr-CA,fr;q=0.9,en;q=0.8", "fr"), ("de-CH, es;q=0.5", "es"), ("de", "en"), ("", "en"), (";;,\x00,", "en")],
)
def test_the_page_speaks_the_first_language_a_browser_asks_for(asked: str, spoken: str) -> None:
    assert negotiated(asked) == spoken


def colours(dark: bool, tint: int) -> dict[str, str]:
    """The custom properties of the style sheet as they are in that light, within a pane of that tint."""
    bright, dim = STYLE.split("@media (prefers-color-scheme: dark)")[:2]
    dim = dim.split("\n}\n")[0]
    found: dict[str, str] = {}
    for sheet in [bright, dim] if dark else [bright]:
        for block in re.findall(rf"(?::root|\.tint-{tint}) {{(.*?)}}", sheet, re.DOTALL):
            found |= dict(re.findall(r"--([\w-]+): (#\w+)", block))
    return found


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance of sRGB."""

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
        parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tint", [0, 1, 2])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_texts_and_edges_stand_out_enough_in_both_lights(dark: bool, tint: int) -> None:
    of = colours(dark, tint) | {"white": "#ffffff"}
    texts = [
        ("ink", "ground"), ("ink", "pane"), ("ink", "card"), ("ink", "well"), ("ink", "warn-ground"),
        ("soft", "ground"), ("soft", "pane"), ("soft", "card"), ("soft", "well"),
        ("accent", "pane"), ("accent", "well"), ("accent", "wash"), ("white", "fill"),
        ("danger", "pane"), ("warn-ink", "warn-ground"), ("pane", "ink"),
    ]  # fmt: skip
    for text, ground in texts:
        assert contrast(of[text], of[ground]) >= 4.5, (text, ground)
    for edge in ("edge", "accent"):
        for ground in ("pane", "card", "ground"):
            assert contrast(of[edge], of[ground]) >= 3, (edge, ground)


def test_the_first_load_weighs_less_than_60_kilobytes() -> None:
    people = [Profile(n, f"Person {n}", "fr", "africa", "Dakar", "Africa/Dakar", True) for n in (1, 2, 3)]
    page = page_html(
        [Pane(person, [], 0) for person in people],
        language="fr",
        now=datetime(2026, 3, 6, tzinfo=UTC),
        assets=dict.fromkeys(("page.css", "page.js", "icon.svg"), "x"),
    )
    files = sum(path.stat().st_size for path in (ROOM / "static").iterdir())
    assert len(page.encode()) + files < 60_000


def test_nothing_is_loaded_from_elsewhere() -> None:
    loaded = "".join(
        path.read_text("utf-8") for path in [*(ROOM / "static").iterdir(), *(ROOM / "templates").iterdir()]
    )
    assert not re.findall(r"\w+://[^\"' ]+", loaded)
    assert not re.search(r"<script(?! src)|<style|\son\w+=|\sstyle=", loaded)
