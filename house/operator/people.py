"""What is known of one person, and where a question of theirs would go."""

import argparse
import json
import sys

from bot.settings import Settings
from dialogs import explaining
from dialogs.wording import say_in
from house.ground import Opening
from house.operator.samples import SAMPLE
from house.operator.speaking import show
from knowledge.errors import Refusal
from knowledge.people import Person, Role
from storage import personal
from storage.people import People


def match(opened: Opening, settings: Settings, options: argparse.Namespace) -> int:
    with opened(settings) as house, house.database.reading() as connection:
        work = house.work(connection)
        if not work.people.anybody():
            show(f"The database holds nobody yet. Import people first: python app.py import {SAMPLE}")
            return 1
        asker = (
            _one_person(work.people, options.person)
            if options.person
            else (work.people.having_somewhere(Role.KM_TEAM) or work.people.everybody())[0]
        )
        if asker is None:
            return 1
        try:
            explained = explaining.explain(work, asker, options.text, options.lang)
        except Refusal as refusal:
            show(say_in(options.lang)(f"refusal.{refusal.key}", **refusal.values))
            return 1
        nobody = work.catalogue.experts and not any(one.reachable for one in work.catalogue.experts)
    if nobody:
        print(
            "No expert has opened the bot yet: nobody can be asked, only answers and networks found.", file=sys.stderr
        )
    print(json.dumps(explained, ensure_ascii=False) if options.json else explaining.as_text(explained))
    return 0


def data(opened: Opening, settings: Settings, options: argparse.Namespace) -> int:
    with opened(settings) as house, house.database.reading() as connection:
        person = _one_person(People(connection), options.person)
        if person is None:
            return 1
        print(json.dumps(personal.about(connection, person.id), ensure_ascii=False, indent=1))
    return 0


def _one_person(people: People, named: str) -> Person | None:
    """Whoever an address or a name means; None, and why is said, when that is nobody or several."""
    known = people.with_key(named)
    found = [known] if known is not None else people.named(named)
    if not found:
        show(f"Nobody is known as “{named}”. Give the address they were imported with, or their name.")
        return None
    if len(found) > 1:
        names = ", ".join(person.name for person in found)
        show(f"“{named}” may be {names}. Give an address, or more of the name.")
        return None
    return found[0]
