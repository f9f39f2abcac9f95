"""Text that shows as it is: nothing hidden in it, nothing in it that a client would act on. Pure."""

import json
import re
import unicodedata

# Visible or joining characters that Unicode files under "format"; all other format characters are stripped.
_VISIBLE_FORMAT = "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2"
_ZWNJ, _ZWJ = "\u200c", "\u200d"
# Scripts that spell with joiners: Arabic and its neighbours, the scripts of India, Tibetan, Burmese, Khmer, Mongolian.
_JOINING = re.compile(r"[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc]")
# What can stand before or after a joiner inside an emoji: symbols, variation selector, skin tones.
_EMOJI = re.compile(r"[\u00a9\u00ae\u203c-\u3299\ufe0f\u20e3\U0001f000-\U0001faff]")
_FLAG = re.compile(r"\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f")
_BREAK = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_MANY_BREAKS = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")
# Letters that look like nothing: a name made of them is no name.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
_MOST_MARKS = 4
# What Markdown, XML, a mention or a template could read. A text with none of them is the same in every format.
_MARKUP = re.compile(r"[<>&*_~`\[\]{}|#\\$]|^\s*(?:[-+=]|\d+[.)])", re.MULTILINE)
_FLATTENED = re.compile(r"[<>*_~`\[\]{}|#\\$]+|&(?=#?\w+;)")
ELLIPSIS = " …"


def clean(text: str) -> str:
    """The text without what is hidden in it: direction controls, zero-width characters, control codes.

    Line breaks become "\\n", at most one empty line in a row. Joiners stay where a script or an emoji needs them.
    A lone surrogate, which JSON in UTF-8 cannot carry, becomes U+FFFD. More than four marks on one letter are dropped.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _BREAK.sub("\n", _ESCAPE.sub("", text))
    flags = {at for match in _FLAG.finditer(text) for at in range(*match.span())}
    kept: list[str] = []
    marks = 0
    for at, character in enumerate(text):
        if at not in flags and _is_hidden(text, at):
            continue
        is_mark = unicodedata.combining(character) > 0
        marks = marks + 1 if is_mark else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return _MANY_BREAKS.sub("\n\n", "".join(kept)).strip()


def _is_hidden(text: str, at: int) -> bool:
    character = text[at]
    if character in "\n\t" or (character.isascii() and character.isprintable()):
        return False
    if character in (_ZWNJ, _ZWJ):
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if _JOINING.match(before):
            return not _JOINING.match(after)
        return character == _ZWNJ or not (_EMOJI.match(before) and _EMOJI.match(after))
    if character in _BLANK_LETTERS:
        return True
    category = unicodedata.category(character)
    return category == "Cc" or (category == "Cf" and not re.match(f"[{_VISIBLE_FORMAT}]", character))


def line(text: str, longest: int) -> str:
    """The cleaned text on one line, shortened to `longest` characters."""
    joined = " ".join(clean(text).split())
    return joined if len(joined) <= longest else _at_word(joined, longest - len(ELLIPSIS)) + ELLIPSIS


def flat(text: str, longest: int) -> str:
    """One line without markup characters, for places whose format a client chooses: notifications, fallbacks."""
    return line(_FLATTENED.sub(" ", clean(text)), longest)


def is_literal(text: str) -> bool:
    """Whether every client shows the text the same, whatever format it takes it for."""
    return not _MARKUP.search(text)


def size(value: object) -> int:
    """Bytes as compact JSON in UTF-8, which is how we send."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))


def shortened(text: str, most_bytes: int) -> str:
    """The beginning of a cleaned text that takes at most `most_bytes` as JSON, cut at a word, marked with "…"."""
    room = most_bytes - size(ELLIPSIS)
    taken = end = 0
    for end, character in enumerate(text):
        taken += 2 if character in '"\\\n\t' else len(character.encode("utf-8"))
        if taken > room:
            return _at_word(text, end) + ELLIPSIS
    return text


def _at_word(text: str, end: int) -> str:
    """text[:end], moved back to a space that is near, and never into the middle of an emoji or an accent."""
    space = max(text.rfind(" ", 0, end + 1), text.rfind("\n", 0, end + 1))
    if space > end - 80 and space > end // 2:
        return text[:space].rstrip()
    # The longest real emoji has some ten parts; an endless chain is nobody's.
    for near in range(end, max(end - 40, 0), -1):
        if near >= len(text) or not _holds_together(text[near - 1], text[near]):
            return text[:near].rstrip()
    return text[:end].rstrip()


def _holds_together(left: str, right: str) -> bool:
    is_flag = "\U0001f1e6" <= left <= "\U0001f1ff" and "\U0001f1e6" <= right <= "\U0001f1ff"
    joins = _ZWJ in (left, right) or "\ufe00" <= right <= "\ufe0f" or "\U0001f3fb" <= right <= "\U0001f3ff"
    return is_flag or joins or unicodedata.combining(right) > 0 or "\U000e0020" <= right <= "\U000e007f"
