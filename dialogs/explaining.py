"""Why a question would go where it goes, for whoever looks after the matching."""

from typing import Any

from dialogs.composing import Words
from dialogs.wording import say_in
from knowledge.desk import would_find
from knowledge.matching.port import Match
from knowledge.people import Person
from knowledge.ports import Work


def explain(work: Work, asker: Person, text: str, language: str = "en") -> dict[str, Any]:
    """JSON-ready: `language` and `topics` seen, then `items`, `experts` and `networks`, each a list of
    {id, name, score, fits, reasons}, best first, those that do not fit included."""
    words = Words(say_in(language), work.catalogue)
    found = would_find(work, asker, text)

    def told(match: Match, name: str) -> dict[str, Any]:
        reasons = [words.reason(reason) for reason in match.reasons]
        return {"id": match.id, "name": name, "score": round(match.score, 3), "fits": match.fits, "reasons": reasons}

    return {
        "text": text,
        "language": found.seen.language,
        "topics": list(found.seen.topics),
        "items": [told(match, words.item(match.id).question) for match in found.items],
        "experts": [told(match, words.expert(match.id).name) for match in found.experts],
        "networks": [told(match, words.network(match.id)) for match in found.networks],
    }


def as_text(explained: dict[str, Any]) -> str:
    """The same for a terminal."""
    lines = [f"language: {explained['language']}; topics: {', '.join(explained['topics']) or 'none named'}"]
    for kind in ("items", "experts", "networks"):
        lines.append(f"{kind}:" if explained[kind] else f"{kind}: none known")
        lines += [
            f"  {'fits' if match['fits'] else 'near'}  {match['score']:.3f}  {match['name']}"
            f"  ({'; '.join(match['reasons'])})"
            for match in explained[kind]
        ]
    return "\n".join(lines)
