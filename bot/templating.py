"""HTML from templates. Jinja escapes whatever is put into one, in text and in (always quoted) attributes; nothing is
marked safe but what templates of ours made."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

# What an HTML page cannot hold: a lone surrogate has no UTF-8, and a parser drops or replaces the controls.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def templates(folder: Path) -> Environment:
    """The templates of a folder."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_writable,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["path"] = _path
    return made


def filled(environment: Environment, template: str, **values: Any) -> Markup:
    """The template of that name, filled in."""
    # Safe: the environment has escaped every value.
    return Markup(environment.get_template(template).render(**values).strip())  # noqa: S704


def as_data(value: object) -> Markup:
    """JSON for a script element of type application/json: nothing in it can end the element or begin a comment."""
    packed = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for mark in "<>&":
        packed = packed.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(packed)  # noqa: S704


def _writable(value: object) -> object:
    """What a template puts out: strings without what no page can hold, shown as U+FFFD."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNWRITABLE.sub("\ufffd", value)
    return value


def _path(url: str) -> str:
    """An address without its scheme and host."""
    return urlsplit(url)._replace(scheme="", netloc="").geturl()
