"""What Teams and Slack are told about the bot."""

import argparse
from pathlib import Path

import dialogs.turn  # noqa: F401 - fills the registry
from bot.settings import Settings
from dialogs.commands import REGISTRY, Group
from dialogs.wording import say_in
from house.operator.speaking import show
from knowledge.places import LANGUAGES
from manifest import slack, teams


def manifest_commands() -> list[teams.ManifestCommand]:
    """The commands a manifest suggests, from the registry, in help's order of groups."""
    return [
        teams.ManifestCommand(
            words={language: command.word(language) for language in LANGUAGES},
            help={language: say_in(language)(f"help.{command.name}") for language in LANGUAGES},
        )
        for command in sorted(REGISTRY.values(), key=lambda command: list(Group).index(command.group))
        if command.menu
    ]


def manifest(settings: Settings, options: argparse.Namespace) -> int:
    host = settings.public_url.removeprefix("https://").split("/")[0]
    if options.channel == "slack":
        return _slack(settings, options.output, host)
    return _teams(settings, options.output or Path("build/teams.zip"), host)


def _teams(settings: Settings, output: Path, host: str) -> int:
    try:
        content = teams.package(manifest_commands(), app_id=settings.teams_app_id, host=host)
    except ValueError as error:
        return _missing(error, "CONNECT_TEAMS_APP_ID, CONNECT_PUBLIC_URL")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(content)
    show(f"Wrote {output}. Upload it in Teams: Apps, Manage your apps, Upload an app.")
    return 0


def _slack(settings: Settings, output: Path | None, host: str) -> int:
    words = [command.words["en"] for command in manifest_commands()]
    try:
        content = slack.manifest(words, host=host, socket_mode=bool(settings.slack_app_token))
    except ValueError as error:
        return _missing(error, "CONNECT_PUBLIC_URL")
    if output is None:
        print(content, end="")
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(content, encoding="utf-8")
    return 0


def _missing(error: ValueError, variables: str) -> int:
    show(f"{str(error)[:1].upper()}{str(error)[1:]} ({variables}).")
    return 1
