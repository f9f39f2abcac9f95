"""The Teams app package: a zip with manifest.json, its translations and two icons."""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from manifest import icons

# Everything we state has been the same since 1.16; newer ones (1.29 in 2026) only add parts we have no use for.
SCHEMA_VERSION: Final = "1.22"
SCOPES: Final = ("personal", "team", "groupChat")
_SCHEMAS = f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA_VERSION}"
_MOST_COMMANDS = 10
_LONGEST_TITLE = 32
_LONGEST_DESCRIPTION = 128
_OTHER_LANGUAGES = ("fr", "es")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")

_NAME = {"en": "Communities of Practice", "fr": "Communautés de pratique", "es": "Comunidades de práctica"}
_SHORT = {
    "en": "Ask in private, find earlier answers, reach the right expert or network.",
    "fr": "Posez vos questions en privé, trouvez des réponses et la bonne personne.",
    "es": "Pregunte en privado, encuentre respuestas y a la persona indicada.",
}
_FULL = {
    "en": (
        "Ask a question in your own words and in private. You first see earlier answers that fit; otherwise your "
        "question is offered to the expert or the network that can answer it, and your name stays hidden unless you "
        "say otherwise. When nobody fits, a facilitator takes care of it."
    ),
    "fr": (
        "Posez une question avec vos mots, en privé. Vous voyez d'abord les réponses existantes ; sinon, votre "
        "question est proposée à la personne experte ou au réseau qui peut y répondre, et votre nom reste caché sauf "
        "si vous en décidez autrement. Si personne ne convient, une facilitatrice ou un facilitateur s'en charge."
    ),
    "es": (
        "Haga una pregunta con sus palabras y en privado. Primero verá respuestas anteriores que encajan; si no, su "
        "pregunta se ofrece a la persona experta o a la red que puede responderla, y su nombre queda oculto salvo que "
        "usted diga lo contrario. Si nadie encaja, la persona facilitadora se ocupa."
    ),
}


@dataclass(frozen=True, slots=True)
class ManifestCommand:
    """A command as Teams suggests it. `words` and `help` go by language; English stands in where one is missing."""

    words: Mapping[str, str]
    help: Mapping[str, str]
    scopes: tuple[str, ...] = SCOPES


def package(
    commands: Sequence[ManifestCommand],
    *,
    app_id: str,
    host: str,
    version: str = "1.0.0",
    developer: str = "Communities of Practice",
    website_url: str = "",
    privacy_url: str = "",
    terms_url: str = "",
) -> bytes:
    """The zip to upload in Teams; equal input gives equal bytes.

    `app_id` is the bot's registration (a GUID), `host` the public host name that serves it; the URLs default to
    pages on that host. Of each scope the first ten commands are suggested, which is all that Teams takes.
    Raises ValueError, in words for whoever runs it, when something does not fit the manifest.
    """
    try:
        app_id = str(UUID(app_id))
    except ValueError:
        raise ValueError("the app id must be the GUID of the bot's registration") from None
    if not _HOST.fullmatch(host):
        raise ValueError("the host must be a public host name such as bot.example.org, without https://")
    lists = list(_command_lists(commands))
    manifest = {
        "$schema": f"{_SCHEMAS}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA_VERSION,
        "version": version,
        "id": app_id,
        "developer": {
            "name": developer,
            "websiteUrl": website_url or f"https://{host}/",
            "privacyUrl": privacy_url or f"https://{host}/privacy",
            "termsOfUseUrl": terms_url or f"https://{host}/terms",
        },
        "name": {"short": _NAME["en"], "full": _NAME["en"]},
        "description": {"short": _SHORT["en"], "full": _FULL["en"]},
        "localizationInfo": {
            "defaultLanguageTag": "en",
            "additionalLanguages": [
                {"languageTag": language, "file": f"{language}.json"} for language in _OTHER_LANGUAGES
            ],
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": icons.ACCENT,
        "bots": [
            {
                "botId": app_id,
                "scopes": list(SCOPES),
                "isNotificationOnly": False,
                "supportsFiles": True,
                "commandLists": [
                    {"scopes": [scope], "commands": [_suggestion(command, "en") for command in chosen]}
                    for scope, chosen in lists
                ],
            }
        ],
        "validDomains": [host],
    }
    files = {"manifest.json": _json(manifest)}
    for language in _OTHER_LANGUAGES:
        files[f"{language}.json"] = _json(_translation(language, lists))
    return _zip(files | {"color.png": icons.color(), "outline.png": icons.outline()})


def _command_lists(commands: Sequence[ManifestCommand]) -> Iterator[tuple[str, list[ManifestCommand]]]:
    for scope in SCOPES:
        chosen = [command for command in commands if scope in command.scopes][:_MOST_COMMANDS]
        if chosen:
            yield scope, chosen


def _suggestion(command: ManifestCommand, language: str) -> dict[str, str]:
    title = command.words.get(language) or command.words["en"]
    if len(title) > _LONGEST_TITLE:
        # A shortened word would be suggested, typed, and not understood.
        raise ValueError(f"the command {title!r} is longer than {_LONGEST_TITLE} characters")
    return {"title": title, "description": _short(command.help.get(language) or command.help["en"])}


def _short(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= _LONGEST_DESCRIPTION:
        return text
    beginning = text[: _LONGEST_DESCRIPTION - 1]
    return beginning[: beginning.rfind(" ")].rstrip(" ,;:.") + "…" if " " in beginning else beginning + "…"


def _translation(language: str, lists: Sequence[tuple[str, Sequence[ManifestCommand]]]) -> dict[str, str]:
    translated = {
        "$schema": f"{_SCHEMAS}/MicrosoftTeams.Localization.schema.json",
        "name.short": _NAME[language],
        "name.full": _NAME[language],
        "description.short": _SHORT[language],
        "description.full": _FULL[language],
    }
    for at, (_, chosen) in enumerate(lists):
        for number, command in enumerate(chosen):
            for part, text in _suggestion(command, language).items():
                translated[f"bots[0].commandLists[{at}].commands[{number}].{part}"] = text
    return translated


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _zip(files: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # A fixed time and system: otherwise the same package differs by when and where it was made.
            entry = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return written.getvalue()
