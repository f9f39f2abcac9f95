"""Addresses and sessions that only we could have made (Fernet: AES-CBC and HMAC), each kind under a key of its own."""

import base64
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

LINK_LASTS: Final = timedelta(minutes=15)
SESSION_LASTS: Final = timedelta(hours=8)

# One slash, then no second one and no backslash: browsers read "//elsewhere" and "/\elsewhere" as another host.
_OURS = re.compile(r"/(?![/\\])[!-\[\]-~]{0,800}", re.ASCII)
_KIND = re.compile(r"[a-z]{1,20}", re.ASCII)
# The length of a token tells the length of what is in it, to this.
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link is for: a person, and the page it goes to."""

    person: int
    path: str


class Signer:
    """`knowledge.ports.pages.Pages`, and the reading of what it made. `base` is our address, without its last slash;
    whoever has the same `key` reads the same tokens. Each reading returns None for what is forged or too old."""

    def __init__(self, base: str, key: bytes, now: Callable[[], datetime]) -> None:
        self.base = base
        self._key = key
        self._now = now

    def link(self, person: int, path: str) -> str:
        if not _OURS.fullmatch(path):
            raise ValueError("a link goes to a path of ours")
        return f"{self.base}/open/{self._made('link', json.dumps([person, path]))}"

    def opened(self, token: str) -> Opened | None:
        said = self._read("link", token, LINK_LASTS)
        if said is None:
            return None
        person, path = json.loads(said)
        return Opened(person, path)

    def session(self, person: int) -> str:
        """What a cookie holds."""
        return self._made("session", str(person))

    def reader(self, session: str) -> int | None:
        said = self._read("session", session, SESSION_LASTS)
        return None if said is None else int(said)

    def address(self, kind: str, said: str) -> str:
        if not _KIND.fullmatch(kind):
            raise ValueError("a kind is a lower-case word")
        return f"{self.base}/{kind}/{self._made(f'address {kind}', said)}"

    def said(self, kind: str, token: str, lasts: timedelta | None) -> str | None:
        """What `address` was made with; `lasts` None: for ever."""
        return self._read(f"address {kind}", token, lasts)

    def _made(self, purpose: str, said: str) -> str:
        plain = said.encode()
        padded = plain.ljust(-(-(len(plain) + 1) // _BLOCK) * _BLOCK, b"\0")
        return self._box(purpose).encrypt_at_time(padded, int(self._now().timestamp())).decode()

    def _read(self, purpose: str, token: str, lasts: timedelta | None) -> str | None:
        box = self._box(purpose)
        try:
            if lasts is None:
                plain = box.decrypt(token)
            else:
                plain = box.decrypt_at_time(token, int(lasts.total_seconds()), int(self._now().timestamp()))
        except (InvalidToken, ValueError):
            return None
        return plain.rstrip(b"\0").decode()

    def _box(self, purpose: str) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(hmac.digest(self._key, f"pages: {purpose}".encode(), "sha256")))
