"""The neutral message: what a person should see, before any channel's looks.

Every string here is plain text: no Markdown, no HTML, no mentions. Renderers must show it literally;
people's own words stand in `Quote`s and in fields, so that a renderer can set them apart.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words, relayed as they are. `label` says whose, as a kind ("The expert"), never by force a name."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Field:
    """Something to fill in. A button with `form=True` sends it under `name`."""

    name: str
    label: str
    value: str = ""
    placeholder: str = ""
    multiline: bool = False
    max_length: int = 4000


@dataclass(frozen=True, slots=True)
class Button:
    """Submits `say`, the same line a person could type; with `form` the fields come along by name.

    `style` is "", "primary" or "danger". At most one button of a message is primary.
    """

    label: str
    say: str
    style: str = ""
    form: bool = False


LONGEST_URL: Final = 1000
"""Characters of an address. Slack takes three times as many, but a card has to carry several."""
_WEB = re.compile(r"https?://[\w.:\[\]-]+(?:[/?#][!-~]*)?", re.ASCII)


def _checked(url: str) -> None:
    if len(url) > LONGEST_URL or not _WEB.fullmatch(url):
        raise ValueError("not an address for a message: http or https, printable ASCII, at most 1000 characters")


@dataclass(frozen=True, slots=True)
class Link:
    """Opens a page in the reader's browser. `url` is an address that we made or somebody of the desk wrote, absolute.

    Raises ValueError for anything a browser would not simply open: javascript:, a path alone, spaces.
    """

    label: str
    url: str

    def __post_init__(self) -> None:
        _checked(self.url)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture at an address that needs no cookie. `alt` says in a sentence what it shows, and is never empty.

    Raises ValueError as `Link` does.
    """

    url: str
    alt: str

    def __post_init__(self) -> None:
        _checked(self.url)
        if not self.alt.strip():
            raise ValueError("a picture needs a sentence for whoever does not see it")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list (an earlier answer, a question in a queue), with its own buttons."""

    title: str
    text: str = ""
    note: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one reader, in the reader's language.

    `text` is never empty: it is also the notification and the screen reader's line. Shown in this order:
    title, text, image, quotes, facts, entries, fields, buttons, links, note. `card` names the message so that a later
    one with the same name in the same conversation replaces it in place; "" means it is never replaced.
    """

    text: str
    title: str = ""
    quotes: tuple[Quote, ...] = ()
    facts: tuple[Fact, ...] = ()
    entries: tuple[Entry, ...] = ()
    entries_title: str = ""
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = ()
    links: tuple[Link, ...] = ()
    image: Image | None = None
    note: str = ""
    card: str = ""
    language: str = "en"

    @property
    def is_plain(self) -> bool:
        """Whether a line of plain text says it all: no structure, no buttons, nobody's quoted words."""
        return not (
            self.title or self.quotes or self.facts or self.entries or self.fields
            or self.buttons or self.links or self.image or self.note or self.card
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready dict without the empty parts; `from_json` reads it back equal."""
        return {name: value for name, value in asdict(self).items() if value not in ("", (), None)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Message":
        """The message that `to_json` wrote. Raises TypeError on unknown parts."""
        parts = dict(data)
        for name, kind in _PARTS.items():
            parts[name] = tuple(kind(**part) for part in parts.get(name, ()))
        parts["entries"] = tuple(
            Entry(**{**entry, "buttons": tuple(Button(**button) for button in entry.get("buttons", ()))})
            for entry in data.get("entries", ())
        )
        if parts.get("image") is not None:
            parts["image"] = Image(**parts["image"])
        return cls(**parts)


_PARTS: dict[str, type] = {"quotes": Quote, "facts": Fact, "fields": Field, "buttons": Button, "links": Link}
