"""What people say of themselves. It is theirs: no import changes what they said here."""

from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work

OF_PERSON = ("topics", "speaks", "region", "time_zone")
"""Parts that an import knows too."""
PARTS = (*OF_PERSON, "quiet", "helps", "interests", "listed")


def shown(work: Work, person: Person) -> list[Notice]:
    return [_card(work.people.get(person.id))]


def say(work: Work, person: Person, part: str, value: object) -> list[Notice]:
    """Keeps one part (`PARTS`) as they say it."""
    if part in OF_PERSON:
        work.people.describe_self(person.id, part, value)
    else:
        work.people.prefer(person.id, **{part: value})
    now = work.people.get(person.id)
    if part == "listed":
        return [_card(now)]
    # A profile that stands further up follows.
    kept = Notice(person.id, "profile.kept", {"person": now, "part": part}, card=f"profile:{part}")
    return [kept, _card(now, only_edit=True)]


def _card(person: Person, *, only_edit: bool = False) -> Notice:
    return Notice(person.id, "profile.card", {"person": person}, card="profile", only_edit=only_edit)
