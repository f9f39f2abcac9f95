"""The table of what must not get in: each line says what is wrong with a request that is otherwise good."""

import base64
import gzip
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization

from tests.teams.fakes import APP_ID, TENANT, a_message, a_press, claims, private_key, token


@dataclass
class Draft:
    """A request in the making. What is None is made from the rest when it is sent."""

    activity: dict[str, Any] = field(default_factory=a_message)
    claims: dict[str, Any] = field(default_factory=dict)
    token: str | None = None
    body: bytes | None = None
    headers: list[tuple[str, str]] | None = None
    content_type: str | None = "application/json; charset=utf-8"
    encoding: str = ""
    chunked: bool = False

    def made(self) -> tuple[list[tuple[str, str]], bytes]:
        """Headers and body."""
        body = json.dumps(self.activity).encode() if self.body is None else self.body
        headers = self.headers
        if headers is None:
            changes: dict[str, Any] = {"serviceurl": self.activity.get("serviceUrl")}
            said = self.token or token(**(changes | self.claims))
            headers = [("Authorization", f"Bearer {said}")]
        headers = [*headers, *([("Content-Type", self.content_type)] if self.content_type else [])]
        return headers + ([("Content-Encoding", self.encoding)] if self.encoding else []), body


Change = Callable[[Draft], None]


@dataclass(frozen=True)
class Bad:
    """`status` is the answer; `code` the statusCode inside an invoke's answer, 0 for none."""

    name: str
    status: int
    change: Change
    code: int = 0


def body(name: str, content: bytes, status: int = 400) -> Bad:
    return Bad(f"body: {name}", status, lambda draft: setattr(draft, "body", content))


def part(path: str, value: Any, status: int = 400) -> Bad:
    """A part of the activity with another value; ... (Ellipsis) takes it away."""

    def change(draft: Draft) -> None:
        *parents, name = path.split(".")
        inner = draft.activity
        for parent in parents:
            inner = inner[parent]
        if value is ...:
            del inner[name]
        else:
            inner[name] = value

    shown = "missing" if value is ... else repr(value)[:40]
    return Bad(f"{path}: {shown}", status, change)


def claim(name: str, value: Any, status: int = 401, told: str = "") -> Bad:
    """`told` names a value that is another in each run: tests on several cores go by their names."""
    return Bad(f"claim {name}: {told or repr(value)}"[:80], status, lambda draft: draft.claims.update({name: value}))


def bearer(name: str, make: Callable[[], str], status: int = 401) -> Bad:
    return Bad(f"token: {name}", status, lambda draft: setattr(draft, "token", make()))


def header(name: str, *values: str) -> Bad:
    given = [("Authorization", value) for value in values]
    return Bad(f"header: {name}", 401, lambda draft: setattr(draft, "headers", given))


def service(url: str, status: int = 403) -> Bad:
    """A serviceUrl that the token itself names: only the list of hosts stands in its way."""
    return Bad(f"serviceUrl {url!r}"[:90], status, lambda draft: draft.activity.update(serviceUrl=url))


def tenants(name: str, in_conversation: Any, in_channel_data: Any) -> Bad:
    def change(draft: Draft) -> None:
        draft.activity["conversation"]["tenantId"] = in_conversation
        draft.activity["channelData"]["tenant"] = {"id": in_channel_data}

    return Bad(f"tenant: {name}", 403, change)


def other(name: str, status: int, **changes: Any) -> Bad:
    def change(draft: Draft) -> None:
        for attribute, value in changes.items():
            setattr(draft, attribute, value)

    return Bad(name, status, change)


def press(name: str, value: Any, **changes: Any) -> Bad:
    return Bad(
        f"press: {name}", 200, lambda draft: setattr(draft, "activity", a_press(**({"value": value} | changes))), 400
    )


def invoke(name: str | None) -> Bad:
    activity = a_press(name=name, value={"any": "thing"})
    return Bad(f"invoke: {name}", 501, lambda draft: setattr(draft, "activity", activity))


def ignored(name: str, **changes: Any) -> Bad:
    """Real, but nothing to hear: acknowledged, and that is all."""
    return Bad(f"ignored: {name}", 200, lambda draft: setattr(draft, "activity", a_message(**changes)))


def _text(value: Any) -> bytes:
    return json.dumps(a_message(text="@")).replace('"@"', value).encode()


def _data(**data: Any) -> dict[str, Any]:
    return {"action": {"type": "Action.Execute", "verb": "say", "data": data}, "trigger": "manual"}


def _none() -> str:
    return jwt.encode(claims(), "", "none", headers={"kid": "current"})


def _with_public_key_as_secret() -> str:
    """The classic: the public key, used as the secret of a symmetric signature. Made by hand, PyJWT refuses to."""
    import hashlib
    import hmac

    public = private_key("current").public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    signed = f"{_b64({'alg': 'HS256', 'typ': 'JWT', 'kid': 'current'})}.{_b64(claims())}"
    digest = hmac.new(pem, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _b64(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _other_payload() -> str:
    head, _, signature = token().split(".")
    return f"{head}.{_b64(claims(aud=APP_ID, sub='someone-else'))}.{signature}"


def _broken_signature() -> str:
    head, payload, signature = token().split(".")
    return f"{head}.{payload}.{'A' if signature[10] != 'A' else 'B'}{signature[1:]}"


HOST = "smba.trafficmanager.net"
DEEP = b"[" * 3000 + b"]" * 3000
LONG = "x" * 501
BOMB = gzip.compress(b" " * 50_000_000)

BAD: list[Bad] = [
    # Not a body that we read.
    body("empty", b""),
    body("blank", b"  \n"),
    body("null", b"null"),
    body("a list", b"[]"),
    body("a list of activities", json.dumps([a_message()]).encode()),
    body("a string", b'"hello"'),
    body("a number", b"42"),
    body("an empty object", b"{}"),
    body("cut off", json.dumps(a_message()).encode()[:-7]),
    body("two objects", json.dumps(a_message()).encode() * 2),
    body("Latin-1", json.dumps(a_message(text="é"), ensure_ascii=False).encode("latin-1")),
    body("UTF-16", json.dumps(a_message()).encode("utf-16")),
    body("a byte order mark", b"\xef\xbb\xbf" + json.dumps(a_message()).encode()),
    body("overlong UTF-8", _text('"@"').replace(b"@", b"\xc0\xaf")),
    body("a raw surrogate", _text('"@"').replace(b"@", b"\xed\xa0\x80")),
    body("a raw NUL", _text('"@"').replace(b"@", b"\x00")),
    body("a raw line break in a string", _text('"@"').replace(b"@", b"\n")),
    body("NaN", _text("NaN")),
    body("Infinity", _text("-Infinity")),
    body("NaN in value", json.dumps(a_message(value="@")).encode().replace(b'"@"', b'{"say": NaN}')),
    body("Infinity in value", json.dumps(a_message(value="@")).encode().replace(b'"@"', b"Infinity")),
    body("a number without end", _text("9" * 5000)),
    body("single quotes", b"{'type': 'message'}"),
    body("a comment", b"/* */" + json.dumps(a_message()).encode()),
    body("an XML document", b"<?xml version='1.0'?><a/>"),
    body("3,000 lists deep", DEEP),
    body("3,000 lists deep, never closed", b"[" * 3000),
    body("3,000 objects deep", b'{"a":' * 3000 + b"1" + b"}" * 3000),
    body("3,000 lists deep in value", json.dumps(a_message(value="@")).encode().replace(b'"@"', DEEP)),
    body("100 lists deep in value", json.dumps(a_message(value="@")).encode().replace(b'"@"', b"[" * 99 + b"]" * 99)),
    body("serviceUrl twice", json.dumps(a_message()).encode()[:-1] + b',"serviceUrl":"https://evil.example/"}'),
    body("conversation id twice", json.dumps(a_message()).encode().replace(b'"a:sample-chat"', b'"b", "id": "c"')),
    body("larger than the limit", b" " * 300_000 + json.dumps(a_message()).encode(), 413),
    other("chunks larger than the limit", 413, body=b" " * 1_000_000, chunked=True),
    other("gzip", 415, body=gzip.compress(json.dumps(a_message()).encode()), encoding="gzip"),
    other("a gzip bomb", 415, body=BOMB, encoding="gzip"),
    other("deflate", 415, body=zlib.compress(b"{}"), encoding="deflate"),
    other("not gzip at all", 415, body=b"{}", encoding="gzip"),
    other("an unknown encoding", 415, encoding="zork"),
    other("no content type", 415, content_type=None),
    other("text/plain", 415, content_type="text/plain"),
    other("a form", 415, content_type="application/x-www-form-urlencoded"),
    other("multipart", 415, content_type="multipart/form-data; boundary=x"),
    other("XML type", 415, content_type="application/xml"),
    other("almost JSON", 415, content_type="application/jsonp"),
    other("another character set", 415, content_type="application/json; charset=utf-16"),
    other("an invented character set", 415, content_type="application/json; charset=klingon"),
    # Not the shape of an activity.
    *(part(path, ...) for path in ("type", "channelId", "serviceUrl", "conversation", "from")),
    *(part(path, ...) for path in ("conversation.id", "from.id")),
    *(part(path, 5) for path in ("type", "channelId", "serviceUrl", "conversation", "from", "recipient", "text")),
    *(part(path, 5) for path in ("id", "replyToId", "locale", "localTimezone", "timestamp", "textFormat")),
    *(part(path, 5) for path in ("entities", "attachments", "membersAdded", "channelData", "name", "deliveryMode")),
    *(part(path, 5) for path in ("conversation.id", "conversation.tenantId", "conversation.conversationType")),
    *(part(path, 5) for path in ("from.id", "from.name", "from.aadObjectId", "recipient.id", "channelData.tenant")),
    *(part(path, []) for path in ("type", "conversation", "from", "recipient", "text", "channelData", "serviceUrl")),
    *(part(path, {}) for path in ("type", "conversation", "from", "text", "entities", "id", "timestamp")),
    *(part(path, "") for path in ("type", "channelId", "serviceUrl", "conversation", "from", "conversation.id")),
    *(part(path, True) for path in ("text", "conversation", "from.id", "type")),
    *(part(path, [1]) for path in ("entities", "attachments", "membersAdded")),
    part("entities", [None]),
    part("entities", [[]]),
    part("membersAdded", [{}]),
    part("membersAdded", [{"id": 7}]),
    part("channelData.tenant", "x"),
    part("channelData.tenant.id", ["x"]),
    part("from.id", ""),
    part("id", LONG),
    part("from.id", LONG),
    part("conversation.id", LONG),
    part("conversation.id", "a\0b"),
    part("conversation.id", "a\nb"),
    part("conversation.id", ".."),
    part("conversation.id", "a\ud800"),
    part("conversation.id", "á"),
    part("from.id", "29:\udfff"),
    part("from.aadObjectId", "\u202eabc"),
    part("timestamp", "yesterday"),
    part("localTimestamp", "31/12/2026"),
    part("expiration", "never"),
    # Not from Teams.
    header("none"),
    header("empty", ""),
    header("another scheme", "Basic dXNlcjpwYXNz"),
    header("no token", "Bearer "),
    header("only the scheme", "Bearer"),
    header("two of them", f"Bearer {token()}", f"Bearer {token()}"),
    header("a token without its scheme", token()),
    bearer("not a token", lambda: "abc"),
    bearer("three empty parts", lambda: ".."),
    bearer("no base64", lambda: "%%%.%%%.%%%"),
    bearer("a header that is a list", lambda: f"{_b64([])}.{_b64({})}.x"),
    bearer("a header 3,000 brackets deep", lambda: f"{_b64(b'[' * 3000)}.e30.x"),
    bearer("no algorithm", _none),
    bearer("HS256 with the public key", _with_public_key_as_secret),
    bearer("signed by a stranger under our kid", lambda: token("stranger", headers={"kid": "current"})),
    bearer("unknown kid", lambda: token("stranger")),
    bearer("no kid", lambda: jwt.encode(claims(), private_key("current"), "RS256")),
    bearer("a kid that is a path", lambda: token(headers={"kid": "../../etc/passwd"})),
    bearer("its own key along", lambda: token("stranger", headers={"jwk": {"kty": "RSA", "n": "AQ", "e": "AQ"}})),
    bearer("the address of its own keys", lambda: token("stranger", headers={"jku": "https://evil.example/keys"})),
    bearer("a critical extension", lambda: token(headers={"crit": ["exp"], "exp": 1})),
    bearer("another payload", _other_payload),
    bearer("a broken signature", _broken_signature),
    bearer("no signature", lambda: token().rpartition(".")[0] + "."),
    bearer(
        "RS512, which the login does not announce",
        lambda: jwt.encode(claims(), private_key("current"), "RS512", headers={"kid": "current"}),
    ),
    claim("aud", "99999999-2222-4333-8444-555555555555"),
    claim("aud", [APP_ID, "somebody-else"]),
    claim("aud", None),
    claim("aud", ""),
    claim("iss", None),
    claim("iss", "https://api.botframework.us"),
    claim("iss", "https://api.botframework.com/"),
    claim("iss", "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"),
    claim("iss", "https://sts.windows.net/f8cdef31-a31e-4b4a-93e4-5f571e91255a/"),
    claim("iss", "https://login.microsoftonline.com/d6d49420-f39b-4df7-a1dc-d59a935871db/v2.0"),
    claim("iss", f"https://sts.windows.net/{TENANT}/"),
    claim("exp", int(time.time()) - 301, told="just over"),
    claim("exp", None),
    claim("exp", "soon"),
    claim("exp", 0),
    claim("nbf", None),
    claim("nbf", int(time.time()) + 86_400, told="tomorrow"),
    claim("nbf", "later"),
    claim("serviceurl", "https://smba.trafficmanager.net/amer/"),
    claim("serviceurl", "https://smba.trafficmanager.net/emea"),
    claim("serviceurl", "https://SMBA.trafficmanager.net/emea/"),
    claim("serviceurl", None),
    claim("serviceurl", ["https://smba.trafficmanager.net/emea/"]),
    part("channelId", "webchat", 403),
    part("channelId", "directline", 403),
    part("channelId", "emulator", 403),
    part("channelId", "MSTEAMS", 403),
    # From Teams, but not from our tenant.
    tenants("another", "cccccccc-0000-4000-8000-000000000003", "cccccccc-0000-4000-8000-000000000003"),
    tenants("another conversation", "cccccccc-0000-4000-8000-000000000003", TENANT),
    tenants("another in channelData", TENANT, "cccccccc-0000-4000-8000-000000000003"),
    tenants("none", None, None),
    tenants("empty", "", ""),
    tenants("a prefix of ours", TENANT[:-1], TENANT[:-1]),
    tenants("ours and a blank", TENANT + " ", TENANT),
    # A serviceUrl that would take our token elsewhere.
    service("https://evil.example/"),
    service(f"http://{HOST}/emea/"),
    service(f"https://{HOST}@evil.example/"),
    service(f"https://{HOST}:443@evil.example/"),
    service(f"https://user@{HOST}/"),
    service(f"https://user:pass@{HOST}/"),
    service(f"https://{HOST}.evil.example/"),
    service(f"https://evil-{HOST}/"),
    service(f"https://evil.{HOST}/"),
    service("https://trafficmanager.net/"),
    service("https://evil.trafficmanager.net/"),
    service(f"https://evil.example/{HOST}/"),
    service(f"https://evil.example#{HOST}"),
    service(f"https://evil.example?{HOST}"),
    service(f"https://evil.example\\@{HOST}/"),
    service(f"https://{HOST}\\.evil.example/"),
    service(f"https://{HOST}%2eevil.example/"),
    service(f"https://{HOST}%00.evil.example/"),
    service(f"https://{HOST};evil.example/"),
    service(f"https://{HOST},evil.example/"),
    service(f"https://{HOST}./emea/"),
    service(f"https://{HOST}:8443/"),
    service(f"https://{HOST}:80/"),
    service(f"https://{HOST}:443:443/"),
    service(f"https://{HOST}/emea/?x=1"),
    service(f"https://{HOST}/emea/#x"),
    service(f"https://{HOST}/../emea/"),
    service(f"https://{HOST}/%2e%2e/"),
    service(f"https://{HOST}/a b/"),
    service(f" https://{HOST}/"),
    service(f"https://{HOST}/ "),
    service(f"https://{HOST}/\n", 400),
    service(f"https://{HOST}/\t", 400),
    service("https://smba.trafficmanager.n\u0435t/", 400),
    service("https://smba。trafficmanager。net/", 400),
    service("https://xn--smba-k0a.trafficmanager.net/"),
    service("https://127.0.0.1/"),
    service("http://127.0.0.1:3978/"),
    service("http://localhost:3978/"),
    service("http://169.254.169.254/metadata/"),
    service("https://10.0.0.1/"),
    service("https://2130706433/"),
    service("https://[::1]/"),
    service("https://[::ffff:127.0.0.1]/"),
    service("https://localhost/"),
    service("https:///emea/"),
    service(f"https:/{HOST}/"),
    service(f"//{HOST}/"),
    service(HOST),
    service("ftp://smba.trafficmanager.net/"),
    service("file:///etc/passwd"),
    service("javascript:alert(1)"),
    service(f"wss://{HOST}/"),
    service(f"https://{HOST}/" + "a" * 500, 400),
    # From Teams, but no button of ours.
    press("no value", None),
    press("a string", "say"),
    press("a list", []),
    press("a number", 1e300),
    press("nothing in it", {}),
    press("no action", {"trigger": "manual"}),
    press("the action is a list", {"action": []}),
    press("the action is null", {"action": None}),
    press("no data", {"action": {"type": "Action.Execute"}}),
    press("data is a string", {"action": {"type": "Action.Execute", "data": "say"}}),
    press("data is a list", {"action": {"type": "Action.Execute", "data": ["say"]}}),
    press("no type", {"action": {"data": {"say": "help"}}}),
    press("another type", {"action": {"type": "Action.Submit", "data": {"say": "help"}}}),
    press("no say", _data(card="x")),
    press("say is a number", _data(say=5)),
    press("say is an object", _data(say={"$gt": ""})),
    press("say is blank", _data(say="  ")),
    press("card is a number", _data(say="help", card=5)),
    press("card is null", _data(say="help", card=None)),
    press("a field is a number", _data(say="help", text=5)),
    press("a field is an object", _data(say="help", text={"a": "b"})),
    press("a field is null", _data(say="help", text=None)),
    *(invoke(name) for name in (None, "task/fetch", "task/submit", "composeExtension/query", "adaptiveCard/Action")),
    *(invoke(name) for name in ("signin/verifyState", "fileConsent/invoke", "actionableMessage/executeAction")),
    # Real, and nothing to hear.
    *(ignored(kind, type=kind, text=None) for kind in ("messageReaction", "typing", "endOfConversation", "event")),
    *(ignored(kind, type=kind) for kind in ("messageUpdate", "messageDelete", "trace", "handoff", "command", "zork")),
    ignored("somebody else joins", type="conversationUpdate", membersAdded=[{"id": "29:other"}], text=None),
    ignored("the topic changes", type="conversationUpdate", text=None),
    ignored("the bot leaves", type="installationUpdate", action="remove", text=None),
    ignored("an installation without action", type="installationUpdate", text=None),
    ignored("a submit that is not ours", text=None, value={"hello": "world"}),
    ignored("a submit with a bad say", text=None, value={"say": ["help"]}),
]
