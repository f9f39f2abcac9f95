"""Writing to Slack's Web API over one shared session, and what its errors mean."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channel import Gone, Retry, Unreachable
from bot.slack.settings import SlackSettings

SILENT: Final = logging.getLogger("bot.slack.sdk")
"""For slack_sdk, whose own lines quote whatever it sends and receives when the bot logs at DEBUG."""
SILENT.setLevel(logging.CRITICAL)

_LONGEST_WAIT = 3600.0
_OPERATOR_SECONDS = 60.0

RETRY: Final = frozenset({
    "accesslimited", "fatal_error", "internal_error", "rate_limited", "ratelimited", "request_timeout",
    "service_unavailable", "team_added_to_org", "two_factor_setup_required", "message_limit_exceeded",
    "deprecated_endpoint", "external_channel_migrating", "update_failed", "org_login_required",
})  # fmt: skip
"""Slack is unwell or busy: what failed now may work later."""

OPERATOR: Final = frozenset({
    "account_inactive", "app_uninstalled", "ekm_access_denied", "enterprise_is_restricted", "invalid_auth",
    "missing_scope", "no_permission", "not_allowed_token_type", "not_authed", "token_expired", "token_revoked",
    "team_access_not_granted", "access_denied",
})  # fmt: skip
"""Our own credentials: waits, a minute at a time, until the operator has mended them. Nobody is struck off for it."""

UNREACHABLE: Final[Mapping[str, str]] = {
    "channel_not_found": "gone",
    "channel_is_archived": "gone",
    "is_archived": "gone",
    "is_inactive": "gone",
    "user_not_found": "gone",
    "users_not_found": "gone",
    "user_disabled": "gone",
    "cannot_dm_bot": "not_allowed",
    "user_not_visible": "not_allowed",
    "method_not_supported_for_channel_type": "not_allowed",
    "not_in_channel": "not_allowed",
    "user_not_in_channel": "not_allowed",
    "restricted_action": "not_allowed",
    "restricted_action_read_only_channel": "not_allowed",
    "restricted_action_thread_only_channel": "not_allowed",
    "restricted_action_non_threadable_channel": "not_allowed",
    "restricted_action_thread_locked": "not_allowed",
    "cannot_reply_to_message": "not_allowed",
    "slack_connect_file_link_sharing_blocked": "not_allowed",
    "msg_blocked_by_dlp": "rejected",
    "messages_tab_disabled": "not_allowed",
    "user_is_restricted": "not_allowed",
    "user_is_bot": "not_allowed",
    "msg_too_long": "too_large",
    "msg_blocks_too_long": "too_large",
    "too_many_attachments": "too_large",
}
"""Never to this person, or never this message; the reason is what the desk reads (`bot.channel.Unreachable`)."""

GONE: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "is_ephemeral"})
"""Of chat.update: the message is no longer there to change."""

BUG: Final = frozenset({
    "as_user_not_supported", "block_mismatch", "cannot_find_message", "duplicate_channel_not_found",
    "duplicate_message_not_found", "invalid_arg_name", "invalid_arguments", "invalid_array_arg",
    "invalid_attachments", "invalid_auth_header", "invalid_blocks", "invalid_blocks_format", "invalid_charset",
    "invalid_form_data", "invalid_json", "invalid_metadata_format", "invalid_metadata_schema", "invalid_post_type",
    "invalid_ts", "invalid_user_combination", "json_not_object", "markdown_text_conflict",
    "message_contains_blocks_conflict", "metadata_must_be_sent_from_app", "metadata_too_large", "method_deprecated",
    "missing_argument", "missing_post_type", "no_dual_broadcast_content_update", "no_text", "not_enough_users",
    "not_reply", "posting_to_channel_denied", "too_many_contact_cards", "too_many_users", "unknown_method",
    "users_list_not_supplied", "blocked_file_type", "attachment_payload_limit_exceeded", "as_user_not_allowed",
    "expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired", "trigger_exchanged",
    "view_too_large", "duplicate_external_id", "push_limit_reached",
})  # fmt: skip
"""We asked wrongly: logged, and tried again, so that a repair brings the message."""


class SlackBug(Exception):
    """Slack says that we asked wrongly; the name of its error."""


class Connector:
    """The few methods we use. `now` is seconds, of a clock that never goes back."""

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        settings: SlackSettings,
        *,
        timeout_seconds: float = 15,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._settings = settings
        self._timeout = int(timeout_seconds)
        self._now = now
        self._client: AsyncWebClient | None = None
        # Slack counts per method and workspace; after a 429 nothing of that method goes out before its time.
        self._closed_until: dict[str, float] = {}
        self._rooms: dict[str, str] = {}

    async def post(self, channel: str, body: Mapping[str, Any], thread: str = "") -> str:
        """Posts a message; returns "<channel>:<ts>", by which it can be changed. Raises Retry or Unreachable."""
        more = {"thread_ts": thread} if thread else {}
        answer = await self._call("chat.postMessage", channel, {"channel": channel, **body, **_LITERAL, **more})
        return f"{answer.get('channel', channel)}:{answer.get('ts', '')}"

    async def whisper(self, channel: str, user: str, body: Mapping[str, Any], thread: str = "") -> str:
        """Posts what only one person in a channel sees; it cannot be changed, so it has no id."""
        more = {"thread_ts": thread} if thread else {}
        sent = {"channel": channel, "user": user, **body, "link_names": False, "parse": "none", **more}
        await self._call("chat.postEphemeral", channel, sent)
        return ""

    async def update(self, message: str, body: Mapping[str, Any]) -> str:
        """Changes a message in place. Raises Gone when it is not there, Retry or Unreachable."""
        channel, _, stamp = message.partition(":")
        sent = {"channel": channel, "ts": stamp, **body, "link_names": False, "parse": "none"}
        await self._call("chat.update", channel, sent)
        return message

    async def room_of(self, workspace: str, user: str) -> str:
        """The channel of the private conversation with somebody. Raises Retry or Unreachable."""
        known = f"{workspace}:{user}"
        if known not in self._rooms:
            answer = await self._call("conversations.open", workspace, {"users": user})
            self._rooms[known] = str((answer.get("channel") or {}).get("id") or "")
        return self._rooms[known]

    async def group_of(self, workspace: str, users: Sequence[str]) -> str:
        """The channel of the conversation of several people and the bot; the same people always have the same one.
        Raises Retry or Unreachable."""
        answer = await self._call("conversations.open", workspace, {"users": ",".join(users)})
        return str((answer.get("channel") or {}).get("id") or "")

    async def open_view(self, trigger: str, view: Mapping[str, Any]) -> None:
        await self._call("views.open", "", {"trigger_id": trigger, "view": view})

    async def user(self, user: str) -> Mapping[str, Any]:
        """What Slack says of a person (users.info, with the locale)."""
        found = (await self._call("users.info", "", {"user": user, "include_locale": "true"}, form=True)).get("user")
        return found if isinstance(found, dict) else {}

    async def _call(self, method: str, where: str, body: Mapping[str, Any], *, form: bool = False) -> Mapping[str, Any]:
        # chat.postMessage is limited per channel, all else per method.
        limited = f"{method}:{where}" if method.startswith("chat.post") else method
        wait = self._closed_until.get(limited, 0) - self._now()
        if wait > 0:
            raise Retry(f"{method} is limited", wait)
        self._closed_until.pop(limited, None)
        try:
            sent: dict[str, Any] = {"data": dict(body)} if form else {"json": dict(body)}
            answer = (await self._web().api_call(method, **sent)).data
            return answer if isinstance(answer, dict) else {}
        except SlackApiError as error:
            raise self._failure(method, limited, error) from None
        except TimeoutError:
            raise Retry("timed out") from None
        except (aiohttp.ClientError, SlackClientError, ValueError) as error:
            raise Retry(f"unreachable ({type(error).__name__})") from None

    def _failure(self, method: str, limited: str, error: SlackApiError) -> Exception:
        response = error.response
        status = int(getattr(response, "status_code", 0) or 0)
        headers = {str(name).lower(): value for name, value in (getattr(response, "headers", None) or {}).items()}
        data = getattr(response, "data", None)
        name = str(data.get("error", "")) if isinstance(data, dict) else ""
        after = _seconds(headers.get("retry-after"))
        if status == 429 and after is not None:
            self._closed_until[limited] = self._now() + after
        return meaning(name, status, after, editing=method == "chat.update")

    def _web(self) -> AsyncWebClient:
        if self._client is None:
            self._client = AsyncWebClient(
                token=self._settings.bot_token,
                base_url=self._settings.api_url,
                session=self._session(),
                logger=SILENT,
                timeout=self._timeout,
                # Trying again is the postman's work.
                retry_handlers=[],
            )
        return self._client


_LITERAL: Final = {"link_names": False, "parse": "none", "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


def meaning(name: str, status: int = 200, after: float | None = None, *, editing: bool = False) -> Exception:
    """What an error of Slack's means for the postman: Retry, Unreachable, Gone, or SlackBug for all we do not know.

    `after` is the seconds of a Retry-After.
    """
    if status == 429 or status >= 500 or name in RETRY:
        return Retry(name or f"answered {status}", after)
    if name in OPERATOR:
        return Retry(name, _OPERATOR_SECONDS)
    if name in GONE and editing:
        return Gone(name)
    if name in UNREACHABLE:
        return Unreachable(UNREACHABLE[name], name)
    return SlackBug(name or f"answered {status}")


def _seconds(header: object) -> float | None:
    text = str(header or "")
    return min(float(text[:9]), _LONGEST_WAIT) if text.isascii() and text.isdigit() else None
