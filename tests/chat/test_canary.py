"""Nobody but their own can tell who asked: the whole life of a question whose asker could be found anywhere by name.

The asker has a name, an address, a number, an office and a language that nobody else has. After everything that can
happen to a question they are looked for in all that anybody else was shown, answered or sent, in the log at DEBUG, in
every column of the database, and in what members, operators and monitors can export. They may stand in two places: in
their own conversation, and in the columns that are made to say who somebody is.

That the search finds something is proved by leaks planted one by one (LEAKS), on the wire that they belong to: each
must be found, where it was planted.
"""

import json
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from markupsafe import Markup
from sqlalchemy import select

from app import House
from bot import doctor
from bot.channel import Delivery
from bot.settings import Settings
from bot.slack import blocks
from bot.slack.connector import Connector as SlackConnector
from bot.teams import cards
from bot.teams.connector import Connector
from bot.teams.room import TeamsRoom
from bot.web import page
from house.operator.checking import facts as facts_of
from knowledge import lessons, searching, tending
from knowledge.errors import Refusal
from knowledge.notices import Post
from storage import personal
from storage.audit import AuditLog
from storage.database import Database
from storage.schema import conversation, item, item_use, metadata, person, question
from storage.work import Work
from tests.chat.direct import Direct
from tests.chat.player import FakeClock, Tapped
from tests.chat.slack import SlackWire
from tests.chat.teams import Teams
from tests.chat.town import ELIF, INGRID, LITIA, LUCA, OUSMANE, SAMIRA, SOMEBODY_KNOWS, twin
from tests.chat.web import Web

NUMBER = 734_002_195
JOAQUIN = "joaquin.rivas@sample.example"
AMINATA = "aminata.coulibaly@sample.example"
KEY = "qyzzara.vexthorn@sample.example"
NAME = "Qyzzara Vexthorn (sample)"
OFFICE = "Kwexbury Annex"
LANGUAGE = "es"
CANARY = re.compile(r"qyzzara|vexthorn|kwexbury|734002195", re.IGNORECASE)
MINUTE = 47
"""The asker always speaks in this minute of an hour, and nobody else does."""
MOMENT = re.compile(r"\d:47\b")


Life = tuple[tuple[str, str], ...]
LIFE: Life = (
    (KEY, SOMEBODY_KNOWS),
    (KEY, f"edit 1 {SOMEBODY_KNOWS}"),
    (KEY, "choices 1"),
    (KEY, "send 1"),
    (ELIF, "queue"),
    (ELIF, "show 1"),
    (OUSMANE, "take 1"),
    (OUSMANE, "meet 1"),
    (KEY, "keep 1"),
    (OUSMANE, "answer 1 Ours has four pages."),
    (KEY, "reply 1 Thank you, that is what I looked for."),
    (KEY, "another 1"),
    (SAMIRA, "take 1"),
    (SAMIRA, "answer 1 Use the checklist of the standards."),
    # Errors tell nothing either, whoever meets them.
    (LUCA, "status 1"),
    (LUCA, "show 1"),
    (LUCA, "withdraw 1"),
    (OUSMANE, "unmask 1 I would like to thank the asker in person."),
    (KEY, "no 1"),
    (KEY, "reopen 1"),
    (JOAQUIN, "take 1"),
    (JOAQUIN, "report 1"),
    (JOAQUIN, "answer 1 The third chapter says it."),
    (ELIF, "note 1 Two of us know this."),
    (ELIF, "show 1"),
    (KEY, "solved 1 3"),
    (KEY, "saved 1 90 min"),
    # A knowledge item comes of it: in the asker's own words, with everybody's yes, and taken back in the end.
    ("", "1 days"),
    (LUCA, "show draft 1"),
    (JOAQUIN, "show draft 1"),
    (KEY, "reword 1 Which template for a project document on mine action is short enough?"),
    (JOAQUIN, "consent 1"),
    (KEY, "consent 1"),
    (SAMIRA, "show draft 1"),
    (AMINATA, "items"),
    (AMINATA, "show draft 1"),
    (AMINATA, "ask again 1"),
    (JOAQUIN, "credit 1"),
    (AMINATA, "edit draft 1"),
    (AMINATA, "publish draft 1"),
    (OUSMANE, "read 61"),
    (OUSMANE, "useful 61"),
    (ELIF, "read 61"),
    (ELIF, "gaps"),
    (INGRID, "lessons"),
    (LUCA, "portal template for a project document"),
    ("", "31 days"),
    (KEY, "used 1 yes"),
    (SAMIRA, "impact 1 Three offices now start from it."),
    (SAMIRA, "contributions"),
    (SAMIRA, "share"),
    (ELIF, "audit 1"),
    (INGRID, "audit 1"),
    (ELIF, "load"),
    (KEY, "What do others ask the ministry first when mine action begins in the Sahel?"),
    (KEY, "send 2"),
    (ELIF, "assign 2 to Halima"),
    (ELIF, "undo"),
    (SAMIRA, "take 2"),
    # Others may read it, and offer to answer, in words that the asker saw first.
    (ELIF, "suggest voices 2"),
    (KEY, f"word voices 2 What does Qyzzara of {OFFICE} ask a ministry first?"),
    (KEY, "word voices 2 What do you ask a ministry first?"),
    (KEY, "open voices 2"),
    (OUSMANE, "voices"),
    (LUCA, "voices 2"),
    (JOAQUIN, "voices 2"),
    (JOAQUIN, "volunteer 2"),
    (JOAQUIN, "answer 2 Who signs for what."),
    (SAMIRA, "digest draft mine action"),
    (SAMIRA, "digest pick 1 voices:2"),
    (SAMIRA, "digest preview 1 as Ousmane"),
    (SAMIRA, "digest approve 1"),
    ("", "1 days"),
    (OUSMANE, "voices 2"),
    (KEY, "stop voices 2"),
    ("", "1 days"),
    (KEY, "withdraw 2"),
    (SAMIRA, "answer 2 Too late, I know."),
    (ELIF, "block 1"),
    (KEY, "May I ask one more?"),
    (KEY, "object 1"),
    (OUSMANE, "read 61"),
    (AMINATA, "items"),
)  # fmt: skip

WHO_IS_WHO = {"person", "identity", "conversation"}
"""Tables that say who somebody is."""


@dataclass
class Seen:
    """What others could read, by place; `told` are the places where what nobody wrote gives the asker away."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    told: set[str] = field(default_factory=set)

    def add(self, place: str, text: object) -> None:
        self.texts.append((place, text if isinstance(text, str) else json.dumps(text, default=str, ensure_ascii=False)))

    def leaks(self) -> set[str]:
        return self.told | {place for place, text in self.texts if CANARY.search(text)}


@pytest.fixture
def canary(community: Database) -> Database:
    return _hatched(community)


@pytest.fixture
def sqlite_canary(sqlite_community: Database) -> Database:
    """For what is planted outside the database: a search finds it on one as on the other."""
    return _hatched(sqlite_community)


def _hatched(community: Database) -> Database:
    """Litia's twin, with what tells them from everybody."""
    told = {"id": NUMBER, "name": NAME, "office": OFFICE, "language": LANGUAGE, "about": OFFICE}
    twin(community, LITIA, KEY, **told)
    return community


async def live(database: Database, wire: Any, seen: Seen) -> list[tuple[Delivery, str]]:
    """Plays the life on a wire; returns what others were brought, each with the language that its reader chose."""
    clock = FakeClock()
    told = wire.settings() if isinstance(wire, SlackWire) else {}
    settings = Settings(_env_file=None, **told)
    house = House(settings, database=database, now=clock)
    if isinstance(wire, Direct):
        house.channels[wire.channel] = wire
    noted: list[tuple[str, Delivery]] = []
    house.channels[wire.channel] = Tapped(house.channels[wire.channel], noted)
    async with wire.open(house):
        while await house.postman.step(clock()):
            pass
        for key, said in LIFE:
            before = len(getattr(wire, "answered", ()))
            if key:
                clock.at = _next(clock.at, MINUTE if key == KEY else 13)
                await wire.say(key, said)
            else:
                clock.at += timedelta(days=int(said.split()[0]))
            await house.tick()
            while await house.postman.step(clock()):
                pass
            if key != KEY:
                for answer in getattr(wire, "answered", ())[before:]:
                    seen.add("answer", answer)
        theirs = wire.conversation(KEY)
        with database.reading() as connection:
            everybody = connection.execute(select(person.c.key, person.c.language)).all()
        reads = {wire.conversation(one.key): one.language for one in everybody}
        others = [(one, reads[one.conversation]) for _, one in noted if one.conversation != theirs]
        for delivery, language in others:
            seen.add("message", delivery.message.to_json())
            if delivery.message.language != language:
                seen.told.add("language")
            if MOMENT.search(json.dumps(delivery.message.to_json())):
                seen.told.add("time")
        if isinstance(wire, Teams):
            _teams(wire, theirs, reads, seen)
        if isinstance(wire, SlackWire):
            _slack(wire, seen)
        if isinstance(wire, Web):
            for key in (OUSMANE, SAMIRA, JOAQUIN, ELIF, INGRID, LUCA):
                seen.add("page", await wire.page(key))
        _published(house, seen)
        seen.add("health", (await house._health(None)).text or "")  # type: ignore[arg-type]
    _rows(database, seen)
    _exports(database, settings, seen)
    return others


def _published(house: House, seen: Seen) -> None:
    """What the portal and the exports read, as each of these reads it."""
    with house.database.reading() as connection:
        work = house.work(connection)
        seen.add("lessons", lessons.rows(work))
        for number in connection.execute(select(person.c.id).where(person.c.id != NUMBER)).scalars().all():
            reader = work.people.get(number)
            for one in searching.search(work, reader, searching.Wanted("template")).items:
                told = tending.shown(work, reader, one)
                seen.add("portal", {**told, "item": str(told["item"]), "text": str(told["text"])})
                seen.add("portal", [str(version) for version in tending.earlier(work, one)])


def _teams(wire: Teams, theirs: str, reads: dict[str, str], seen: Seen) -> None:
    for sent in wire.far.sent:
        if sent.conversation == theirs:
            continue
        seen.add("wire", sent.activity)
        if sent.activity.get("locale", reads[sent.conversation]) != reads[sent.conversation]:
            seen.told.add("locale")
        if sent.activity["type"] == "typing":
            seen.told.add("typing")
        if sent.activity.get("replyToId"):
            seen.told.add("quoted reply")


def _slack(wire: SlackWire, seen: Seen) -> None:
    asker = wire._user(KEY)
    for method, body in wire.far.calls:
        if f"D{asker}" in body.values() or asker in body.values():
            continue
        seen.add("wire", {"method": method, **body})
        if method == "conversations.open" and asker in body["users"].split(","):
            seen.told.add("roster")
        if body.get("thread_ts"):
            seen.told.add("quoted reply")


def _next(at: datetime, minute: int) -> datetime:
    """The next time that a clock's long hand stands there."""
    return at + timedelta(minutes=(minute - at.minute - 1) % 60 + 1)


def _rows(database: Database, seen: Seen) -> None:
    with database.reading() as connection:
        own = set(connection.execute(select(conversation.c.id).where(conversation.c.person_id == NUMBER)).scalars())
        for table in metadata.sorted_tables:
            if table.name in WHO_IS_WHO:
                continue
            points = {one.name for one in table.c if any(key.column is person.c.id for key in one.foreign_keys)}
            for row in connection.execute(select(table)).mappings():
                if row.get("conversation_id") in own:
                    continue  # Their own conversation.
                for name, value in row.items():
                    # The log of changes names rows by their number, people's among them.
                    if name not in points and (table.name, name) != ("change", "number"):
                        seen.add(f"row {table.name}.{name}", str(value))


def _exports(database: Database, settings: Settings, seen: Seen) -> None:
    with database.reading() as connection:
        for number in connection.execute(select(person.c.id).where(person.c.id != NUMBER)).scalars().all():
            seen.add("export", personal.about(connection, number))
    known = facts_of(settings.model_copy(update={"database_url": database.url.render_as_string(hide_password=False)}))
    seen.add("export", [str(finding) for finding in doctor.examine(settings, known)])


def _log(caplog: pytest.LogCaptureFixture, seen: Seen) -> None:
    for record in caplog.records:
        # The try-it page's address names who is tried; the bot itself writes no log of requests.
        if record.name not in ("aiohttp.access", "tests"):
            seen.add("log", f"{record.name} {record.getMessage()} {record.exc_text or ''} {record.args}")


@pytest.mark.parametrize("wire", [Direct, SlackWire, Teams, Web], ids=lambda wire: wire.channel)
async def test_who_asked_stands_nowhere_but_in_their_own_places(
    canary: Database, wire: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = Seen()
    others = await live(canary, wire(), seen)
    _log(caplog, seen)
    assert seen.leaks() == set()
    # Others read other languages than the asker does.
    assert {language for _, language in others} > {LANGUAGE}
    # That it was lived: experts were asked, and the outcome is known.
    with canary.reading() as connection:
        ends = connection.execute(select(question.c.state, question.c.outcome).order_by(question.c.id)).all()
        # A knowledge item came of it, was read, and is gone since the asker took their yes back.
        assert connection.execute(select(item.c.state).where(item.c.key == "draft:1")).scalar_one() == "retired"
        assert "opened" in connection.execute(select(item_use.c.use)).scalars().all()
    assert [tuple(end) for end in ends[:2]] == [("closed", "solved"), ("withdrawn", None)]
    assert any(SOMEBODY_KNOWS in str(one.message.to_json()) for one, _ in others)
    assert SOMEBODY_KNOWS not in caplog.text


Leak = Callable[[pytest.MonkeyPatch], None]


def _in_posts(change: Callable[[dict[str, Any]], None]) -> Leak:
    """Changes whatever is put in the outbox for anybody but the asker."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        post = Work.post

        def leaking(self: Work, posts: Sequence[Post]) -> None:
            changed = []
            for one in posts:
                parts = asdict(one)
                if one.person != NUMBER:
                    change(parts)
                changed.append(Post(**parts))
            post(self, changed)

        patch.setattr(Work, "post", leaking)

    return plant


def _text(parts: dict[str, Any]) -> None:
    parts["payload"] = {**parts["payload"], "text": f"{parts['payload']['text']} {NAME}"}


def _note(parts: dict[str, Any]) -> None:
    parts["payload"] = {**parts["payload"], "note": f"From {OFFICE}."}


def _button(parts: dict[str, Any]) -> None:
    parts["payload"] = {**parts["payload"], "card": f"question:1:{NUMBER}"}


def _kind(parts: dict[str, Any]) -> None:
    parts["kind"] = f"for.{NUMBER}"


def _logged(parts: dict[str, Any]) -> None:
    logging.getLogger("dialogs.turn").debug("a message about the question of %s", KEY)


def _refusal(patch: pytest.MonkeyPatch) -> None:
    made = Refusal.__init__

    def leaking(self: Refusal, key: str, **values: Any) -> None:
        made(self, key, **{name: f"{value} {NAME}" for name, value in values.items()})

    patch.setattr(Refusal, "__init__", leaking)


def _audited(patch: pytest.MonkeyPatch) -> None:
    note = AuditLog.note
    patch.setattr(AuditLog, "note", lambda self, entry: note(self, replace(entry, reason=f"about {NAME}")))


def _exported(patch: pytest.MonkeyPatch) -> None:
    rule = personal.RULES[question]
    wide = personal.Rule(lambda number: (question.c.asker_id == number) | (question.c.id == 1), rule.hidden)
    patch.setitem(personal.RULES, question, wide)  # type: ignore[arg-type]


def _health(patch: pytest.MonkeyPatch) -> None:
    async def leaking(_self: House, _request: Any) -> web.Response:
        return web.json_response({"ok": True, "last": KEY})

    patch.setattr(House, "_health", leaking)


def _activity(patch: pytest.MonkeyPatch) -> None:
    """The metadata of what is sent, which no card shows."""
    deliver = TeamsRoom.deliver

    async def leaking(self: TeamsRoom, delivery: Delivery) -> str:
        card = f"{delivery.message.card}~{NUMBER}"
        return await deliver(self, replace(delivery, message=replace(delivery.message, card=card)))

    patch.setattr(TeamsRoom, "deliver", leaking)


def _url(parts: dict[str, Any]) -> None:
    parts["payload"] = {**parts["payload"], "note": f"https://connect.example/answer?to={NUMBER}"}


def _language(parts: dict[str, Any]) -> None:
    parts["payload"] = {**parts["payload"], "language": LANGUAGE}


def _moment(parts: dict[str, Any]) -> None:
    parts["payload"] = {**parts["payload"], "note": f"Asked at 09:{MINUTE}."}


def _locale(patch: pytest.MonkeyPatch) -> None:
    render = cards.render
    patch.setattr(cards, "render", lambda message: render(message) | {"locale": LANGUAGE})


def _in_connector(of: type, method: str, change: Callable[..., Awaitable[None]]) -> Leak:
    """Does something more before a request goes out."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        send = getattr(of, method)

        async def leaking(self: Any, *parts: Any, **named: Any) -> Any:
            await change(send, self, *parts, **named)
            return await send(self, *parts, **named)

        patch.setattr(of, method, leaking)

    return plant


async def _typing(send: Any, connector: Any, url: str, conversation: str, activity: Any, *_: Any) -> None:
    parts = ("from", "recipient", "conversation")
    await send(connector, url, conversation, {"type": "typing", **{part: activity[part] for part in parts}})


async def _replying(_send: Any, _connector: Any, _url: str, _conversation: str, activity: Any, *_: Any) -> None:
    activity["replyToId"] = "activity-1"


async def _threaded(send: Any, connector: Any, channel: str, body: Any, *_: Any) -> None:
    await send(connector, channel, body, "1.000200")


async def _together(_send: Any, connector: Any, workspace: str, user: str) -> None:
    await connector.group_of(workspace, [user, f"U{NUMBER}"])


def _blocks(patch: pytest.MonkeyPatch) -> None:
    render = blocks.render
    patch.setattr(blocks, "render", lambda message: render(message) | {"metadata": {"event_type": KEY}})


def _page(patch: pytest.MonkeyPatch) -> None:
    """An attribute that no eye sees."""
    line_html = page.line_html
    patch.setattr(page, "line_html", lambda *line: Markup(f'<i data-from="{NUMBER}"></i>') + line_html(*line))


LEAKS: dict[str, tuple[Leak, Callable[[], Any], str]] = {
    "a text": (_in_posts(_text), Teams, "message"),
    "a text, in Slack": (_in_posts(_text), SlackWire, "wire"),
    "a text, on the page": (_in_posts(_text), Web, "page"),
    "a text, anywhere": (_in_posts(_text), Direct, "message"),
    "a note on a card": (_in_posts(_note), Teams, "message"),
    "the name of a card": (_in_posts(_button), Teams, "message"),
    "the name of a card, in Slack": (_in_posts(_button), SlackWire, "wire"),
    "the name of a card, on the page": (_in_posts(_button), Web, "page"),
    "an address to open": (_in_posts(_url), Teams, "message"),
    "a row of the outbox": (_in_posts(_kind), Teams, "row outbox.kind"),
    "the log": (_in_posts(_logged), Teams, "log"),
    "the log, with Slack": (_in_posts(_logged), SlackWire, "log"),
    "an error's text": (_refusal, Teams, "message"),
    "the audit": (_audited, Teams, "row audit.reason"),
    "an export": (_exported, Teams, "export"),
    "a monitor": (_health, Teams, "health"),
    "what Teams is sent": (_activity, Teams, "wire"),
    "what Slack is sent": (_blocks, SlackWire, "wire"),
    "what a page holds": (_page, Web, "page"),
    "the language of a card": (_in_posts(_language), Teams, "language"),
    "the locale of an activity": (_locale, Teams, "locale"),
    "a time": (_in_posts(_moment), Teams, "time"),
    "somebody typing": (_in_connector(Connector, "write", _typing), Teams, "typing"),
    "a reply that quotes": (_in_connector(Connector, "write", _replying), Teams, "quoted reply"),
    "a thread": (_in_connector(SlackConnector, "post", _threaded), SlackWire, "quoted reply"),
    "who is in a conversation": (_in_connector(SlackConnector, "room_of", _together), SlackWire, "roster"),
}


@pytest.mark.parametrize("leak", LEAKS)
async def test_a_planted_leak_is_found_where_it_was_planted(
    sqlite_canary: Database, leak: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    plant, wire, place = LEAKS[leak]
    plant(monkeypatch)
    seen = Seen()
    await live(sqlite_canary, wire(), seen)
    _log(caplog, seen)
    assert place in seen.leaks()
