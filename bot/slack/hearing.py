"""From what Slack says to what every turn understands. Pure: an admitted payload in, an Incoming out.

A person is known by workspace and user id, and so is their private conversation with us: a command typed in any
channel, a pressed button and a direct message all belong to it.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.fetching import Remote
from dialogs.incoming import Incoming, Scope

CHANNEL = "slack"
_ID = re.compile(r"[A-Z0-9]{1,40}")
_STAMP = re.compile(r"\d{1,16}(\.\d{1,10})?")
_ENTITY = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_ENTITIES = re.compile("|".join(_ENTITY))
# <@U1>, <#C1|general>, <https://… |label>, <!here>: what Slack makes of what people typed.
_MARKED = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
# Slack sends a message with files as a subtype of its own; every other subtype is no new word of a person.
_SPOKEN = (None, "file_share", "thread_broadcast", "me_message")


class Malformed(Exception):
    """Not what Slack sends. The message says where, never what was there."""


def person_of(workspace: str, user: str) -> str:
    """How the core knows somebody of Slack."""
    return f"{workspace}:{user}"


def group_of(workspace: str, channel: str) -> tuple[str, dict[str, str]]:
    """How the core knows a place where several people read, and its address."""
    return f"{workspace}:group:{channel}", {"workspace": workspace, "group": channel}


def event(payload: Mapping[str, Any], arrived_at: datetime) -> Incoming | None:
    """What a person did, or None when there is nothing to hear. Raises Malformed.

    Our own messages, other bots', edits and deletions are nothing: a question was read when it was sent, shown back,
    and confirmed, so that a later edit in Slack must not change it unseen. A message and its `app_mention` twin have
    one channel and time stamp, and with them one key; so has a redelivery.
    """
    said = _object(payload, "event")
    workspace, kind = _id(payload, "team_id"), said.get("type")
    if kind == "app_home_opened":
        user = _id(said, "user")
        return _personal(
            workspace, user, key=f"home:{workspace}:{user}:{_event_id(payload)}", arrived_at=arrived_at, greeting=True
        ) if said.get("tab") == "messages" else None  # fmt: skip
    if kind not in ("message", "app_mention") or said.get("subtype") not in _SPOKEN:
        return None
    if said.get("bot_id") or said.get("bot_profile") or not said.get("user") or said.get("edited"):
        return None
    user, where, stamp = _id(said, "user"), _id(said, "channel"), said.get("ts")
    bots = _bots(payload)
    if user in bots:
        return None
    if not isinstance(stamp, str) or not _STAMP.fullmatch(stamp):
        raise Malformed("ts")
    text = said.get("text") or ""
    if not isinstance(text, str):
        raise Malformed("text")
    key = f"{workspace}:{where}:{stamp}"
    if where.startswith("D") and said.get("channel_type", "im") == "im":
        return _personal(workspace, user, key=key, arrived_at=arrived_at, text=plain(text, bots))
    if kind != "app_mention" and not any(f"<@{bot}>" in text for bot in bots):
        return None
    thread = said.get("thread_ts") if isinstance(said.get("thread_ts"), str) else ""
    return Incoming(
        channel=CHANNEL,
        key=key,
        sender=person_of(workspace, user),
        # Each person's ephemeral answers are a conversation of their own.
        conversation=f"{workspace}:{where}:{user}",
        address={"workspace": workspace, "user": user, "channel": where, "thread": thread},
        arrived_at=arrived_at,
        text=plain(text, bots),
        scope=Scope.GROUP if where.startswith("G") else Scope.CHANNEL,
        home=group_of(workspace, where),
    )


def files(payload: Mapping[str, Any]) -> list[Remote]:
    """The files of a message that `event` heard. What lies elsewhere (Google Drive, another workspace) is not ours to
    get. Raises Malformed."""
    attached = _object(payload, "event").get("files") or []
    if not isinstance(attached, list) or not all(isinstance(one, dict) for one in attached):
        raise Malformed("files")
    return [_remote(one) for one in attached]


def _remote(file: Mapping[str, Any]) -> Remote:
    def text(name: str) -> str:
        value = file.get(name)
        return value if isinstance(value, str) else ""

    size = file.get("size")
    name = text("name") or text("title")
    if text("mode") == "tombstone":
        return Remote(name, trouble="gone")
    url = text("url_private_download")
    if text("mode") == "external" or text("file_access") in ("check_file_info", "access_denied") or not url:
        return Remote(name, trouble="not_allowed")
    return Remote(name, url, text("mimetype"), size if isinstance(size, int) else None)


def command(form: Mapping[str, str], arrived_at: datetime) -> Incoming:
    """What stands behind /connect: any command, in any language, or a question. Raises Malformed."""
    workspace, user = _id(form, "team_id"), _id(form, "user_id")
    # Slack escapes mentions and links only where the command asks for it; ours does not.
    text = form.get("text", "").strip() or "help"
    return _personal(workspace, user, key=_trigger(form), arrived_at=arrived_at, text=text)


def press(payload: Mapping[str, Any], arrived_at: datetime) -> Incoming | None:
    """A pressed button, a choice, or a form sent. None for what is none of ours. Raises Malformed."""
    kind = payload.get("type")
    workspace, user = workspace_of(payload), _id(_object(payload, "user"), "id")
    if kind == "view_submission":
        view = _object(payload, "view")
        carried = carried_by(view.get("private_metadata"))
        values = _values(view.get("state"))
    else:
        action = pressed_action(payload)
        if action is None:
            return None
        carried = carried_by(action)
        container = payload.get("state")
        values = _values(container) if carried.get("form") else {}
    return _personal(
        workspace,
        user,
        key=_trigger(payload),
        arrived_at=arrived_at,
        say=carried["say"],
        values=values,
        pressed_card=carried["card"],
    )


def workspace_of(payload: Mapping[str, Any]) -> str:
    """Of an interaction: the person's own workspace. Raises Malformed."""
    return _id(_object(payload, "team"), "id")


def pressed_action(payload: Mapping[str, Any]) -> str | None:
    """The value of the first pressed button or chosen option; None when there is none. Raises Malformed."""
    actions = payload.get("actions")
    if payload.get("type") != "block_actions" or not isinstance(actions, list) or not actions:
        return None
    action = actions[0]
    if not isinstance(action, dict):
        raise Malformed("actions")
    if action.get("type") == "button":
        if "url" in action:
            # A link: the browser has opened it.
            return None
        value = action.get("value")
    elif action.get("type") == "static_select":
        value = _object(action, "selected_option").get("value")
    else:
        return None
    if not isinstance(value, str):
        raise Malformed("value")
    return value


def carried_by(value: object) -> Mapping[str, Any]:
    """What `bot.slack.blocks` wrote into a button. Raises Malformed."""
    try:
        carried = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        carried = None
    if not isinstance(carried, dict):
        raise Malformed("value")
    say, card = carried.get("say"), carried.get("card", "")
    if not isinstance(say, str) or not say.strip() or not isinstance(card, str):
        raise Malformed("say or card")
    return {**carried, "say": say, "card": card}


def plain(text: str, bots: frozenset[str] = frozenset()) -> str:
    """What a person typed: without a mention of the bot, links as their addresses, no entities."""

    def unmarked(found: re.Match[str]) -> str:
        target, label = found[1], found[2]
        if target.startswith("@"):
            return " " if target[1:] in bots else f"@{label or target[1:]}"
        if target.startswith("#"):
            return f"#{label or target[1:]}"
        if target.startswith("!"):
            return label or f"@{target[1:].partition('^')[0]}"
        return target if not label or label in target else f"{label} ({target})"

    return _ENTITIES.sub(lambda found: _ENTITY[found[0]], _MARKED.sub(unmarked, text)).strip()


def _personal(workspace: str, user: str, *, key: str, arrived_at: datetime, **said: Any) -> Incoming:
    return Incoming(
        channel=CHANNEL,
        key=key,
        sender=person_of(workspace, user),
        conversation=person_of(workspace, user),
        address={"workspace": workspace, "user": user},
        arrived_at=arrived_at,
        **said,
    )


def _bots(payload: Mapping[str, Any]) -> frozenset[str]:
    """Our own user ids, as the event names those it was sent for."""
    known = payload.get("authorizations")
    found = [one.get("user_id") for one in known if isinstance(one, dict)] if isinstance(known, list) else []
    return frozenset(one for one in found if isinstance(one, str))


def _event_id(payload: Mapping[str, Any]) -> str:
    value = payload.get("event_id")
    if not isinstance(value, str) or not value.isascii() or not value.isalnum() or len(value) > 60:
        raise Malformed("event_id")
    return value


def _trigger(payload: Mapping[str, Any]) -> str:
    """Each interaction has a trigger of its own: the same signed body again has the same one."""
    trigger = payload.get("trigger_id")
    if not isinstance(trigger, str) or not trigger.isascii() or not trigger.isprintable() or not 0 < len(trigger) < 200:
        raise Malformed("trigger_id")
    return f"trigger:{trigger}"


def _values(state: object) -> dict[str, str]:
    blocks = state.get("values") if isinstance(state, dict) else None
    values: dict[str, str] = {}
    for inputs in blocks.values() if isinstance(blocks, dict) else ():
        for name, part in inputs.items() if isinstance(inputs, dict) else ():
            if not isinstance(part, dict) or part.get("type") != "plain_text_input":
                continue
            value = part.get("value")
            if value is not None and not isinstance(value, str):
                raise Malformed("state")
            values[name] = value or ""
    return values


def _object(part: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = part.get(name)
    if not isinstance(value, dict):
        raise Malformed(name)
    return value


def _id(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Malformed(name)
    return value
