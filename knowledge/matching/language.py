"""Which language a short text is in: by script where that settles it, else by py3langid among a few languages."""

import logging
import re
from functools import lru_cache
from typing import Any

log = logging.getLogger(__name__)

# Languages the community writes in; restricting the choice is what makes five words enough to decide.
CONSIDERED = ("en", "fr", "es", "pt")
_SCRIPTS = (
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """The py3langid model, loaded at the first question (0.5 s), or None where it is not installed."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError:
        log.warning("py3langid is not installed: texts are taken to be in the language said or in English")
        return None
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(CONSIDERED))
    return identifier


def detect(text: str, fallback: str = "en") -> str:
    """The language code of a cleaned text; `fallback` when nothing tells (no letters, no detector)."""
    sample = text[:300]
    letters = sum(map(str.isalpha, sample))
    if not letters:
        return fallback
    for code, script in _SCRIPTS:
        if len(script.findall(sample)) * 2 > letters:
            return code
    identifier = _identifier()
    return str(identifier.classify(sample)[0]) if identifier is not None else fallback
