"""What is left out of a private question before anybody is asked whether it may be published."""

import pytest

from app import House
from bot.settings import Settings
from knowledge import drafting
from knowledge.cards import AnswerOf
from knowledge.people import Person
from storage.database import Database

ASKER = Person(1, "Litia Waqa (sample)", office="Pacific Office, Suva")
EXPERT = Person(2, "Ousmane Faye (sample)", language="fr", office="Regional team for West Africa, Dakar")


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("How do we do it? Our office in Suva has to.", "How do we do it? Our office in … has to."),
        ("Bonjour Litia, demandez au bureau de Dakar.", "Bonjour …, demandez au bureau de …."),
        ("Write to jo.doe@undp.example or call +679 331 2500.", "Write to … or call …."),
        ("The award 00123456 of project Blue Lagoon ends.", "The award … of project … ends."),
        ("In Fiji we asked Vakaloloma.", "In … we asked …."),
        ("Begin with the salaries.", "Begin with the salaries."),
    ],
)
def test_nothing_that_may_tell_who_is_meant_is_left_in_it(sqlite_community: Database, said: str, left: str) -> None:
    house = House(Settings(_env_file=None), database=sqlite_community)
    with sqlite_community.reading() as connection:
        work = house.work(connection)
        assert drafting.without_identities(work, said, (ASKER, EXPERT)) == left
        made = drafting.text_of(work, said, [AnswerOf(2, said)], (ASKER, EXPERT))
        assert (made.question, made.answer) == (left, left)
