"""Why a question would go where it goes, for whoever looks after the matching."""

from typing import Any

from dialogs.composing import Words
from dialogs.wording import say_in
from knowledge.matching.port import Match
from knowledge.people import Person
from knowledge.ports import Work


def explain(work: Work, asker: Person, text: str, language: str = "en") -> dict[str, Any]:
    """JSON-ready: `items`, `experts` and `networks`, each a list of {id, name, score, reasons}, best first."""
    words = Words(say_in(language), work.catalogue)

    def told(match: Match, name: str) -> dict[str, Any]:
        reasons = [words.reason(reason) for reason in match.reasons]
        return {"id": match.id, "name": name, "score": round(match.score, 3), "reasons": reasons}

    return {
        "text": text,
        "items": [told(match, words.item(match.id).question) for match in work.matcher.items(text, asker)],
        "experts": [told(match, work.people.get(match.id).name) for match in work.matcher.experts(text, asker)],
        "networks": [told(match, words.network(match.id)) for match in work.matcher.networks(text, asker)],
    }


def as_text(explained: dict[str, Any]) -> str:
    """The same for a terminal."""
    lines = []
    for kind in ("items", "experts", "networks"):
        lines.append(f"{kind}:" if explained[kind] else f"{kind}: none fits")
        lines += [
            f"  {match['score']:.3f}  {match['id']:>4}  {match['name']}  ({'; '.join(match['reasons'])})"
            for match in explained[kind]
        ]
    return "\n".join(lines)
