"""Which addresses we answer to, and may send a token to."""

import ipaddress
import re
from collections.abc import Collection

# A strict form instead of a URL parser: two parsers that disagree about "https://good@evil" or "good\evil" are how a
# token ends up elsewhere. No user, no query, no fragment, no percent signs, no other port.
_PATH = r"(?P<path>(?:/[A-Za-z0-9._~-]*)*)"
_SECURE = re.compile(r"https://(?P<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)(?::443)?" + _PATH)
_LOOPBACK = re.compile(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?" + _PATH)
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_LONGEST = 500


def service_base(url: str, hosts: Collection[str], *, development: bool) -> str | None:
    """The serviceUrl without its last slash, or None when we must not talk to it.

    https and exactly one of `hosts`; in development also http on loopback.
    """
    if len(url) > _LONGEST:
        return None
    secure = _SECURE.fullmatch(url)
    match = secure or (_LOOPBACK.fullmatch(url) if development else None)
    if match is None or {".", ".."} & set(match["path"].split("/")):
        return None
    if secure and secure["host"].lower() not in hosts:
        return None
    return url.rstrip("/")


def is_fetchable(url: str, *, development: bool) -> bool:
    """Whether signing keys or tokens may come from there: https anywhere, http on loopback in development."""
    return url.startswith("https://") or (development and _LOOPBACK.fullmatch(url) is not None)


def is_loopback_peer(peer: str | None) -> bool:
    """Whether the other end of the connection is this machine. None (unknown) is not."""
    try:
        address = ipaddress.ip_address(peer or "")
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def is_local_name(host: str) -> bool:
    """Whether a Host header names this machine, with or without a port."""
    return re.sub(r":[0-9]{1,5}\Z", "", host.lower()) in _LOCAL_NAMES
