"""Fetching a calendar: from the public internet alone, through every redirect, in bounded time and size."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.calendars.fetching import CalendarFetcher, Fetched, PublicResolver, is_public
from knowledge.ics.reading import LARGEST


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2001:4860:4860::8888", True),
        ("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False),
        ("255.255.255.255", False), ("::1", False), ("::", False), ("fe80::1%eth0", False), ("fd00::1", False),
        ("ff02::1", False), ("::ffff:10.0.0.1", False), ("::ffff:127.0.0.1", False), ("64:ff9b::a00:1", False),
        ("2002:a00:1::1", False), ("not an address", False), ("", False),
    ],
)  # fmt: skip
def test_an_address_is_public_or_it_is_not_asked(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest_asyncio.fixture
async def server() -> AsyncIterator[TestServer]:
    async def steady(_request: web.Request) -> web.Response:
        return web.Response(text="BEGIN:VCALENDAR", headers={"ETag": '"a"', "Last-Modified": "Mon"})

    async def same(request: web.Request) -> web.Response:
        assert request.headers["If-None-Match"] == '"a"'
        assert request.headers["If-Modified-Since"] == "Mon"
        return web.Response(status=304)

    async def on(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async def long(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(LARGEST // 1_000_000 + 2):
            await answer.write(b"x" * 1_000_000)
        return answer

    async def never(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async def squeezed(_request: web.Request) -> web.Response:
        return web.Response(body=b"x", headers={"Content-Encoding": "gzip"})

    async def status(request: web.Request) -> web.Response:
        return web.Response(status=int(request.match_info["code"]))

    application = web.Application()
    application.add_routes(
        [
            web.get("/a", steady), web.get("/same", same), web.get("/on", on), web.get("/long", long),
            web.get("/never", never), web.get("/squeezed", squeezed), web.get("/status/{code}", status),
        ]
    )  # fmt: skip
    async with TestServer(application) as running:
        yield running


async def test_a_calendar_comes_with_what_tells_its_version(server: TestServer) -> None:
    fetcher = CalendarFetcher(loopback=True)
    assert await fetcher.fetch(str(server.make_url("/a"))) == Fetched(b"BEGIN:VCALENDAR", '"a"', "Mon")
    again = await fetcher.fetch(str(server.make_url("/same")), '"a"', "Mon")
    assert again.unchanged
    assert (again.etag, again.modified) == ('"a"', "Mon")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/status/401", "refused"), ("/status/403", "refused"), ("/status/404", "gone"), ("/status/410", "gone"),
        ("/status/500", "busy"), ("/long", "too_large"), ("/never", "slow"), ("/squeezed", "busy"),
        ("/on?to=/on", "gone"), ("/on?to=http://10.0.0.1/", "insecure"), ("/on?to=https://10.0.0.1/", "private"),
        ("/on?to=https://169.254.169.254/", "private"), ("/on?to=file:///etc/passwd", "insecure"),
        ("/on?to=https://[::1]:8443/", "unknown"),
    ],
)  # fmt: skip
async def test_what_goes_wrong_has_a_word(server: TestServer, path: str, problem: str) -> None:
    url = str(server.make_url("/")).rstrip("/") + path.replace("/on?to=/on", "/status/404")
    assert (await CalendarFetcher(loopback=True, seconds=2).fetch(url)).problem == problem


async def test_a_circle_of_redirects_ends(server: TestServer) -> None:
    url = server.make_url("/on")
    assert (await CalendarFetcher(loopback=True).fetch(f"{url}?to={url}%3Fto%3D/on")).problem in ("redirects", "busy")


async def test_this_machine_is_asked_in_development_alone(server: TestServer) -> None:
    for url in (str(server.make_url("/a")), "https://localhost/a", "https://127.0.0.1/a"):
        assert (await CalendarFetcher().fetch(url)).problem in ("insecure", "private")


async def test_a_name_that_leads_into_our_own_network_does_not_resolve() -> None:
    with pytest.raises(OSError, match="network of its own"):
        await PublicResolver().resolve("localhost", 443)
    assert await PublicResolver(loopback=True).resolve("localhost", 443)
