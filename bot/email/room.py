"""The e-mail room: delivers what the postman brings, and serves the address at which each letter can be stopped."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from aiohttp import web

from bot.channel import Delivery, Unreachable
from bot.email import stopping
from bot.email.letter import letter
from bot.email.sending import Sending
from bot.email.settings import EmailSettings, address_in
from knowledge.mail import EMAIL

PATH = "/mail/{mailbox}"
_ROUTE = "/mail/{mailbox:[A-Za-z0-9_-]{16,64}}"


class Mailboxes(Protocol):
    """Who gets our letters, by the random name that each mailbox has with us. Handed in."""

    async def language(self, mailbox: str) -> str | None:
        """What its reader reads; None for a mailbox nobody has."""
        ...

    async def stop(self, mailbox: str) -> None:
        """No more letters there, from now on. Twice changes nothing more; nobody's mailbox changes nothing."""
        ...


class EmailRoom:
    """A `bot.channel.Channel` on which nobody answers. A conversation's id is the mailbox's random name, its address
    {"to": "person@example.org"}. `now` is the time in UTC."""

    name = EMAIL

    def __init__(
        self, settings: EmailSettings, mailboxes: Mailboxes, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        sender = address_in(settings.sender)
        assert sender is not None, "EmailSettings sees to that"
        self._sender = sender
        self._reply_to = address_in(settings.reply_to) if settings.reply_to else None
        self._public_url = settings.public_url.rstrip("/")
        self._sending = Sending(settings)
        self._mailboxes = mailboxes
        self._now = now

    async def close(self) -> None:
        await self._sending.close()

    async def deliver(self, delivery: Delivery) -> str:
        """See `bot.channel.Channel`. A letter cannot be changed once it is sent, so none has an id to be changed by."""
        to = address_in(str(delivery.address.get("to") or ""))
        if to is None:
            raise Unreachable("no_conversation")
        made = letter(
            delivery.message,
            sender=self._sender,
            to=to,
            off_url=f"{self._public_url}{PATH.format(mailbox=delivery.conversation)}",
            key=f"{delivery.conversation}:{delivery.id}",
            at=self._now(),
            reply_to=self._reply_to,
        )
        await self._sending.send(made, self._sender.addr_spec, to.addr_spec)
        return ""

    def routes(self) -> list[web.RouteDef]:
        return [web.get(_ROUTE, self._ask), web.post(_ROUTE, self._stop)]

    async def _ask(self, request: web.Request) -> web.Response:
        """Only asks: whatever looks through letters for bad links follows every one of them."""
        language = await self._mailboxes.language(request.match_info["mailbox"])
        return stopping.page("ask" if language else "unknown", language or stopping.read_by(request))

    async def _stop(self, request: web.Request) -> web.Response:
        """RFC 8058: mail programs post here when their reader presses "unsubscribe"; so does the page's own button."""
        mailbox = request.match_info["mailbox"]
        language = await self._mailboxes.language(mailbox)
        if language is None:
            return stopping.page("unknown", stopping.read_by(request))
        await self._mailboxes.stop(mailbox)
        return stopping.page("done", language)
