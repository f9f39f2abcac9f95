"""The SDK's pipeline without its costs: nothing is built, fetched or authenticated anew for a turn.

The stock CloudAdapter makes two connector clients a turn (63 % of an echo's CPU), fetches a token for each, on the
loop, and answers 500 to every invoke that returns a body. The gate has authenticated before we come here.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.cloud_adapter_base import CloudAdapterBase
from botbuilder.schema import Activity, CallerIdConstants, ResourceResponse
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    ConnectorFactory,
)

from bot.teams.connector import AUDIENCE, Connector

Logic = Callable[[TurnContext], Awaitable[None]]


class Adapter(CloudAdapterBase):  # type: ignore[misc]
    """Runs an admitted activity through the SDK's pipeline."""

    def __init__(self, app_id: str, connector: Connector) -> None:
        super().__init__(_AlreadyAuthenticated(connector))
        self._admitted = AuthenticateRequestResult()
        self._admitted.audience = AUDIENCE
        self._admitted.caller_id = CallerIdConstants.public_azure_channel
        self._admitted.claims_identity = self.create_claims_identity(app_id)
        self._admitted.connector_factory = _Pool(connector)

    async def run(self, activity: Activity, logic: Logic) -> InvokeResponse | None:
        """What the HTTP answer should be: None says "heard", an InvokeResponse goes out as it is."""
        return await self.process_activity(self._admitted, activity, logic)


class _AlreadyAuthenticated(BotFrameworkAuthentication):  # type: ignore[misc]
    """What CloudAdapterBase asks of an authentication, when the gate has done its work."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def authenticate_request(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:
        raise PermissionError("requests are authenticated by the gate")

    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> None:
        raise PermissionError("streaming is not supported")

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        return _Pool(self._connector)

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """Nobody signs in through the bot."""
        return


class _Pool(ConnectorFactory):  # type: ignore[misc]
    """Hands the SDK a view on the one shared connector: two small objects a turn, no client."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def create(self, service_url: str, audience: str) -> "_Client":
        return _Client(_Conversations(self._connector, service_url))


class _Client:
    def __init__(self, conversations: "_Conversations") -> None:
        self.conversations = conversations


class _Conversations:
    """The operations that TurnContext can reach. The product's turns do not send: they fill the outbox."""

    def __init__(self, connector: Connector, service_url: str) -> None:
        self._connector = connector
        self._service_url = service_url

    async def send_to_conversation(self, conversation_id: str, activity: Activity) -> ResourceResponse:
        return await self._write(conversation_id, activity)

    async def reply_to_activity(self, conversation_id: str, activity_id: str, activity: Activity) -> ResourceResponse:
        return await self._write(conversation_id, activity)

    async def update_activity(self, conversation_id: str, activity_id: str, activity: Activity) -> ResourceResponse:
        return await self._write(conversation_id, activity, replaces=activity_id)

    async def _write(self, conversation_id: str, activity: Activity, replaces: str = "") -> ResourceResponse:
        body: Mapping[str, Any] = activity.serialize()
        return ResourceResponse(
            id=await self._connector.write(self._service_url, conversation_id, body, replaces=replaces)
        )
