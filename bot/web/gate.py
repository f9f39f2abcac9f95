"""Who may open the page: a browser on this machine, from the page itself. And what the browser may then load."""

import ipaddress
import re

from aiohttp import web

from bot.serving import Handler, headers

_LOOPBACK_NAME = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
# A tunnel or proxy on this machine has a loopback address too, and speaks for somebody elsewhere.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "Via")

HEADERS = headers()


def guarded(handler: Handler) -> Handler:
    """The handler for requests from this machine alone; everybody else gets 403 and no word of what is here."""

    async def inside(request: web.Request) -> web.StreamResponse:
        if not is_local(request):
            return web.Response(status=403, text="Only for a browser on this machine.\n", headers=HEADERS)
        if request.method not in ("GET", "HEAD") and not is_own_page(request):
            return web.Response(status=403, text="Only for the page itself.\n", headers=HEADERS)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    return inside


def is_local(request: web.Request) -> bool:
    """Whether the peer is this machine, speaking for itself, under a name that only this machine has.

    The name matters: a page elsewhere may point its own name at 127.0.0.1 (DNS rebinding).
    """
    return (
        _is_loopback(request.remote or "")
        and _LOOPBACK_NAME.fullmatch(request.headers.get("Host", "")) is not None
        and not any(header in request.headers for header in _FORWARDED)
    )


def is_own_page(request: web.Request) -> bool:
    """Whether a page of this very address sent it. Browsers name the origin of every POST."""
    return (
        request.headers.get("Origin", "") == f"{request.scheme}://{request.headers['Host']}"
        and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    )


def _is_loopback(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_loopback
