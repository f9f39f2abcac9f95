"""What a text is to the matcher: folded words, their stems, and a window short enough to encode.

Everything here is bounded: whatever people paste, at most WINDOW characters are looked at.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache

import snowballstemmer

# A question says what it wants early; the rest mostly adds cost. Long reports are read through this window.
WINDOW = 600
# Words of a query beyond this many say nothing new and cost time.
WORDS = 64
# Characters a single "word" may have: longer ones are encodings, links or noise.
LONGEST = 40

# Letters of one character n-gram, and how many numbers they are hashed to: two grams in 65,536 seldom meet.
GRAM = 4
GRAMS = 1 << 16
# Grams kept of one text.
MOST_GRAMS = 160

_STEMMED = {
    "en": "english", "fr": "french", "es": "spanish", "pt": "portuguese", "ru": "russian", "ar": "arabic",
    "de": "german", "it": "italian", "nl": "dutch", "tr": "turkish",
}  # fmt: skip
# Letters and digits of any script; an apostrophe or hyphen parts words, since "l'eau" must meet "eau" and
# "anti-corruption" must meet "corruption". Emoji and punctuation fall out.
_WORD = re.compile(r"[^\W_]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]")
# Scripts written without spaces: each pair of neighbouring signs stands for a word.
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")

STOP_WORDS = frozenset(
    """a about an and any are as at be been but by can could did do does for from had has have he her here his how i
    if in into is it its me my not of on or our she should so some than that the their them then there these they this
    those to up us was we were what when where which who whom why will with would you your please anyone somebody
    someone know need help looking want hello hi thanks dear
    au aux avec ce ces cette dans de des du elle en est et eux il ils je la le les leur leurs lui ma mais me mes moi
    mon ne nos notre nous on ou par pas pour qu que qui sa se ses si son sur ta te tes toi ton tu un une vos votre vous
    l d s t c j n m y quel quelle quels quelles comment pourquoi quand besoin aide cherche bonjour merci peut faire
    al algo como con cual cuando del donde el ella ellos en era es esta este esto fue ha hay la las lo los mas mi muy
    no nos o para pero por porque que quien se ser si sin sobre son su sus tambien te tiene todo tu un una unos y ya
    yo necesito ayuda busco hola gracias puede hacer""".split()
)


def cleaned(text: str) -> str:
    """The first WINDOW visible characters in one Unicode form (NFKC), spaces collapsed."""
    # Look at a generous slice first: normalising 100,000 characters to keep 600 would be the attacker's gain.
    head = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text[: WINDOW * 4]))
    return " ".join(head.split())[:WINDOW].replace("\x00", "")


def folded(text: str) -> str:
    """Lower case, Latin accents off; Arabic, Cyrillic and other scripts stay whole ("é" is "e", "й" stays "й")."""
    text = text.casefold()
    if not _ACCENTED.search(text):
        return text
    return "".join(_bare(letter) if letter > "\u00bf" else letter for letter in text)


@lru_cache(maxsize=4096)
def _bare(letter: str) -> str:
    if not _ACCENTED.match(letter):
        return letter
    kept = "".join(mark for mark in unicodedata.normalize("NFD", letter) if not unicodedata.combining(mark))
    return kept or letter


def words(text: str) -> list[str]:
    """Folded words in order, at most WORDS of them; signs of unspaced scripts come as overlapping pairs."""
    found: list[str] = []
    for word in _split(folded(text)):
        found.append(word[:LONGEST])
        if len(found) >= WORDS:
            break
    return found


def _split(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        word = match.group()
        if word.isascii() or not _UNSPACED.search(word):
            yield word
            continue
        for run in re.split(f"({_UNSPACED.pattern})", word):
            if _UNSPACED.fullmatch(run) and len(run) > 1:
                yield from (run[at : at + 2] for at in range(len(run) - 1))
            elif run:
                yield run


@lru_cache(maxsize=16)
def _stemmer(language: str) -> "snowballstemmer.stemmer":
    return snowballstemmer.stemmer(_STEMMED[language])


@lru_cache(maxsize=65536)
def stem(word: str, language: str) -> str:
    """The Snowball stem of a folded word, folded again; the word itself where no stemmer exists."""
    if language not in _STEMMED or len(word) < 4 or not word.isalpha():
        return word
    return folded(str(_stemmer(language).stemWord(word)))


def stems(text_words: Sequence[str], language: str) -> list[str]:
    """Stems of the words that carry meaning. Only stop words ("what about it") leaves nothing: a signal is absent."""
    return [stem(word, language) for word in text_words if word not in STOP_WORDS]


def grams(text_words: Sequence[str]) -> list[int]:
    """The distinct character 4-grams of the words as numbers below GRAMS, word edges included, in order."""
    found: dict[int, None] = {}
    for word in text_words:
        edged = f" {word} "
        for at in range(max(1, len(edged) - GRAM + 1)):
            found[zlib.crc32(edged[at : at + GRAM].encode()) & (GRAMS - 1)] = None
        if len(found) >= MOST_GRAMS:
            break
    return list(found)[:MOST_GRAMS]
