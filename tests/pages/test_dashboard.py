"""The dashboard over a measured community: who may open which part, what stands there, and nothing that is not told."""

import csv
import io
import json
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from openpyxl import load_workbook
from sqlalchemy import delete, insert, select, update

from app import House
from bot.pages.dashboard import plotted
from bot.plots import drawing
from bot.plots.plot import Plot
from bot.settings import Settings
from dialogs.wording import say_in
from knowledge import dashboard as boards
from knowledge import reporting
from knowledge.dashboard import Board, Choice
from knowledge.measurement.disclosure import ELSEWHERE
from knowledge.people import Role
from knowledge.places import LANGUAGES
from knowledge.reporting import Line
from storage.database import Database
from storage.schema import network, person, response_count, role_grant, turnout
from tests.chat.player import FakeClock
from tests.pages.conftest import Door
from tests.pages.pilot import FACILITATOR, NOW, written


@pytest.fixture
def measured(tmp_path: Path) -> Iterator[Database]:
    shutil.copy(written(), tmp_path / "pilot.db")
    database = Database(f"sqlite:///{tmp_path / 'pilot.db'}")
    yield database
    database.close()


@pytest_asyncio.fixture
async def desk(measured: Database) -> AsyncIterator[Door]:
    house = House(Settings(_env_file=None), database=measured, now=FakeClock(NOW))
    application = web.Application()
    application.add_routes(house.pages.routes())
    async with TestClient(TestServer(application)) as client:
        yield Door(house, FakeClock(NOW), client)


def board(door: Door, chosen: Choice | None = None) -> Board:
    with door.house.database.begin() as connection:
        work = door.house.work(connection)
        return boards.board(work, work.people.get(door.number(FACILITATOR)), chosen or Choice())


def somebody(door: Door, role: Role, there: int | None) -> str:
    """A member of the pilot who holds one role, in a network or everywhere."""
    with door.house.database.begin() as connection:
        row = connection.execute(select(person.c.id, person.c.key).where(person.c.key != FACILITATOR).limit(1)).one()
        connection.execute(insert(role_grant), {"person_id": row.id, "role": role.value, "network_id": there})
        door.house.work(connection).people.forget(row.id)
    return str(row.key)


def networks(door: Door) -> list[int]:
    with door.house.database.reading() as connection:
        return list(connection.execute(select(network.c.id).order_by(network.c.id)).scalars())


async def test_the_facilitator_sees_the_domains_targets_and_plots_of_the_last_month(desk: Door) -> None:
    answer = await desk.open(FACILITATOR, "/dashboard")
    text = await answer.text()
    assert answer.status == 200
    assert text.count('<figure class="plot') >= 8
    for key in ("domains", "items", "spread", "response", "agreement", "trend", "waiting", "people"):
        assert f'data-plot="{key}"' in text
    assert '<img src="data:image/svg+xml;base64,' in text
    assert "http://" not in re.sub(r'<script type="application/json">.*?</script>', "", text).replace(
        "http://www.w3.org", ""
    )


async def test_the_printable_report_opens_every_item(desk: Door) -> None:
    await desk.open(FACILITATOR, "/home")
    text = await (await desk.client.get("/dashboard/report?month=2026-10")).text()
    assert text.count('<details class="item" open>') == 14
    assert 'name="month"' not in text


@pytest.mark.parametrize("query", ["month=2026-13", "month=x", "month=2026-11", "network=x", "network=999", "region=x"])
async def test_what_is_no_choice_is_refused_in_words(desk: Door, query: str) -> None:
    await desk.open(FACILITATOR, "/home")
    assert (await desk.client.get(f"/dashboard?{query}")).status == 403
    assert (await desk.client.get(f"/dashboard/figures?as=csv&{query}")).status == 403


async def test_a_member_is_told_nothing_of_it(desk: Door) -> None:
    with desk.house.database.reading() as connection:
        key = connection.execute(select(person.c.key).where(person.c.key != FACILITATOR).limit(1)).scalar_one()
    for path in ("/dashboard", "/dashboard/report", "/dashboard/figures?as=csv"):
        answer = await desk.open(key, path)
        assert answer.status == 403
        assert "%" not in re.sub(r"<[^>]*>", "", await answer.text())


async def test_a_moderator_sees_their_network_and_no_other(desk: Door) -> None:
    here, there = networks(desk)[:2]
    key = somebody(desk, Role.MODERATOR, here)
    answer = await desk.open(key, "/dashboard")
    text = await answer.text()
    assert answer.status == 200
    # Survey answers carry no network: nothing of them is told here.
    assert 'data-plot="items"' not in text
    assert f'<option value="{here}" selected>' in text
    assert f'<option value="{there}"' not in text
    refused = await desk.client.get(f"/dashboard?network={there}")
    nobodys = await desk.client.get("/dashboard?network=99999")
    assert (refused.status, nobodys.status) == (403, 403)
    assert await refused.text() == await nobodys.text()


async def test_the_km_team_sees_the_networks_side_by_side_and_a_facilitator_does_not(desk: Door) -> None:
    assert 'id="compared"' not in await (await desk.open(FACILITATOR, "/dashboard")).text()
    key = somebody(desk, Role.KM_TEAM, None)
    assert 'id="compared"' in await (await desk.open(key, "/dashboard")).text()


async def test_two_looks_at_a_closed_month_tell_the_same(desk: Door) -> None:
    first = await (await desk.open(FACILITATOR, "/dashboard")).text()
    assert await (await desk.client.get("/dashboard")).text() == first


async def test_figures_come_in_three_formats_and_say_the_same(desk: Door) -> None:
    await desk.open(FACILITATOR, "/home")
    got = {}
    for ending in ("csv", "json", "xlsx"):
        answer = await desk.client.get(f"/dashboard/figures?as={ending}&month=2026-10")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="figures-2026-10.{ending}"'
        got[ending] = await answer.read()
    table = list(csv.DictReader(io.StringIO(got["csv"].decode("utf-8-sig"))))
    rows = json.loads(got["json"])["rows"]
    sheet = load_workbook(io.BytesIO(got["xlsx"]))["figures"]
    assert len(table) == len(rows) == sheet.max_row - 1 > 100


async def test_a_picture_for_chat_is_fetched_without_a_session(desk: Door) -> None:
    with desk.house.database.begin() as connection:
        work = desk.house.work(connection)
        (notice,) = reporting.report(work, work.people.get(desk.number(FACILITATOR)))
    path = urlsplit(notice.values["picture"]).path
    assert "2026" not in path
    answer = await desk.client.get(path)
    assert (answer.status, answer.content_type) == (200, "image/png")
    assert (await answer.read()).startswith(b"\x89PNG")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plot_is_valid_by_the_schema_and_says_what_it_shows(desk: Door, language: str) -> None:
    import altair

    for plot in plotted(say_in(language), board(desk)):
        for one in (plot.wide, plot.narrow):
            altair.Chart.from_dict(one, validate=True)
        assert plot.title.strip()
        assert plot.alt.strip().endswith(".")
        assert all(len(row) == len(plot.head) for row in plot.rows)


async def test_a_plot_that_cannot_be_drawn_leaves_its_table(caplog: pytest.LogCaptureFixture) -> None:
    assert await drawing.svg({"mark": "secret figure"}) is None
    assert "secret" not in caplog.text


# Nothing that may not be told


def test_every_number_in_every_plot_is_one_that_the_report_tells(desk: Door) -> None:
    """Walks each number of each specification and table: whatever is drawn of an item, a region or a way between them
    is what `results.released` and the kept release of the month say of it."""
    shown = board(desk)
    told = told_shares(shown)
    for plot in plotted(say_in("en"), shown):
        for number in numbers_of(plot):
            assert any(abs(number - known) < 1e-4 for known in told), (plot.key, number)


async def test_a_region_with_too_few_answers_stands_nowhere_on_the_page_or_in_a_download(desk: Door) -> None:
    """Whatever the tables hold of it: three answers of a region are told as those of all others."""
    few = response_count.c.region == "africa"
    with desk.house.database.begin() as connection:
        connection.execute(delete(response_count).where(few, response_count.c.point != 4))
        connection.execute(update(response_count).where(few).values(count=3))
        connection.execute(update(turnout).where(turnout.c.region == "africa").values(asked=4, answered=3))
    page = await (await desk.open(FACILITATOR, "/dashboard/report")).text()
    shown = board(desk)
    told = {region for section in shown.report.sections for line in section.lines for region in apart(line)}
    # Others are told apart, so that it is not for want of any.
    assert "africa" not in told
    assert told - {ELSEWHERE}
    by_item = re.findall(r'<th scope="row">([^<]*)</th><td>\d+\s%\sde acuerdo', page)
    assert say_in("es")("region.africa") not in by_item
    for name in told - {ELSEWHERE, "global"}:
        assert say_in("es")(f"region.{name}") in by_item
    for plot in plotted(say_in("en"), shown):
        if plot.key in ("items", "spread", "response"):
            assert "Africa" not in json.dumps([plot.rows, plot.wide, plot.narrow])
    rows = json.loads(await (await desk.client.get("/dashboard/figures?as=json")).text())["rows"]
    regions = {row.get("region") for row in rows if row["kind"] in ("item", "response")}
    assert "africa" not in regions
    assert {"elsewhere", *told} - {ELSEWHERE} <= regions


def apart(line: Line) -> set[str]:
    return set(line.latest.apart) if line.latest is not None else set()


async def test_every_number_of_an_item_in_a_download_is_one_that_is_told(desk: Door) -> None:
    await desk.open(FACILITATOR, "/home")
    rows = json.loads(await (await desk.client.get("/dashboard/figures?as=json&month=2026-10")).text())["rows"]
    told: dict[tuple[str, str, str], tuple[int, ...]] = {}
    for line in (line for section in board(desk).report.sections for line in section.lines):
        for survey, one in (("latest", line.latest), ("baseline", line.baseline)):
            if one is not None:
                told[line.item, survey, ""] = one.together.counts
                for region, of in one.apart.items():
                    told[line.item, survey, region or "elsewhere"] = of.counts
    found = {
        (row["key"], row["survey"], row.get("region", "")): tuple(row[f"points_{point}"] for point in range(1, 6))
        for row in rows
        if row["kind"] == "item"
    }
    assert found == told


def told_shares(shown: Board) -> set[float]:
    """Every figure that the reports of the months tell, as a part and as a whole percentage, and what an axis needs."""
    found: set[float] = {0.0, 1.0, -1.0}

    def add(*values: float | None) -> None:
        found.update(value for value in values if value is not None)
        found.update(round(100 * value) for value in values if value is not None)

    for of in shown.trend:
        for section in of.sections:
            for index in (section.latest, section.baseline):
                if index is not None:
                    add(index.part, index.low, index.high, index.told, index.items)
            for line in section.lines:
                for one in (line.latest, line.baseline):
                    if one is None:
                        continue
                    share, counts, n = one.together.favourable, one.together.counts, one.together.n
                    add(share.part, share.low, share.high, share.count, share.n, n, *counts)
                    at = -(counts[0] + counts[1] + counts[2] / 2) / n
                    for count in counts:
                        add(at, at + count / n, count / n)
                        at += count / n
        for share in of.responses.values():
            add(share.part, share.low, share.high, share.count, share.n)
        for figure in of.figures.values():
            add(figure.value, figure.expected, figure.ninety, figure.n, figure.count)
            if figure.share is not None:
                add(figure.share.part, figure.share.low, figure.share.high)
        for flow in (*of.regions, *of.networks):
            add(flow.answers)
        for some in (of.regions, of.networks):
            add(sum(flow.answers for flow in some))
            add(sum(flow.answers for flow in some if flow.source == flow.target != ELSEWHERE))
        if of.activity.done is not None and of.activity.done.wait is not None:
            for point in of.activity.done.wait.curve:
                add(point.hours, point.answered, point.low, point.high)
        for standing in of.standings:
            add(standing.wanted, standing.target.least, standing.target.most)
    return found | {round(value, 4) for value in found}


def numbers_of(plot: Plot) -> Iterator[float]:
    """The figures in a plot's data, in both its specifications, and those in its table."""
    for spec in (plot.wide, plot.narrow):
        yield from _values(spec)
    for row in plot.rows:
        for cell in row:
            # A share as people read it: its percentages; hours, months and names carry other numbers.
            yield from (float(found) for found in re.findall(r"(\d+)%", cell))


def _values(part: Any) -> Iterator[float]:
    if isinstance(part, dict):
        for name, inner in part.items():
            if name == "values" and isinstance(inner, list) and inner and isinstance(inner[0], dict):
                for row in inner:
                    yield from (
                        float(value)
                        for key, value in row.items()
                        if isinstance(value, int | float) and key not in ("place", "at")
                    )
            else:
                yield from _values(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _values(inner)
