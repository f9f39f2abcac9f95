"""Slack's far side: a Web API that keeps its rules, and requests signed as Slack signs them."""

import hashlib
import hmac
import itertools
import json
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TOKEN = "xoxb-test"
WORKSPACE = "T0SAMPLE"
BOT = "U0BOT"

Json = dict[str, Any]


def signature(body: bytes, at: int, secret: str = SECRET) -> str:
    return "v0=" + hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()


def headers(body: bytes, at: int, secret: str = SECRET) -> dict[str, str]:
    kind = "application/json" if body.startswith(b"{") else "application/x-www-form-urlencoded"
    return {
        "X-Slack-Request-Timestamp": str(at),
        "X-Slack-Signature": signature(body, at, secret),
        "Content-Type": kind,
    }


def event_body(event: Json, event_id: str = "Ev1", **more: Any) -> bytes:
    outer = {
        "type": "event_callback",
        "team_id": WORKSPACE,
        "event_id": event_id,
        "authorizations": [{"team_id": WORKSPACE, "user_id": BOT, "is_bot": True}],
        "event": event,
        **more,
    }
    return json.dumps(outer).encode()


def message(text: str, ts: str, user: str = "U1", **more: Any) -> Json:
    said = {"type": "message", "channel": f"D{user}", "channel_type": "im", "user": user, "text": text, "ts": ts}
    return said | more


def interaction(kind: str, user: str, trigger: str, **more: Any) -> bytes:
    payload = {"type": kind, "team": {"id": WORKSPACE}, "user": {"id": user}, "trigger_id": trigger, **more}
    return urlencode({"payload": json.dumps(payload)}).encode()


def characters(part: Any) -> int:
    """Of every text that people see."""
    if isinstance(part, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else characters(v) for k, v in part.items())
    return sum(map(characters, part)) if isinstance(part, list) else 0


def fault(blocks: list[Json]) -> str:
    """The error Slack would answer for these blocks, "" for none: its published limits, and slack_sdk's own checks."""
    if len(blocks) > 50:
        return "invalid_blocks"
    if characters(blocks) > 13_200:
        return "msg_blocks_too_long"
    seen: list[str] = []
    for block in blocks:
        for element in block.get("elements", ()) if block["type"] == "actions" else ():
            seen_here = [one["action_id"] for one in block["elements"]]
            texts = [element["text"]["text"]] if "text" in element else [o["text"]["text"] for o in element["options"]]
            if "url" in element:
                values, longest = [element["url"]], 3000
            elif "value" in element:
                values, longest = [element["value"]], 2000
            else:
                values, longest = [o["value"] for o in element["options"]], 150
            if len(set(seen_here)) != len(seen_here) or any(len(v) > longest for v in values):
                return "invalid_blocks"
            if any(not 0 < len(text) <= 75 for text in texts):
                return "invalid_blocks"
        if block["type"] == "actions" and not 0 < len(block["elements"]) <= 25:
            return "invalid_blocks"
        if block["type"] == "rich_text" and not all(
            run["text"] for section in block["elements"] for run in section["elements"]
        ):
            return "invalid_blocks"
        if block["type"] == "input":
            element = block["element"]
            seen.append(block["block_id"])
            if len(element.get("initial_value", "")) > element["max_length"] or element["max_length"] > 3000:
                return "invalid_blocks"
    if len(set(seen)) != len(seen):
        return "invalid_blocks"
    try:
        for parsed in Block.parse_all(blocks):
            assert parsed.to_dict()
    except Exception:
        return "invalid_blocks"
    return ""


class Slack:
    """Answers as Slack does. `errors` are answered once each, by method: a name, or a number of seconds for a 429."""

    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}
        self.whispers: list[Json] = []
        self.views: list[Json] = []
        self.calls: list[tuple[str, Json]] = []
        self.errors: dict[str, list[str | int]] = {}
        self.users: dict[str, Json] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self.files: dict[str, bytes] = {}
        self.file_answers: list[web.Response] = []
        self.file_tokens: list[str] = []
        self._stamps = itertools.count(1)

    def app(self) -> web.Application:
        application = web.Application()
        application.add_routes([web.post("/api/{method}", self._answer)])
        application.add_routes([web.get("/files-pri/{name}", self._file), web.get("/login", self._login)])
        return application

    def file_sent(self, name: str, content: bytes, origin: str, **more: Any) -> Json:
        """What Slack tells of a file in a message."""
        self.files[name] = content
        address = f"{origin}/files-pri/{name}"
        told = {"id": "F1", "name": name, "title": name, "mimetype": "text/csv", "size": len(content), "mode": "hosted"}
        return told | {"url_private": address, "url_private_download": address} | more

    async def _file(self, request: web.Request) -> web.Response:
        self.file_tokens.append(request.headers.get("Authorization", ""))
        if self.file_answers:
            return self.file_answers.pop(0)
        if self.file_tokens[-1] != f"Bearer {TOKEN}":
            # So it is without files:read: no error, but the way to a login page.
            return web.Response(status=302, headers={"Location": "/login"})
        found = self.files.get(request.match_info["name"])
        return web.Response(status=404) if found is None else web.Response(body=found)

    async def _login(self, _request: web.Request) -> web.Response:
        return web.Response(text="<html>Sign in</html>", content_type="text/html")

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        sent: Json = await request.json() if request.content_type == "application/json" else dict(await request.post())
        self.calls.append((method, sent))
        planned = self.errors.get(method)
        if planned:
            error = planned.pop(0)
            if isinstance(error, int):
                refusal = {"ok": False, "error": "ratelimited"}
                return web.json_response(refusal, status=429, headers={"Retry-After": str(error)})
            return web.json_response({"ok": False, "error": error})
        found = getattr(self, "_" + method.replace(".", "_"))(sent)
        return web.json_response({"ok": False, "error": found} if isinstance(found, str) else {"ok": True, **found})

    def _chat_postMessage(self, sent: Json) -> Json | str:
        if not sent["channel"].startswith("D") and sent["channel"] not in self.groups:
            return "channel_not_found"
        if wrong := self._wrong(sent):
            return wrong
        stamp = f"{next(self._stamps)}.000100"
        self.kept[f"{sent['channel']}:{stamp}"] = sent
        return {"channel": sent["channel"], "ts": stamp}

    def _chat_update(self, sent: Json) -> Json | str:
        name = f"{sent['channel']}:{sent['ts']}"
        if name not in self.kept:
            return "message_not_found"
        if wrong := self._wrong(sent):
            return wrong
        self.kept[name] = sent
        return {"channel": sent["channel"], "ts": sent["ts"]}

    def _chat_postEphemeral(self, sent: Json) -> Json | str:
        if wrong := self._wrong(sent):
            return wrong
        self.whispers.append(sent)
        return {"message_ts": "1.1"}

    def _wrong(self, sent: Json) -> str:
        if not sent.get("text"):
            return "no_text"
        return "msg_too_long" if len(sent["text"]) > 40_000 else fault(sent["blocks"])

    def _conversations_open(self, sent: Json) -> Json | str:
        users = tuple(sorted(set(sent["users"].split(","))))
        if not all(users):
            return "users_list_not_supplied"
        if len(users) > 8:
            return "too_many_users"
        if len(users) == 1:
            return {"channel": {"id": f"D{users[0]}"}}
        if any(user not in self.users for user in users):
            return "user_not_found"
        if any(self.users[user].get("deleted") for user in users):
            return "user_disabled"
        # The same people always have the same conversation.
        known = next((name for name, people in self.groups.items() if people == users), f"G{len(self.groups) + 1}")
        self.groups[known] = users
        return {"channel": {"id": known}}

    def _users_info(self, sent: Json) -> Json | str:
        found = self.users.get(sent["user"])
        return {"user": {"id": sent["user"], **found}} if found is not None else "user_not_found"

    def _views_open(self, sent: Json) -> Json | str:
        view = sent["view"]
        if not sent["trigger_id"]:
            return "invalid_trigger_id"
        if fault(view["blocks"]) or len(view["private_metadata"]) > 3000:
            return "invalid_arguments"
        View(**view).validate_json()
        self.views.append(view)
        return {"view": view}
