"""A reader's own choice of how the digest reaches them. It holds at once, for what waits to be sent too."""

from knowledge import digesting
from knowledge.digest import Way
from knowledge.errors import Refusal
from knowledge.mail import EMAIL
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work

UNCHOSEN = Way.CHAT
"""For whoever chose nothing: letters come to nobody who did not ask for them."""


def way_of(work: Work, person: Person) -> Way:
    """As chosen; in chat, where nothing was."""
    return work.digests.way(person.id) or UNCHOSEN


def state(work: Work, person: Person) -> list[Notice]:
    return [_card(work, person)]


def choose(work: Work, person: Person, way: Way) -> list[Notice]:
    """Raises Refusal where no letter can reach them."""
    if way.by_email:
        if not work.digests.by_email:
            raise Refusal("digest.no_email")
        if not work.people.address(person.id):
            raise Refusal("digest.no_address")
    before = way_of(work, person)
    work.digests.choose(person.id, way)
    if before.in_chat and not way.in_chat:
        work.digests.drop_waiting(person.id, letters=False)
    if before.by_email and not way.by_email:
        work.digests.drop_waiting(person.id, letters=True)
    # A first letter shows that letters arrive, and that nobody else chose it for them.
    first = [Notice(person.id, "digest.first_letter", by=EMAIL)] if way.by_email and not before.by_email else []
    return [_card(work, person), *first]


def turn_on(work: Work, person: Person) -> list[Notice]:
    """In chat again, for whoever had turned it off; for anybody else nothing changes."""
    return choose(work, person, Way.CHAT) if way_of(work, person) is Way.OFF else state(work, person)


def no_more_letters(work: Work, person: Person) -> list[Notice]:
    """As asked at the link in a letter, which may have been passed on: so they hear of it in chat."""
    before = way_of(work, person)
    if not before.by_email:
        return []
    choose(work, person, Way.CHAT if before.in_chat else Way.OFF)
    return [Notice(person.id, "digest.letters_stopped", {"way": way_of(work, person)})] if person.reachable else []


def _card(work: Work, person: Person) -> Notice:
    values = {
        "makes": bool(digesting.networks_of(work, person)),
        "way": way_of(work, person),
        "past": work.pages.link(person.id, "/digests"),
        "address": work.people.address(person.id) if work.digests.by_email else "",
    }
    return Notice(person.id, "digest.state", values)
