"""From what Teams says to what every turn understands. Pure: an admitted activity in, an Incoming out."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from bot.fetching import Remote
from dialogs.incoming import Incoming, Scope

_FILE: Final = "application/vnd.microsoft.teams.file.download.info"
CARD_ACTION: Final = "adaptiveCard/action"
_RESERVED = ("say", "card")
_LONGEST_NAME = 200


class BadAction(Exception):
    """A pressed button that is none of ours: its value lacks `say`, or holds what no form of ours sends."""


def listen(activity: Mapping[str, Any], arrived_at: datetime) -> Incoming | None:
    """What a person did, or None when there is nothing to hear (a reaction, typing, somebody else joining …).

    `arrived_at` is UTC. Raises BadAction for a malformed press.
    """
    match activity["type"]:
        case "message":
            value = activity.get("value")
            if isinstance(value, dict) and not (activity.get("text") or "").strip():
                # Action.Submit, from a client that is older than Action.Execute.
                return _heard(activity, arrived_at, **_pressed(value)) if "say" in value else None
            text = _spoken(activity)
            # "" for a bare mention, or a picture without a word.
            return _heard(activity, arrived_at, text=text)
        case "invoke" if activity.get("name") == CARD_ACTION:
            return _heard(activity, arrived_at, **_pressed(_action_data(activity.get("value"))))
        case "conversationUpdate":
            bot = (activity.get("recipient") or {}).get("id")
            joined = {member["id"] for member in activity.get("membersAdded") or ()}
            return _heard(activity, arrived_at, greeting=True) if bot and bot in joined else None
        case "installationUpdate":
            return _heard(activity, arrived_at, greeting=True) if activity.get("action") == "add" else None
    return None


def files(activity: Mapping[str, Any]) -> list[Remote]:
    """The files of a message: in a personal chat Teams gives an address that needs no token, for some minutes."""
    if activity["type"] != "message" or _scope(activity["conversation"]) is not Scope.PERSONAL:
        return []
    return [
        Remote(name=name if isinstance(name, str) else "", url=address if isinstance(address, str) else "")
        for name, address in (
            (one.get("name"), (one.get("content") or {}).get("downloadUrl")) for one in _attached(activity)
        )
    ]


def _attached(activity: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        one
        for one in activity.get("attachments") or ()
        if one.get("contentType") == _FILE and isinstance(one.get("content"), dict)
    ]


def _heard(activity: Mapping[str, Any], arrived_at: datetime, **said: Any) -> Incoming:
    sender, conversation = activity["from"], activity["conversation"]
    client: Mapping[str, Any] = next(
        (entity for entity in activity.get("entities") or () if entity.get("type") == "clientInfo"), {}
    )
    return Incoming(
        channel="teams",
        key=activity.get("id") or uuid4().hex,
        sender=sender.get("aadObjectId") or sender["id"],
        conversation=conversation["id"],
        address=_address(activity),
        arrived_at=arrived_at,
        twin=_twin(activity),
        scope=_scope(conversation),
        home=_home(activity),
        name=(sender.get("name") or "").strip()[:_LONGEST_NAME],
        locale=_short(activity.get("locale") or client.get("locale")),
        time_zone=_short(activity.get("localTimezone") or client.get("timezone")),
        **said,
    )


def _address(activity: Mapping[str, Any]) -> dict[str, str]:
    """All that a later message to this conversation needs: see `bot.teams.connector`."""
    bot = activity.get("recipient") or {}
    channel_data = activity.get("channelData") or {}
    return {
        "service_url": activity["serviceUrl"],
        "bot_id": bot.get("id") or "",
        "bot_name": bot.get("name") or "",
        "tenant": activity["conversation"].get("tenantId") or (channel_data.get("tenant") or {}).get("id") or "",
        "conversation": activity["conversation"]["id"],
        "user": activity["from"]["id"],
    }


def _scope(conversation: Mapping[str, Any]) -> Scope:
    kind = conversation.get("conversationType") or ""
    if kind == "channel":
        return Scope.CHANNEL
    # Only a conversation that is surely personal may carry a private question. Threads start with "19:".
    surely_shared = conversation.get("isGroup") is True or conversation["id"].startswith("19:")
    return Scope.PERSONAL if kind in ("", "personal") and not surely_shared else Scope.GROUP


def _home(activity: Mapping[str, Any]) -> tuple[str, dict[str, str]] | None:
    """The group or channel itself: of a thread in a channel, the channel."""
    if _scope(activity["conversation"]) is Scope.PERSONAL:
        return None
    place = activity["conversation"]["id"].partition(";")[0]
    return place, {**_address(activity), "conversation": place, "user": ""}


def _spoken(activity: Mapping[str, Any]) -> str:
    """The text without the mention of the bot. Other people's mentions stay: they are part of what was said."""
    text: str = activity.get("text") or ""
    bot = (activity.get("recipient") or {}).get("id")
    for entity in activity.get("entities") or ():
        mentioned, written = entity.get("mentioned"), entity.get("text")
        if entity.get("type") != "mention" or not isinstance(mentioned, dict) or not isinstance(written, str):
            continue
        if bot and written and mentioned.get("id") == bot:
            text = text.replace(written, " ")
    return text.replace("\xa0", " ").strip()


def _action_data(value: Any) -> Mapping[str, Any]:
    action = value.get("action") if isinstance(value, dict) else None
    data = action.get("data") if isinstance(action, dict) else None
    if not isinstance(action, dict) or action.get("type") != "Action.Execute" or not isinstance(data, dict):
        raise BadAction("value.action")
    return data


def _pressed(data: Mapping[str, Any]) -> dict[str, Any]:
    say, card = data.get("say"), data.get("card", "")
    if not isinstance(say, str) or not say.strip() or not isinstance(card, str):
        raise BadAction("say or card")
    # Teams adds a part of its own to what Action.Submit sends.
    values = {name: value for name, value in data.items() if name not in (*_RESERVED, "msteams")}
    if not all(isinstance(value, str) for value in values.values()):
        raise BadAction("a field that is not text")
    return {"say": say.strip(), "values": values, "pressed_card": card}


def _twin(activity: Mapping[str, Any]) -> str:
    """Equal for a redelivery: after 15 s without an answer Teams sends again, at times with a new id and time."""
    same = [
        activity["conversation"]["id"],
        activity["from"]["id"],
        activity.get("text"),
        activity.get("value"),
        activity.get("replyToId"),
    ]
    if attached := _attached(activity):
        # Without a word two files would otherwise be one.
        same.append([(one.get("name"), one["content"].get("uniqueId")) for one in attached])
    return hashlib.sha256(json.dumps(same, sort_keys=True).encode("utf-8")).hexdigest()


def _short(value: object) -> str:
    """A locale or time zone: anything longer is none."""
    return value if isinstance(value, str) and len(value) <= 64 else ""
