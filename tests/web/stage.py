"""A small community and a scripted turn, so that the page can be tried before and without the real one."""

import itertools
from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from bot.channel import Delivery
from bot.web.room import WebRoom
from dialogs.incoming import Heard, Incoming
from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from knowledge.people import Role
from storage.database import Database
from storage.schema import person, role_grant

NOON = datetime(2026, 3, 6, 14, 30, tzinfo=UTC)

ASHA, MAMADOU, ELENA, LUCIA = 1, 2, 3, 4
_PEOPLE: tuple[tuple[int, str, str, str, str, str, Role | None], ...] = (
    (ASHA, "Asha Naidu", "en", "Pacific/Fiji", "asia-pacific", "Suva, Fiji", None),
    (MAMADOU, "Mamadou Sarr", "fr", "Africa/Dakar", "africa", "Dakar, Senegal", Role.EXPERT),
    (ELENA, "Elena Weber", "en", "Europe/Zurich", "europe-cis", "Geneva, Switzerland", Role.FACILITATOR),
    (LUCIA, "Lucía Rojas", "es", "America/Bogota", "latin-america-caribbean", "Bogotá, Colombia", Role.EXPERT),
    (5, "Tomasi Vea", "en", "Pacific/Tongatapu", "asia-pacific", "Nuku‘alofa, Tonga", None),
)  # fmt: skip


def settle_people(database: Database) -> None:
    """Five invented people, marked as sample data."""

    def work(connection: Connection) -> None:
        for number, name, language, zone, region, office, role in _PEOPLE:
            add_person(connection, number, name, language, zone, region, office, role)

    database.write(work)


def add_person(
    connection: Connection,
    number: int,
    name: str,
    language: str = "en",
    zone: str = "UTC",
    region: str = "global",
    office: str = "",
    role: Role | None = None,
    sample: bool = True,
) -> None:
    connection.execute(
        insert(person),
        {
            "id": number,
            "key": f"sample-{number}@example.org",
            "name": name,
            "language": language,
            "speaks": [language],
            "time_zone": zone,
            "region": region,
            "office": office,
            "reach": 20,
            "topics": [],
            "sample": sample,
            "created_at": NOON,
        },
    )
    if role:
        connection.execute(insert(role_grant), {"person_id": number, "role": role.value})


class Script:
    """A turn that knows one play: Asha asks, Mamadou takes and answers, Elena watches.

    `heard` are all the Incomings. `broken` makes the next ones fail as an unwritable database would.
    """

    def __init__(self) -> None:
        self.heard: list[Incoming] = []
        self.broken = False
        self.room: WebRoom | None = None
        self._ids = itertools.count(1)
        self._cards: dict[tuple[int, str], str] = {}
        self._question = ""

    async def hear(self, incoming: Incoming) -> Heard:
        if self.broken:
            raise RuntimeError("the database is away: " + incoming.text)
        again = any(earlier.key == incoming.key for earlier in self.heard)
        self.heard.append(incoming)
        if again:
            return Heard(conversation=None, duplicate=True)
        await self._play(incoming)
        return Heard(conversation=1)

    async def post(self, to: int, message: Message, *, delivery: int = 0) -> str:
        """Delivers as the postman would: a card that was sent before is edited."""
        assert self.room is not None
        replaces = self._cards.get((to, message.card), "") if message.card else ""
        line = await self.room.deliver(Delivery(delivery or next(self._ids), f"web:{to}", {}, message, replaces))
        if message.card:
            self._cards[to, message.card] = line
        return line

    async def _play(self, incoming: Incoming) -> None:
        line = incoming.say or incoming.text
        if line == "send 1":
            await self.post(ASHA, waiting(self._question))
            await self.post(MAMADOU, offer(self._question))
        elif line == "take 1":
            await self.post(MAMADOU, taken(self._question))
            await self.post(ASHA, found(self._question))
        elif line == "answer 1":
            await self.post(ASHA, answered(incoming.values["text"]))
            await self.post(MAMADOU, Message(text="Votre réponse est partie. Merci !", language="fr"))
        elif line == "withdraw 1":
            await self.post(ASHA, Message(text="Your question was not sent.", card="q1"))
        elif line in ("help", "aide"):
            await self.post(int(incoming.sender), Message(text="Write your question in your own words."))
        elif incoming.text:
            self._question = line
            await self.post(int(incoming.sender), preview(line))
        elif incoming.files:
            await self.post(int(incoming.sender), Message(text="Your file has arrived."))


def preview(question: str) -> Message:
    return Message(
        title="This is what I will send",
        text="Nobody has seen it yet. Earlier answers that may fit are listed below.",
        quotes=(Quote(question, "Your question"),),
        facts=(
            Fact("To", "one person who knows mine action, Sahel"),
            Fact("Seen by", "UNDP colleagues"),
            Fact("Your name", "stays hidden"),
        ),
        entries_title="Already answered",
        entries=(
            Entry(
                "Which annexes does a mine action project document need?",
                "Start from the standard template and add the risk log, the land release plan and the budget notes.",
                "Reviewed in January 2026",
                (Button("This answers it", "settle 1 7"),),
            ),
        ),
        buttons=(
            Button("Send the question", "send 1", "primary"),
            Button("Change the text", "edit 1"),
            Button("Do not send", "withdraw 1", "danger"),
        ),
        card="q1",
    )


def waiting(question: str) -> Message:
    return Message(
        title="Question 1 is on its way",
        text="I have asked somebody who knows mine action and the Sahel. I will tell you when it is taken.",
        quotes=(Quote(question, "Your question"),),
        buttons=(Button("Take it back", "withdraw 1"),),
        card="q1",
    )


def found(question: str) -> Message:
    return Message(
        title="Somebody has taken question 1",
        text="An expert is writing an answer. Neither of you sees the other’s name.",
        quotes=(Quote(question, "Your question"),),
        card="q1",
    )


def offer(question: str) -> Message:
    return Message(
        title="Pouvez-vous répondre ?",
        text="Une question d’un·e collègue correspond à ce que vous connaissez.",
        quotes=(Quote(question, "La question"),),
        facts=(
            Fact("Pourquoi vous", "action antimines, Sahel ; 3 réponses à des questions proches"),
            Fact("Région", "Asie et Pacifique"),
        ),
        buttons=(
            Button("Je la prends", "take 1", "primary"),
            Button("Passer à quelqu’un", "pass 1"),
            Button("Décliner", "decline 1"),
        ),
        note="Votre nom reste caché tant que vous ne dites pas le contraire.",
        card="offer1",
        language="fr",
    )


def taken(question: str) -> Message:
    return Message(
        title="La question 1 est à vous",
        text="Votre réponse part dès que vous l’envoyez.",
        quotes=(Quote(question, "La question"),),
        fields=(Field("text", "Votre réponse", multiline=True, placeholder="Écrivez comme à un·e collègue…"),),
        buttons=(
            Button("Envoyer la réponse", "answer 1", "primary", form=True),
            Button("Rendre la question", "release 1"),
        ),
        card="offer1",
        language="fr",
    )


def answered(text: str) -> Message:
    return Message(
        title="An answer to question 1",
        text="Did it help?",
        quotes=(Quote(text, "The expert"),),
        buttons=(
            Button("It solved it", "outcome 1 solved", "primary"),
            Button("Partly", "outcome 1 partly"),
            Button("No", "outcome 1 no"),
            Button("Write back", "reply 1"),
        ),
        card="a1",
    )
