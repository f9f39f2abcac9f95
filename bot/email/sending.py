"""Handing letters to the server: connections that are used again, and what its answers mean."""

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Final

import aiosmtplib

from bot.channel import Retry, Unreachable
from bot.email.settings import EmailSettings

log = logging.getLogger(__name__)

# Most servers hang up on whoever is silent for some minutes, and on whoever says too much.
_IDLE_SECONDS: Final = 30.0
_MOST_ON_ONE: Final = 100
_OPERATOR_SECONDS: Final = 300.0
"""What is wrong with our login or our sender is nobody's mailbox: tried again until somebody mends it."""


class _Line:
    """One connection, when it was last used and how often."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self.client = client
        self.used_at = time.monotonic()
        self.letters = 0

    @property
    def fresh(self) -> bool:
        rested = time.monotonic() - self.used_at
        return self.client.is_connected and rested < _IDLE_SECONDS and self.letters < _MOST_ON_ONE


class Sending:
    """Some connections to one server, each serving one letter at a time."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        self._room = asyncio.Semaphore(settings.connections)
        self._free: list[_Line] = []
        self._trust: ssl.SSLContext | None = None

    async def send(self, letter: EmailMessage, sender: str, to: str) -> None:
        """Raises Retry and Unreachable as `bot.channel.Channel.deliver` does."""
        try:
            async with self._connected() as client:
                # Not send_message: it folds headers anew.
                await client.sendmail(sender, [to], letter.as_bytes(), mail_options=_options(client, to))
        except aiosmtplib.SMTPRecipientsRefused as refused:
            first = refused.recipients[0]
            raise _refused(first.code, first.message) from None
        except aiosmtplib.SMTPNotSupported as error:
            # A server without the encryption we insist on, or without a way to log in.
            raise _for_the_operator(type(error).__name__) from None
        except (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPSenderRefused) as error:
            raise _for_the_operator(f"{type(error).__name__} {error.code}") from None
        except (aiosmtplib.SMTPConnectResponseError, aiosmtplib.SMTPHeloError) as error:
            raise Retry(f"the mail server answered {error.code}") from None
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error.code, error.message) from None
        except ssl.SSLError as error:
            raise _for_the_operator(type(error).__name__) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            if isinstance(error.__cause__, ssl.SSLError):
                raise _for_the_operator(type(error.__cause__).__name__) from None
            raise Retry(type(error).__name__) from None

    async def close(self) -> None:
        """Hangs up. Letters on their way have come to their end before."""
        while self._free:
            await self._hang_up(self._free.pop())

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        async with self._room:
            line = await self._line()
            try:
                yield line.client
            except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPDataError):
                # The server said no to one letter; the next one may still be given to it.
                self._put_back(line)
                raise
            except BaseException:
                # Also when we are stopped in the middle: nobody knows what was said last.
                line.client.close()
                raise
            else:
                self._put_back(line)

    def _put_back(self, line: _Line) -> None:
        line.used_at = time.monotonic()
        line.letters += 1
        self._free.append(line)

    async def _line(self) -> _Line:
        while self._free:
            line = self._free.pop()
            if line.fresh:
                return line
            await self._hang_up(line)
        settings = self._settings
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=settings.password or None,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=self._trusted() if settings.security != "none" else None,
            timeout=settings.seconds,
        )
        try:
            await client.connect()
            # Says what the server can do; where we log in or begin TLS, it was asked already.
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except BaseException:
            client.close()
            raise
        return _Line(client)

    async def _hang_up(self, line: _Line) -> None:
        try:
            await line.client.quit(timeout=1)
        except (aiosmtplib.SMTPException, OSError):
            line.client.close()

    def _trusted(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = ssl.create_default_context(cafile=self._settings.ca_file or None)
            self._trust.minimum_version = ssl.TLSVersion.TLSv1_2
        return self._trust


def _options(client: aiosmtplib.SMTP, to: str) -> list[str]:
    """What is asked of the server for an address of other letters than ASCII's (RFC 6531)."""
    if to.isascii():
        return []
    if not client.supports_extension("smtputf8"):
        raise Unreachable("rejected", "the server takes no such address")
    return ["SMTPUTF8", "BODY=8BITMIME"]


def _for_the_operator(what: str) -> Retry:
    log.error("the mail server does not let us in: %s (python app.py doctor, docs/operator.md)", what)
    return Retry(what, _OPERATOR_SECONDS)


def _refused(code: int, said: str) -> Retry | Unreachable:
    """What an answer to one letter means; what the server said may quote the address, and stays with it.

    4xx is not now. 5xx is never: `gone` where the mailbox is none (RFC 3463: X.1.x, X.2.1, or a bare 550, 551, 553), so
    that nothing more is sent there; `too_large`; and `rejected` for this letter alone.
    """
    if code < 500:
        return Retry(f"the mail server answered {code}")
    enhanced = said.split(" ", 1)[0].strip()
    number = enhanced.split(".") if enhanced.count(".") == 2 and enhanced.replace(".", "").isdecimal() else []
    subject, detail = (number[1], number[2]) if number else ("", "")
    if (subject, detail) in (("2", "3"), ("3", "4")) or (code == 552 and not number):
        return Unreachable("too_large", str(code))
    if subject == "1" or (subject, detail) == ("2", "1") or (code in (550, 551, 553) and not number):
        return Unreachable("gone", str(code))
    return Unreachable("rejected", enhanced if number else str(code))
