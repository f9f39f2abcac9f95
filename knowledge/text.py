"""What people type, made safe to keep and to compare; never changed in meaning."""

import re
import unicodedata

LONGEST_TEXT = 4000
"""Characters of one question or answer: fits one card on every channel."""

# Bidirectional controls (UAX #9) and characters without width reorder or hide text. The zero-width joiner stays
# where it joins emoji or letters of scripts that need it; it is dropped between plain ASCII letters.
_HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]")
_ASCII_JOINER = re.compile("(?<=[\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?=[\x00-\x7f])")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAKS = re.compile("\r\n?|[\u2028\u2029\x85]")
# Combining diacritical marks: the accents of Latin, Greek and Cyrillic, once decomposed.
_ACCENTS = re.compile("[\u0300-\u036f]+")
_WORDS = re.compile(r"\w+")
_BLANK_LINES = re.compile("\n{3,}")


def clean(text: str) -> str:
    """The text without what cannot be seen: controls, bidi overrides, zero-width tricks, lone surrogates.

    Line breaks become "\\n", at most one blank line in a row; both ends are stripped.
    """
    if text.isascii() and text.isprintable():
        # Nearly every cell of an import: nothing in it to take out.
        return text.strip()
    text = _BREAKS.sub("\n", text)
    text = _CONTROLS.sub("", text)
    text = _HIDDEN.sub("", text)
    text = _ASCII_JOINER.sub("", text)
    return _BLANK_LINES.sub("\n\n", text).strip()


def plain(text: str) -> str:
    """The text as compared: lower case, no accents, punctuation as single spaces. Other scripts stay whole."""
    # Twice, as Unicode asks for (D146): folding case can make a letter that decomposes again.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join(_WORDS.findall(_ACCENTS.sub("", folded)))


def excerpt(text: str, length: int = 300) -> str:
    """The beginning of a text on one line, cut at a word, with an ellipsis when something is left out."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return line[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def shortened(text: str, length: int) -> str:
    """The text itself, or as much of it as fits, cut at a word where there is one."""
    if len(text) <= length:
        return text
    cut = text[:length]
    return (cut.rsplit(None, 1)[0] if any(map(str.isspace, cut)) else cut).rstrip()
