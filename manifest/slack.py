"""What Slack is told about the bot: an app manifest, generated from the registry of commands. Pure."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

_HOST = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_LONGEST_HINT = 1000

SCOPES: Final = (
    "app_mentions:read", "chat:write", "commands", "files:read", "im:history", "im:write", "mpim:write", "users:read",
)  # fmt: skip
"""The least the bot works with; docs/operator.md says what each is for, and a test keeps the two together."""

EVENTS: Final = ("app_home_opened", "app_mention", "message.im", "user_change")


def manifest(words: Sequence[str], *, host: str, socket_mode: bool = False) -> str:
    """The manifest as JSON, to paste at api.slack.com/apps. `words` are the commands that /connect hints at.

    `host` is the public host name that serves the bot; unused in Socket Mode. Raises ValueError in words for whoever
    runs it.
    """
    if not socket_mode and not _HOST.fullmatch(host):
        raise ValueError("the host must be a public host name such as bot.example.org, without https://")

    def at(path: str) -> dict[str, str]:
        return {} if socket_mode else {path.split()[0]: f"https://{host}/slack/{path.split()[1]}"}

    connect: dict[str, Any] = {
        "command": "/connect",
        "description": "Ask in private, or type any command of the bot",
        "usage_hint": " | ".join(words)[:_LONGEST_HINT],
        "should_escape": False,
        **at("url command"),
    }
    found = {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Connect",
            "description": "Ask in private and be connected to colleagues who know",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Connect", "always_online": True},
            "slash_commands": [connect],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS), **at("request_url events")},
            "interactivity": {"is_enabled": True, **at("request_url interactive")},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
