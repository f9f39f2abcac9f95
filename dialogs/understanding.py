"""What a typed line means: a command, a slip of one, small talk, or something to ask."""

from dataclasses import dataclass
from enum import Enum

from rapidfuzz.distance import OSA

from dialogs.commands import Call, called, every_word, read_call
from knowledge.text import plain


class Meaning(Enum):
    COMMAND = "command"
    INCOMPLETE = "incomplete"
    SLIP = "slip"
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    QUESTION = "question"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Understood:
    """`call` for COMMAND and INCOMPLETE; `nearest` is the command word a SLIP probably meant."""

    meaning: Meaning
    call: Call | None = None
    nearest: str = ""


_GREETINGS = """hi hello hey good morning good afternoon good evening greetings dear bot there team all everyone
    bonjour a tous toutes salut bonsoir coucou allo hola buenos dias buenas tardes buenas noches buenas bula salam start
    how are you ca va comment allez vous que tal como estas como esta""".split()
_THANKS = """thank thanks you very much so many a lot thx ty merci beaucoup bien infiniment gracias muchas mil grazie
    great perfect super ok okay cool nice good parfait genial perfecto vale excellent excelente d accord de acuerdo
    for the help your answer pour l aide votre reponse por la ayuda su respuesta vinaka""".split()
_GOODBYES = """bye goodbye see you later soon good night au revoir a bientot bonne journee nuit adios hasta luego pronto
    chao ciao""".split()

# Words that open or carry a request, in the three languages, accents folded.
_ASKING = frozenset(
    """who what where when which why how whom whose can could would should does do is are any anyone anybody somebody
    someone need looking look seeking search want wish advice help recommend suggest share find know template example
    qui que quoi quel quelle quels quelles ou quand pourquoi comment est peut pouvez pourriez faut existe quelqu
    besoin cherche recherche souhaite voudrais aimerais conseil aide trouver connaissez modele exemple
    como cuando donde cual cuales quien quienes por porque hay puede pueden podria alguien existe necesito busco
    buscamos quisiera quiero consejo ayuda encontrar conoce conocen modelo ejemplo plantilla""".split()
)

_SLIP_LENGTH = 4  # Shorter words are too near to everything.


def understand(line: str) -> Understood:
    """What one typed line means to the bot. Never raises, whatever was typed."""
    words = plain(line[:1000]).split()
    call = read_call(line)
    if call is not None:
        if call.complete and not _is_sentence(call, words):
            return Understood(Meaning.COMMAND, call)
        if len(words) < 4:
            return Understood(Meaning.INCOMPLETE, call)
    if not words:
        return Understood(Meaning.UNCLEAR)
    for meaning, known in (
        (Meaning.GREETING, _GREETINGS),
        (Meaning.THANKS, _THANKS),
        (Meaning.GOODBYE, _GOODBYES),
    ):
        if len(words) <= 6 and all(word in known for word in words):
            return Understood(meaning)
    slip = _slip(line, words)
    if slip:
        return Understood(Meaning.SLIP, nearest=slip)
    if asks(line):
        return Understood(Meaning.QUESTION)
    return Understood(Meaning.UNCLEAR)


def _is_sentence(call: Call, words: list[str]) -> bool:
    """Whether a command that needs nothing behind it opens a sentence instead: "help me find an expert"."""
    if call.command.name in ("help", "language") and len(words) > 2:
        return called(" ".join(words[1:])) is None
    return len(words) >= 4 and not call.values


def _slip(line: str, words: list[str]) -> str:
    """The command word meant by a misspelt one ("acept 12"), "" if none is near.

    A slip is one edit away (two from seven letters; a swap of neighbours is one edit) and stands alone or before a
    number; otherwise "shown" in a sentence would be read as "show".
    """
    first = words[0]
    if len(first) < _SLIP_LENGTH or called(first):
        return ""
    if len(words) > 1 and not words[1].isdecimal():
        return ""
    allowed = 2 if len(first) >= 7 else 1
    near = sorted(
        (distance, word)
        for word in every_word()
        if len(word) >= _SLIP_LENGTH and (distance := OSA.distance(first, word, score_cutoff=allowed)) <= allowed
    )
    return near[0][1] if near else ""


def asks(line: str) -> bool:
    """Whether it reads as something to ask the community. A preview follows, so a doubtful line is asked about."""
    words = plain(line[:1000]).split()
    if any(mark in line for mark in "?¿؟？"):
        return len(words) >= 2 or len(line.strip()) >= 8
    letters = sum(character.isalpha() for character in line[:1000])
    if letters < 8:
        return False
    return len(words) >= 5 or (len(words) >= 3 and any(word in _ASKING for word in words))
