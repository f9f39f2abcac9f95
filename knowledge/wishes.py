"""What an asker may wish for one question: what kind of help, under which name, and from whom never."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from knowledge.people import Person


class Wants(StrEnum):
    """The three ways to ask."""

    ANSWER = "answer"
    EXPERT = "expert"
    VALIDATION = "validation"


class Identity(StrEnum):
    """Who is told who asks. HIDDEN: nobody but, where the KM team chose so, the desk; UNSEEN: not even the desk.
    NAMED: whoever is asked."""

    HIDDEN = "hidden"
    NAMED = "named"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Wishes:
    """`excluded` are people, and with `not_my_office` everybody of the asker's office, whom nothing of the question
    may reach: no offer, no card on the desk, no sign why. With `network` nothing of it reaches anybody outside that
    network."""

    wants: Wants = Wants.ANSWER
    identity: Identity = Identity.HIDDEN
    same_region: bool = False
    not_my_office: bool = False
    excluded: frozenset[int] = frozenset()
    network: int | None = None

    def keep_from(self, person: Person, asker: Person) -> bool:
        """Whether this person must never hear of the question."""
        return (
            person.id in self.excluded
            or (self.not_my_office and bool(asker.office) and person.office.casefold() == asker.office.casefold())
            or (self.network is not None and self.network not in person.networks)
        )

    def fit(self, person: Person, asker: Person) -> bool:
        """Whether the question may be offered to this person, as far as the asker's wishes go."""
        return not self.keep_from(person, asker) and (not self.same_region or person.region == asker.region)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready, without what is as usual; `from_json` reads it back equal."""
        kept = {"wants": str(self.wants), "identity": str(self.identity), "same_region": self.same_region,
                "not_my_office": self.not_my_office, "excluded": sorted(self.excluded),
                "network": self.network}  # fmt: skip
        usual = {"wants": Wants.ANSWER, "identity": Identity.HIDDEN}
        return {name: value for name, value in kept.items() if value and value != usual.get(name)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Wishes":
        return cls(
            wants=Wants(kept.get("wants", Wants.ANSWER)),
            identity=Identity(kept.get("identity", Identity.HIDDEN)),
            same_region=kept.get("same_region", False),
            not_my_office=kept.get("not_my_office", False),
            excluded=frozenset(kept.get("excluded", ())),
            network=kept.get("network"),
        )
