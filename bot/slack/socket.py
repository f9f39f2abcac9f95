"""Socket Mode: Slack's events over a socket that we open, for those whom Slack cannot reach."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.connector import SILENT
from bot.slack.settings import SlackSettings

Receive = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any] | None]]


class Socket:
    """Opens the connection, and again whenever it breaks. `receive` takes an envelope's kind and payload."""

    def __init__(self, settings: SlackSettings, receive: Receive) -> None:
        self._settings = settings
        self._receive = receive
        self._client: SocketModeClient | None = None

    async def open(self) -> None:
        web = AsyncWebClient(token=self._settings.bot_token, base_url=self._settings.api_url, logger=SILENT)
        self._client = SocketModeClient(app_token=self._settings.app_token, web_client=web, logger=SILENT)
        self._client.socket_mode_request_listeners.append(self._heard)
        await self._client.connect()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()  # type: ignore[no-untyped-call]
            self._client = None

    async def _heard(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        answer = await self._receive(request.type, request.payload)
        # Not acknowledged when the turn failed: Slack sends it again.
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=answer))
