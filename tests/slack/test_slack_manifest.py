"""The manifest asks for the least, and the guide explains all that it asks for."""

import json
import re

import pytest

from house.operator.manifests import manifest_commands
from manifest import slack
from tests.house.running import ROOT

WORDS = [command.words["en"] for command in manifest_commands()]


def test_every_scope_is_explained_in_the_guide_and_no_other() -> None:
    guide = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8").split("## Slack")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([\w:]+)` \|", guide, re.MULTILINE) == list(slack.SCOPES)
    found = json.loads(slack.manifest(WORDS, host="bot.example.org"))
    assert found["oauth_config"] == {"scopes": {"bot": list(slack.SCOPES)}}


def test_the_addresses_are_on_the_host_and_the_hint_comes_from_the_registry() -> None:
    found = json.loads(slack.manifest(WORDS, host="bot.example.org"))
    settings = found["settings"]
    (command,) = found["features"]["slash_commands"]
    assert command["url"] == "https://bot.example.org/slack/command"
    assert settings["event_subscriptions"]["request_url"] == "https://bot.example.org/slack/events"
    assert settings["interactivity"]["request_url"] == "https://bot.example.org/slack/interactive"
    assert command["usage_hint"].split(" | ") == WORDS


def test_in_socket_mode_it_names_no_address() -> None:
    found = slack.manifest(WORDS, host="", socket_mode=True)
    assert "https://" not in found
    assert json.loads(found)["settings"]["socket_mode_enabled"] is True


def test_without_a_host_it_says_so() -> None:
    with pytest.raises(ValueError, match="public host name"):
        slack.manifest(WORDS, host="localhost")
