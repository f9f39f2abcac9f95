"""The form an activity must have before anything looks at what it says."""

import json
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 64
_MAX_ID = 500


class Malformed(Exception):
    """Not an activity. The message says where, never what was there."""


def parse(body: bytes) -> Mapping[str, Any]:
    """The activity of a request body: a JSON object whose known parts have their types.

    Characters that neither PostgreSQL nor UTF-8 can hold (NUL, a surrogate that a client's length limit cut off
    its pair) become U+FFFD, so that such a message is heard rather than lost. Raises Malformed.
    """
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_twice)
    # RecursionError: 3,000 open brackets in 3 KB. ValueError covers bad UTF-8, bad JSON, and endless integers.
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON ({type(error).__name__})") from None
    if not isinstance(found, dict):
        raise Malformed("not an object")
    activity: dict[str, Any] = found
    # As many brackets as levels are needed to be too deep: most bodies are decided by counting.
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH:
        _check_depth(activity)
    if b"\\u" in body:
        activity = _mended(activity)
    _check(activity)
    return activity


def _no_constant(_name: str) -> None:
    raise ValueError("NaN and Infinity are not JSON")


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # "serviceUrl" twice is two messages: one for whoever checks it, one for whoever uses it.
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise Malformed("nested too deeply")


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_mended(name): _mended(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_mended(item) for item in value]
    return value


def _check(activity: Mapping[str, Any]) -> None:
    for name in ("type", "channelId", "serviceUrl"):
        _id(activity, name, required=True)
    for name in ("id", "replyToId", "name", "deliveryMode"):
        _id(activity, name)
    for name in ("text", "textFormat", "locale", "localTimezone", "timestamp", "localTimestamp", "action"):
        _typed(activity, name, str)
    for name in ("entities", "membersAdded", "membersRemoved", "attachments"):
        if not all(isinstance(item, dict) for item in _typed(activity, name, list) or ()):
            raise Malformed(name)
    conversation = _typed(activity, "conversation", dict, required=True)
    if _id(conversation, "id", required=True) in (".", ".."):
        raise Malformed("conversation.id")
    _id(conversation, "tenantId")
    _id(conversation, "conversationType")
    _account(_typed(activity, "from", dict, required=True))
    _account(_typed(activity, "recipient", dict), required=False)
    for member in activity.get("membersAdded") or ():
        _account(member)
    tenant = _typed(_typed(activity, "channelData", dict), "tenant", dict)
    _id(tenant, "id")


def _account(account: Mapping[str, Any], *, required: bool = True) -> None:
    _id(account, "id", required=required)
    _id(account, "aadObjectId")
    _typed(account, "name", str)


def _typed(part: Mapping[str, Any], name: str, kind: type, *, required: bool = False) -> Any:
    value = part.get(name)
    if value is None and not required:
        return {} if kind is dict else None
    if not isinstance(value, kind):
        raise Malformed(name)
    return value


def _id(part: Mapping[str, Any], name: str, *, required: bool = False) -> str | None:
    """An identifier: printable ASCII, short enough for an index of any database."""
    value: str | None = _typed(part, name, str, required=required)
    if value is None or (value == "" and not required):
        return value
    if not value or len(value) > _MAX_ID or not value.isascii() or not value.isprintable():
        raise Malformed(name)
    return value
