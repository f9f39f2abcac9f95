"""The room over the wire: what the page may send, what nobody else may, and the live stream."""

import asyncio
import io
import json
import logging
import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from sqlalchemy import delete

from bot.channel import Delivery, Gone, Unreachable
from dialogs.incoming import LARGEST_FILE, File, Incoming
from dialogs.message import Message
from storage.database import Database
from storage.schema import conversation, identity, person, role_grant, web_message
from tests.web.conftest import Stage
from tests.web.stage import ASHA, ELENA, MAMADOU, NOON

Client = TestClient[web.Request, web.Application]
KEY = "0b8f6f6e-3c1d-4f6a-9a51-2f60a1d2c3b4"


async def say(client: Client, stage: Stage, to: object = ASHA, **said: Any) -> ClientResponse:
    said = {"key": str(uuid.uuid4())} | said
    return await client.post(f"/web/say/{to}", json=said, headers=stage.origin)


async def texts(stage: Stage, number: int) -> list[str]:
    return [line.typed or (line.message or {})["text"] for line in await stage.store.lines(number)]


# What is heard


async def test_typed_text_reaches_the_turn_as_an_incoming(stage: Stage, client: Client) -> None:
    answer = await say(client, stage, key=KEY, text="  Hello\r\nthere ")
    assert answer.status == 200
    assert await answer.json() == {"duplicate": False, "refused": False}
    assert stage.script.heard == [
        Incoming(
            channel="web",
            key=KEY,
            sender="1",
            conversation="web:1",
            address={},
            arrived_at=NOON,
            text="Hello\nthere",
            name="Asha Naidu",
            locale="en",
            time_zone="Pacific/Fiji",
        )
    ]


async def test_a_press_reaches_the_turn_with_its_fields_and_its_card(stage: Stage, client: Client) -> None:
    answer = await say(client, stage, MAMADOU, say="answer 1", values={"text": "Yes\nindeed"}, card="offer1")
    assert answer.status == 200
    heard = stage.script.heard[0]
    assert (heard.sender, heard.text, heard.say, heard.pressed_card) == ("2", "", "answer 1", "offer1")
    assert heard.values == {"text": "Yes\nindeed"}


async def test_typed_text_stands_before_its_answer_and_a_press_leaves_no_line(stage: Stage, client: Client) -> None:
    await say(client, stage, text="Who knows?")
    assert await texts(stage, ASHA) == [
        "Who knows?",
        "Nobody has seen it yet. Earlier answers that may fit are listed below.",
    ]
    await say(client, stage, say="withdraw 1", card="q1")
    assert await texts(stage, ASHA) == ["Who knows?", "Your question was not sent."]


async def test_a_submission_sent_twice_is_shown_and_heard_once(stage: Stage, client: Client) -> None:
    for duplicate in (False, True):
        answer = await say(client, stage, key=KEY, text="help")
        assert (await answer.json())["duplicate"] is duplicate
    assert await texts(stage, ASHA) == ["help", "Write your question in your own words."]


async def test_what_could_not_be_kept_is_marked_and_heard_when_sent_again(
    stage: Stage, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    stage.script.broken = True
    with caplog.at_level(logging.ERROR):
        answer = await say(client, stage, MAMADOU, key=KEY, text="a private matter")
    assert answer.status == 503
    assert (await answer.json())["error"].startswith("Cela n’a pas pu être gardé")
    assert [line.failed for line in await stage.store.lines(MAMADOU)] == [True]
    assert "RuntimeError" in caplog.text
    assert "private matter" not in caplog.text
    assert "Mamadou" not in caplog.text
    stage.script.broken = False
    assert (await say(client, stage, MAMADOU, key=KEY, text="a private matter")).status == 200
    assert (await stage.store.lines(MAMADOU))[0].failed is False


async def test_controls_and_hidden_characters_are_gone_before_anything_is_kept(stage: Stage, client: Client) -> None:
    body = b'{"key": "%s", "text": "a\\u0000b\\ud800c\\u202ed"}' % KEY.encode()
    headers = {**stage.origin, "Content-Type": "application/json"}
    assert (await client.post("/web/say/1", data=body, headers=headers)).status == 200
    assert stage.script.heard[0].text == "abcd"


async def send(client: Client, stage: Stage, content: bytes, **told: str) -> ClientResponse:
    headers = {**stage.origin, "Content-Type": told.pop("kind", "application/octet-stream")}
    params = {"key": str(uuid.uuid4()), "name": "people.csv"} | told
    return await client.post("/web/file/1", params=params, data=io.BytesIO(content), headers=headers)


async def test_a_file_reaches_the_turn_with_what_was_typed_beside_it(stage: Stage, client: Client) -> None:
    answer = await send(client, stage, b"email\n", name=r"C:\lists\people.csv", text="import people")
    assert answer.status == 200
    heard = stage.script.heard[0]
    assert (heard.text, heard.files) == ("import people", (File("people.csv", content=b"email\n"),))
    assert (await texts(stage, ASHA))[0] == "import people\n📎 people.csv"


async def test_a_file_larger_than_fits_is_refused_in_the_readers_language(stage: Stage, client: Client) -> None:
    answer = await send(client, stage, b"x" * (LARGEST_FILE + 1))
    assert answer.status == 413
    assert (await answer.json())["error"] == "That file is too large: at most 10 MB can be sent."
    assert stage.script.heard == []


async def test_a_file_that_another_site_could_send_is_refused(stage: Stage, client: Client) -> None:
    assert (await send(client, stage, b"x", kind="text/plain")).status == 400
    assert (await send(client, stage, b"x", kind="multipart/form-data; boundary=x")).status == 400
    params = {"key": KEY, "name": "people.csv"}
    headers = {"Origin": "https://elsewhere.example", "Content-Type": "application/octet-stream"}
    assert (await client.post("/web/file/1", params=params, data=b"x", headers=headers)).status == 403
    assert (await send(client, stage, b"x", key="7")).status == 400
    assert (await send(client, stage, b"x", name="")).status == 400
    assert stage.script.heard == []


# What is refused


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe\x00", b"1e999", b"NaN",
        b"[" * 3000, b'{"a":' * 3000,
        b"{}",
        b'{"key": "x", "text": "hi"}',
        b'{"key": 1, "text": "hi"}',
        b'{"text": "hi"}',
        b'{"key": "%s"}', b'{"key": "%s", "text": ""}', b'{"key": "%s", "text": " \\u200b\\u0000 "}',
        b'{"key": "%s", "text": 5}', b'{"key": "%s", "text": null}', b'{"key": "%s", "text": ["hi"]}',
        b'{"key": "%s", "text": "hi", "say": "help"}',
        b'{"key": "%s", "say": {}}',
        b'{"key": "%s", "say": "\\u0000"}',
        b'{"key": "%s", "say": "help", "values": []}', b'{"key": "%s", "say": "help", "values": {"a": 1}}',
        b'{"key": "%s", "say": "help", "values": {"a": {"b": "c"}}}', b'{"key": "%s", "say": "help", "values": null}',
        b'{"key": "%s", "say": "help", "card": 7}',
        b'{"key": "%s", "say": "help", "card": "' + b"x" * 81 + b'"}',
        b'{"key": "%s", "say": "help", "values": {' + b",".join(b'"%d": ""' % n for n in range(21)) + b"}}",
    ],
    ids=lambda body: ascii(body[:40].decode("latin-1")),
)  # fmt: skip
async def test_a_malformed_submission_is_a_400_and_never_heard(stage: Stage, client: Client, body: bytes) -> None:
    headers = {**stage.origin, "Content-Type": "application/json"}
    answer = await client.post("/web/say/1", data=body.replace(b"%s", KEY.encode()), headers=headers)
    assert answer.status == 400
    assert (await answer.json())["error"] == "That could not be read."
    assert stage.script.heard == []
    assert await stage.store.lines(ASHA) == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_type_that_a_foreign_form_could_send_is_not_read(stage: Stage, client: Client, kind: str) -> None:
    body = json.dumps({"key": KEY, "text": "hi"})
    answer = await client.post("/web/say/1", data=body, headers={**stage.origin, "Content-Type": kind})
    assert answer.status == 400
    assert stage.script.heard == []


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "in chunks"])
async def test_a_body_beyond_the_limit_is_a_413(stage: Stage, client: Client, chunked: bool) -> None:
    body = json.dumps({"key": KEY, "text": "x" * 300_000}).encode()

    async def parts() -> AsyncIterator[bytes]:
        for place in range(0, len(body), 50_000):
            yield body[place : place + 50_000]

    headers = {**stage.origin, "Content-Type": "application/json"}
    answer = await client.post("/web/say/1", data=parts() if chunked else body, headers=headers)
    assert answer.status == 413
    assert (await answer.json())["error"] == "That is too long to send."
    assert stage.script.heard == []


@pytest.mark.parametrize(
    "head",
    [
        "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        "Content-Encoding: br\r\nContent-Length: 5\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
    ],
)
async def test_a_body_that_is_not_what_its_head_says_is_a_400(stage: Stage, head: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.server.port)
    origin = stage.origin["Origin"]
    writer.write(
        f"POST /web/say/1 HTTP/1.1\r\nHost: {origin.removeprefix('http://')}\r\nOrigin: {origin}\r\n"
        f"Connection: close\r\nContent-Type: application/json\r\n{head}".encode()
    )
    status = (await reader.readline()).split()[1]
    writer.close()
    assert status == b"400"
    assert stage.script.heard == []


@pytest.mark.parametrize("number", ["99", "0", "-1", "x", "1.0", "9223372036854775808", "%00", "٣", "1e3", "9" * 5000])
async def test_nobody_is_a_404(stage: Stage, client: Client, number: str) -> None:
    assert (await say(client, stage, number, text="hi")).status == 404
    assert stage.script.heard == []


# Who may come in

FOREIGN_HOSTS = [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:80",
    "192.168.1.5",
    "[::1",
    "",
    "127.0.0.1:x",
]


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
@pytest.mark.parametrize("path", ["/", "/web/people", "/web/events?who=1", "/web/page.js"])
async def test_a_name_that_others_could_point_here_is_refused(client: Client, path: str, host: str) -> None:
    answer = await client.get(path, headers={"Host": host})
    assert answer.status in (400, 403)
    assert "Asha" not in await answer.text()


@pytest.mark.parametrize("host", ["localhost:8000", "LOCALHOST", "[::1]:8000", "127.0.0.1"])
async def test_the_names_of_this_machine_are_welcome(client: Client, host: str) -> None:
    assert (await client.get("/", headers={"Host": host})).status == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Forwarded-Host"])
async def test_what_a_proxy_brings_in_is_refused(client: Client, header: str) -> None:
    assert (await client.get("/", headers={header: "127.0.0.1"})).status == 403


@pytest.mark.parametrize("address", ["192.168.1.5", "8.8.8.8", "::ffff:10.0.0.1", "fe80::1", "", "x"])
def test_only_this_machines_own_addresses_are_its_own(address: str) -> None:
    from bot.web.gate import _is_loopback

    assert not _is_loopback(address)
    assert _is_loopback("127.0.0.1")
    assert _is_loopback("::1")
    assert _is_loopback("::ffff:127.0.0.1")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "own", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "own", "Sec-Fetch-Site": "same-site"},
    ],
)
async def test_only_the_page_itself_may_speak_for_people(stage: Stage, client: Client, headers: dict[str, str]) -> None:
    own = {name: stage.origin["Origin"] if value == "own" else value for name, value in headers.items()}
    answer = await client.post("/web/say/1", json={"key": KEY, "text": "hi"}, headers=own)
    assert answer.status == 403
    assert stage.script.heard == []


# Pages


async def test_the_page_opens_on_a_member_in_suva_an_expert_in_dakar_and_the_facilitator(client: Client) -> None:
    page = await (await client.get("/")).text()
    assert re.findall(r'data-person="(\d+)"', page) == [str(ASHA), str(MAMADOU), str(ELENA)]
    assert '<section class="pane tint-1" id="pane-2" lang="fr"' in page
    assert page.count("data-try>") == 3


async def test_the_address_says_who_is_on_the_page(client: Client) -> None:
    page = await (await client.get("/?who=5,2")).text()
    assert re.findall(r'data-person="(\d+)"', page) == ["5", "2"]
    assert 'data-pick="2"' in page


async def test_the_page_shows_what_was_said_before(stage: Stage, client: Client) -> None:
    await say(client, stage, text="Who knows <b>mines</b>?")
    page = await (await client.get("/?who=1,2")).text()
    assert "Who knows &lt;b&gt;mines&lt;/b&gt;?" in page
    assert 'data-person="1" data-since="2"' in page


@pytest.mark.parametrize(
    ("who", "status"),
    [("99", 404), ("1,99", 404), ("x", 400), ("1,,2", 400), ("0", 400), ("1,2,3,4", 400), ("9" * 30, 400), ("-1", 400)],
)
async def test_an_address_with_nobody_in_it_says_so_with_a_way_back(client: Client, who: str, status: int) -> None:
    answer = await client.get("/", params={"who": who}, headers={"Accept-Language": "fr"})
    page = await answer.text()
    assert answer.status == status
    assert '<a href="/">' in page
    assert 'lang="fr"' in page


async def test_the_page_says_when_nobody_is_there_yet(sqlite_database: Database, stage: Stage, client: Client) -> None:
    with sqlite_database.begin() as connection:
        for table in (web_message, conversation, identity, role_grant, person):
            connection.execute(delete(table))
    answer = await client.get("/")
    assert answer.status == 200
    assert "Import a community first" in await answer.text()


async def test_the_picker_finds_people_and_links_to_the_page_with_them_in_that_place(client: Client) -> None:
    answer = await client.get("/web/people", params={"who": "1,2,3", "pane": "1", "q": "bogota"})
    found = await answer.text()
    assert 'href="/?who=1,4,3#say-4"' in found
    assert found.count("<li>") == 1
    everybody = await (await client.get("/web/people", params={"who": "1,2", "pane": "2"})).text()
    assert 'href="/?who=1,2,5#say-5"' in everybody
    assert everybody.count('aria-disabled="true"') == 2


@pytest.mark.parametrize("query", ["who=x", "pane=x", "pane=-1", "who=1,2,3,4"])
async def test_the_picker_refuses_what_the_page_would_not_ask(client: Client, query: str) -> None:
    assert (await client.get(f"/web/people?{query}")).status == 400


async def test_the_picker_takes_any_search(client: Client) -> None:
    for search in ("\x00", "%", "' OR 1=1", "x" * 5000, "\ud7ff"):
        assert (await client.get("/web/people", params={"q": search})).status == 200


async def test_pages_may_load_nothing_but_their_own_files(client: Client) -> None:
    answer = await client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_files_are_kept_for_ever_under_an_address_that_changes_with_them(client: Client) -> None:
    page = await (await client.get("/")).text()
    addresses = set(re.findall(r'"(/web/[\w.]+\?v=\w+)"', page))
    assert {address.split("?")[0] for address in addresses} == {"/web/page.css", "/web/page.js", "/web/icon.svg"}
    for address in addresses:
        answer = await client.get(address)
        assert "immutable" in answer.headers["Cache-Control"]
        assert (await client.get(address.split("?")[0])).headers["Cache-Control"] == "no-cache"


# Deliveries


async def test_a_delivery_shows_and_its_replacement_takes_its_place(stage: Stage) -> None:
    first = await stage.room.deliver(Delivery(1, "web:1", {}, Message("One", card="c")))
    await stage.room.deliver(Delivery(2, "web:1", {}, Message("Two")))
    assert await stage.room.deliver(Delivery(3, "web:1", {}, Message("Three", card="c"), first)) == first
    assert await texts(stage, ASHA) == ["Three", "Two"]


async def test_a_delivery_that_edits_what_is_not_there_is_gone(stage: Stage) -> None:
    with pytest.raises(Gone):
        await stage.room.deliver(Delivery(1, "web:1", {}, Message("One"), "404"))


@pytest.mark.parametrize("where", ["web:99", "web:x", "web:", "", "web:-1", "web:" + "9" * 40])
async def test_a_delivery_to_a_conversation_that_is_not_there_is_unreachable(stage: Stage, where: str) -> None:
    with pytest.raises(Unreachable) as refused:
        await stage.room.deliver(Delivery(1, where, {}, Message("One")))
    assert refused.value.reason == "no_conversation"


# The stream


class Listener:
    """Reads a stream as a browser does: one event after the other, remembering the last id."""

    def __init__(self, answer: ClientResponse) -> None:
        self.answer = answer
        self.last_id = ""

    async def event(self) -> tuple[str, dict[str, Any]]:
        fields: dict[str, str] = {}
        async with asyncio.timeout(10):
            while line := (await self.answer.content.readline()).decode():
                if line != "\n":
                    name, _, value = line.rstrip("\n").partition(": ")
                    fields[name] = value
                elif "event" in fields:
                    break
        assert "event" in fields, "the stream ended"
        self.last_id = fields.get("id", self.last_id)
        return fields["event"], json.loads(fields["data"])

    async def lines(self) -> list[dict[str, Any]]:
        """The next lines, beats aside."""
        while True:
            name, data = await self.event()
            if name == "lines":
                found: list[dict[str, Any]] = data["lines"]
                return found


async def listen(client: Client, query: str, **headers: str) -> Listener:
    answer = await client.get(f"/web/events?{query}", headers=headers)
    assert answer.status == 200
    assert answer.content_type == "text/event-stream"
    return Listener(answer)


async def test_a_line_streams_to_every_page_that_shows_its_person(stage: Stage, client: Client) -> None:
    one, other = await listen(client, "who=1,2"), await listen(client, "who=2&since=0")
    await one.event()
    await stage.script.post(MAMADOU, Message("Bonjour <b>"))
    for listener, position in ((one, "0.1"), (other, "1")):
        (line,) = await listener.lines()
        assert (line["person"], line["revision"]) == (MAMADOU, 1)
        assert "Bonjour &lt;b&gt;" in line["html"]
        assert listener.last_id == position


async def test_a_changed_card_streams_under_the_number_of_its_line(stage: Stage, client: Client) -> None:
    listener = await listen(client, "who=1")
    await stage.script.post(ASHA, Message("One", card="c"))
    (first,) = await listener.lines()
    await stage.script.post(ASHA, Message("Two", card="c"))
    (second,) = await listener.lines()
    assert second["line"] == first["line"]
    assert second["revision"] == 2


async def test_nothing_is_lost_between_two_connections(stage: Stage, client: Client) -> None:
    listener = await listen(client, "who=1,2")
    await stage.script.post(ASHA, Message("Known"))
    await stage.script.post(ASHA, Message("One", card="c"))
    while listener.last_id != "2.0":
        await listener.event()
    listener.answer.close()
    await stage.script.post(ASHA, Message("Two"))
    await stage.script.post(ASHA, Message("Three", card="c"))
    await stage.script.post(MAMADOU, Message("Quatre"))
    again = await listen(client, "who=1,2&since=0.0", **{"Last-Event-ID": listener.last_id})
    found = [(line["person"], line["revision"]) for line in await again.lines()]
    assert found == [(ASHA, 3), (ASHA, 4), (MAMADOU, 1)]


async def test_more_than_one_batch_streams_whole(stage: Stage, client: Client) -> None:
    for number in range(250):
        await stage.script.post(ASHA, Message(f"m{number}"))
    listener = await listen(client, "who=1")
    seen: list[int] = []
    while len(seen) < 250:
        seen += [line["revision"] for line in await listener.lines()]
    assert seen == list(range(1, 251))


async def test_a_silent_stream_still_beats_and_finds_what_another_process_wrote(stage: Stage, client: Client) -> None:
    listener = await listen(client, "who=1")
    assert (await listener.event())[0] == "beat"
    assert (await listener.event())[0] == "beat"
    # Past the room, so that no bell rings.
    await stage.store.deliver(ASHA, 77, Message("From elsewhere").to_json(), "", NOON)
    (line,) = await listener.lines()
    assert "From elsewhere" in line["html"]


async def test_a_stream_with_nothing_to_say_rests(stage: Stage, client: Client) -> None:
    stage.room._heartbeat = 3600
    listener = await listen(client, "who=1")
    names = [(await listener.event())[0]]
    for text in ("One", "Two", "Three"):
        await stage.script.post(ASHA, Message(text))
        names += [(await listener.event())[0], (await listener.event())[0]]
    # One sign of life after each, not one after the other.
    assert names == ["beat", "lines", "beat", "lines", "beat", "lines", "beat"]


async def test_a_page_that_remembers_another_database_is_told_to_load_again(client: Client) -> None:
    listener = await listen(client, "who=1&since=12")
    assert (await listener.event())[0] == "stale"


async def test_a_stream_is_never_collected_on_the_way(client: Client) -> None:
    listener = await listen(client, "who=1")
    assert listener.answer.headers["Cache-Control"] == "no-store"
    assert listener.answer.headers["X-Accel-Buffering"] == "no"
    assert "Content-Length" not in listener.answer.headers


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 404), ("who=99", 404), ("who=1,99", 404), ("who=x", 400), ("who=1&since=x", 400), ("who=1&since=1.2", 400),
     ("who=1&since=-1", 400), ("who=1&since=" + "9" * 30, 400)],
)  # fmt: skip
async def test_a_stream_of_nobody_or_from_nowhere_is_refused(client: Client, query: str, status: int) -> None:
    assert (await client.get(f"/web/events?{query}")).status == status


async def test_a_malformed_last_event_id_is_refused(client: Client) -> None:
    assert (await client.get("/web/events?who=1", headers={"Last-Event-ID": "x.y"})).status == 400


async def test_streams_end_when_the_room_closes(stage: Stage, client: Client) -> None:
    listener = await listen(client, "who=1")
    await listener.event()
    await stage.room.close()
    async with asyncio.timeout(10):
        await listener.answer.content.read()
    assert listener.answer.content.at_eof()
