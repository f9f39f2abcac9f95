"""Microsoft on loopback: the login that signs and publishes keys, the token endpoint, and the Bot Connector."""

import asyncio
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.channel import Delivery
from bot.teams import TeamsRoom, TeamsSettings
from dialogs.incoming import Heard, Incoming

APP_ID = "11111111-2222-4333-8444-555555555555"
PASSWORD = "sample-secret"
TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
CATALOG_ID = "99999999-8888-4777-8666-555555555555"
_USER = r"https://graph\.microsoft\.com/v1\.0/users\('([0-9a-f-]{36})'\)"
SERVICE_URL = "https://smba.trafficmanager.net/emea/"
ISSUER = "https://api.botframework.com"


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """A key pair for a name: "current" is published, others are when a test says so."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(name: str, endorsements: list[str] | None = None) -> dict[str, Any]:
    public: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(private_key(name).public_key(), as_dict=True)
    return public | {"kid": name, "use": "sig", "endorsements": ["msteams"] if endorsements is None else endorsements}


def claims(**changes: Any) -> dict[str, Any]:
    """Those of a real token; a change to None leaves the claim out."""
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": APP_ID, "exp": now + 3600, "nbf": now - 60, "serviceurl": SERVICE_URL}
    return {name: value for name, value in (usual | changes).items() if value is not None}


def token(key: str = "current", headers: dict[str, Any] | None = None, **changes: Any) -> str:
    return jwt.encode(claims(**changes), private_key(key), "RS256", headers={"kid": key} | (headers or {}))


@dataclass
class Sent:
    """One request that the connector got."""

    method: str
    conversation: str
    activity: dict[str, Any]
    replaces: str
    authorization: str


@dataclass
class Microsoft:
    """What the tests look at and turn: counters of calls, the published keys, the connector's mood."""

    published: list[dict[str, Any]] = field(default_factory=lambda: [jwk("current")])
    calls: Counter[str] = field(default_factory=Counter)
    sent: list[Sent] = field(default_factory=list)
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    uninstalled: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    next_answers: list[web.Response] = field(default_factory=list)
    valid_tokens: set[str] = field(default_factory=set)
    graph_tokens: set[str] = field(default_factory=set)
    # Who is in the directory; the chats that were made, and those the app was added to.
    directory: set[str] = field(default_factory=set)
    chats: dict[str, dict[str, Any]] = field(default_factory=dict)
    with_app: set[str] = field(default_factory=set)
    graph_answers: list[web.Response | None] = field(default_factory=list)
    token_seconds: int = 3600
    password: str = PASSWORD
    login_is_down: bool = False
    is_hanging: bool = False
    max_bytes: int = 100_000
    url: str = ""
    redirected: int = 0
    # What people have in OneDrive, by name, and what is answered first when one is asked for.
    files: dict[str, bytes] = field(default_factory=dict)
    file_answers: list[web.Response] = field(default_factory=list)
    file_headers: list[dict[str, str]] = field(default_factory=list)
    # Held shut by a test that wants many callers to wait for the same answer.
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    # Set when the login was first asked for anything.
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=10**8)
        app.add_routes(
            [
                web.get("/openid", self._openid),
                web.get("/keys", self._keys),
                web.post("/token", self._token),
                web.post("/teams/v3/conversations/{conversation}/activities", self._post),
                web.put("/teams/v3/conversations/{conversation}/activities/{activity}", self._put),
                web.post("/graph/v1.0/chats", self._chats),
                web.post("/graph/v1.0/chats/{chat}/installedApps", self._installed_apps),
                web.route("*", "/elsewhere", self._elsewhere),
                web.get("/personal/download.aspx", self._download),
            ]
        )
        return app

    def sent_for(self, delivery: Delivery) -> dict[str, Any]:
        """The last activity that brought a delivery: our id of it travels in its channelData."""
        ours = {"clientActivityID": str(delivery.id)}
        return next(sent.activity for sent in reversed(self.sent) if sent.activity["channelData"] == ours)

    @property
    def service_url(self) -> str:
        return f"{self.url}/teams/"

    async def _openid(self, _request: web.Request) -> web.Response:
        self.calls["openid"] += 1
        self.asked.set()
        await self.gate.wait()
        if self.login_is_down:
            return web.Response(status=502)
        return web.json_response(
            {"issuer": ISSUER, "jwks_uri": f"{self.url}/keys", "id_token_signing_alg_values_supported": ["RS256"]}
        )

    async def _keys(self, _request: web.Request) -> web.Response:
        self.calls["keys"] += 1
        return web.json_response({"keys": self.published})

    async def _token(self, request: web.Request) -> web.Response:
        self.calls["token"] += 1
        self.asked.set()
        await self.gate.wait()
        form = await request.post()
        if self.login_is_down:
            return web.Response(status=503)
        wanted = {"client_id": APP_ID, "client_secret": self.password, "grant_type": "client_credentials"}
        if any(form.get(name) != value for name, value in wanted.items()):
            return web.json_response({"error": "invalid_client"}, status=401)
        scopes = {"https://api.botframework.com/.default": "token", "https://graph.microsoft.com/.default": "graph"}
        kind = scopes.get(str(form.get("scope")))
        if kind is None:
            return web.json_response({"error": "invalid_scope"}, status=400)
        # A token for one is none for the other.
        issued = f"{kind}-{self.calls['token']}"
        (self.valid_tokens if kind == "token" else self.graph_tokens).add(issued)
        return web.json_response({"token_type": "Bearer", "expires_in": self.token_seconds, "access_token": issued})

    async def _post(self, request: web.Request) -> web.Response:
        refusal = await self._refusal(request, "")
        if refusal is not None:
            return refusal
        identifier = f"m{len(self.kept) + 1}"
        self.kept[identifier] = self.sent[-1].activity
        return web.json_response({"id": identifier}, status=201)

    async def _put(self, request: web.Request) -> web.Response:
        replaces = request.match_info["activity"]
        refusal = await self._refusal(request, replaces)
        if refusal is not None:
            return refusal
        if replaces not in self.kept:
            return _error(404, "ActivityNotFoundInConversation")
        self.kept[replaces] = self.sent[-1].activity
        return web.json_response({"id": replaces})

    async def _refusal(self, request: web.Request, replaces: str) -> web.Response | None:
        """What the real connector would refuse, in its order."""
        self.calls["connector"] += 1
        body = await request.read()
        conversation = request.match_info["conversation"]
        authorization = request.headers.get("Authorization", "")
        self.sent.append(Sent(request.method, conversation, json.loads(body), replaces, authorization))
        if self.is_hanging:
            await asyncio.Event().wait()
        if self.next_answers:
            return self.next_answers.pop(0)
        if authorization.removeprefix("Bearer ") not in self.valid_tokens:
            return _error(401, "Unauthorized")
        if conversation in self.chats and conversation not in self.with_app:
            return _error(403, "BotNotInConversationRoster")
        if conversation in self.unknown:
            return _error(404, "ConversationNotFound")
        if conversation in self.blocked:
            return _error(403, "ConversationBlockedByUser")
        if conversation in self.uninstalled:
            return _error(403, "BotDisabledByAdmin")
        if len(body) > self.max_bytes:
            return _error(413, "MessageSizeTooBig")
        return None

    async def _chats(self, request: web.Request) -> web.Response:
        """Create chat: everybody by their account, with a role; a title without a colon."""
        if refusal := self._graph_refusal(request):
            return refusal
        chat = await request.json()
        users = [re.fullmatch(_USER, member.get("user@odata.bind", "")) for member in chat.get("members", ())]
        plain = chat.get("chatType") == "group" and len(users) >= 2 and ":" not in chat.get("topic", "")
        if not plain or not all(users) or any(member.get("roles") != ["owner"] for member in chat["members"]):
            return _error(400, "BadRequest")
        if any(user[1] not in self.directory for user in users if user):
            return _error(404, "NotFound")
        identifier = f"19:{len(self.chats) + 1:032x}@thread.v2"
        self.chats[identifier] = chat
        return web.json_response({"id": identifier, "chatType": "group"}, status=201)

    async def _installed_apps(self, request: web.Request) -> web.Response:
        if refusal := self._graph_refusal(request):
            return refusal
        chat = request.match_info["chat"]
        if chat not in self.chats:
            return _error(404, "NotFound")
        bound = (await request.json()).get("teamsApp@odata.bind")
        if bound != f"https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/{CATALOG_ID}":
            return _error(404, "NotFound")
        if chat in self.with_app:
            return _error(409, "Conflict")
        self.with_app.add(chat)
        return web.Response(status=201)

    def _graph_refusal(self, request: web.Request) -> web.Response | None:
        self.calls["graph"] += 1
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.graph_tokens:
            return _error(401, "InvalidAuthenticationToken")
        return self.graph_answers.pop(0) if self.graph_answers else None

    def file_sent(self, name: str, content: bytes) -> dict[str, Any]:
        """What Teams attaches to a message in a personal chat when a file is sent there: an address that needs no
        token, for some minutes."""
        self.files[name] = content
        address = f"{self.url}/personal/download.aspx?UniqueId={name}&Translate=false&tempauth=v1.sample%2Esigned"
        return {
            "contentType": "application/vnd.microsoft.teams.file.download.info",
            "contentUrl": f"https://sample-my.sharepoint.com/personal/{name}",
            "name": name,
            "content": {"downloadUrl": address, "uniqueId": name, "fileType": name.rpartition(".")[2]},
        }

    async def _download(self, request: web.Request) -> web.StreamResponse:
        self.calls["file"] += 1
        self.file_headers.append(dict(request.headers))
        self.asked.set()
        await self.gate.wait()
        if self.file_answers:
            return self.file_answers.pop(0)
        if request.query.get("tempauth") != "v1.sample.signed":
            return web.Response(status=401)
        found = self.files.get(request.query.get("UniqueId", ""))
        if found is None:
            return web.Response(status=404)
        # SharePoint does not always tell how much is coming.
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(found)
        return response

    async def _elsewhere(self, _request: web.Request) -> web.Response:
        self.redirected += 1
        return web.json_response({"id": "elsewhere"})


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": "…"}}, status=status)


@dataclass
class Recorder:
    """A `hear` that remembers, and answers what the test wants."""

    heard: list[Incoming] = field(default_factory=list)
    answer: Heard = field(default_factory=lambda: Heard(1))
    error: Exception | None = None

    async def __call__(self, incoming: Incoming) -> Heard:
        self.heard.append(incoming)
        if self.error is not None:
            raise self.error
        return self.answer


def settings_for(microsoft: Microsoft, **changes: Any) -> TeamsSettings:
    usual: dict[str, Any] = {
        "app_id": APP_ID,
        "app_password": PASSWORD,
        "tenants": (TENANT,),
        "development": True,
        "token_url": f"{microsoft.url}/token",
        "openid_url": f"{microsoft.url}/openid",
        "graph_url": f"{microsoft.url}/graph",
    }
    return TeamsSettings(**(usual | changes))


def in_production(settings: TeamsSettings) -> TeamsSettings:
    """The rules of production, for a login that has no certificate on loopback."""
    object.__setattr__(settings, "development", False)
    return settings


@dataclass
class World:
    """The bot's HTTP entry and Microsoft, both on loopback."""

    microsoft: Microsoft
    hear: Recorder
    settings: TeamsSettings
    room: TeamsRoom
    server: TestServer

    @property
    def url(self) -> str:
        return str(self.server.make_url("/api/messages"))


def a_message(**changes: Any) -> dict[str, Any]:
    """What Teams posts when somebody types in the personal chat; a change to None leaves the part out."""
    usual: dict[str, Any] = {
        "type": "message",
        "id": "1700000000001",
        "timestamp": "2026-03-02T10:00:00.123Z",
        "localTimestamp": "2026-03-02T21:00:00.123+11:00",
        "localTimezone": "Pacific/Fiji",
        "channelId": "msteams",
        "serviceUrl": SERVICE_URL,
        "from": {
            "id": "29:sample-user",
            "name": "Sample Member",
            "aadObjectId": "bbbbbbbb-0000-4000-8000-000000000002",
        },
        "recipient": {"id": "28:bot", "name": "CoP bot"},
        "conversation": {"id": "a:sample-chat", "conversationType": "personal", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
        "entities": [{"type": "clientInfo", "locale": "fr-FR", "country": "FJ", "timezone": "Pacific/Fiji"}],
        "locale": "fr-FR",
        "textFormat": "plain",
        "text": "Who knows about mine action?",
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def a_press(data: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Action.Execute, as Teams invokes it."""
    action = {
        "type": "Action.Execute",
        "id": "a1",
        "verb": "say",
        "data": data or {"say": "take 12", "card": "offer-12"},
    }
    return a_message(
        **{
            "type": "invoke",
            "id": "f:1",
            "name": "adaptiveCard/action",
            "text": None,
            "replyToId": "m1",
            "value": {"action": action, "trigger": "manual"},
        }
        | changes
    )
