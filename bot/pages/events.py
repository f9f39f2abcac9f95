"""The calendar in a browser, and what calendar programs fetch: one event, or a feed at a secret address."""

from datetime import UTC, date, datetime, time, timedelta

from bot.pages.page import File, Look, Shown, Visit, address, page
from dialogs.event_cards import zone_of_reader
from dialogs.moments import called, for_reader, span
from dialogs.ports import Desk
from dialogs.wording import say_in
from knowledge import eventing, feeding, routing
from knowledge.held import Kind
from knowledge.hours import zone_of

DAYS = 28
"""Shown at a time."""
MOST = 200
LASTS = timedelta(days=60)
"""How long the file of one event can be fetched."""
_KIND = "text/calendar"


@page("/events", title="pages.events")
async def events(visit: Visit) -> Shown:
    """`from` is a day (ISO), `network` its number, `mine` anything for what is the reader's alone."""
    reader, say = visit.reader, visit.say
    zone = zone_of(reader.time_zone)
    today = visit.now.astimezone(zone).date()
    since = _day(visit.query.get("from", ""), today)
    until = since + timedelta(days=DAYS)
    mine = bool(visit.query.get("mine"))
    network = int(said) if (said := visit.query.get("network", "")).isdecimal() and len(said) < 18 else None
    begins, ends = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (since, until))

    def look(desk: Desk) -> tuple[eventing.Overview, list[tuple[int, str]], dict[tuple[int, str], dict[Kind, str]]]:
        found = eventing.overview(desk, reader, begins, ends, theirs=mine, network=network, most=MOST, held=False)
        readable = [one for one in desk.catalogue.networks if reader.may_read(one.audience, one.id)]
        names = sorted(((one.id, one.name(say.language)) for one in readable), key=lambda one: one[1].casefold())
        # What takes place later has left nothing yet.
        begun = [line for line in found.lines if line.occurrence.starts_at <= visit.now]
        left = {
            (line.event.id, line.occurrence.key): {
                one.kind: one.text for one in desk.held.materials(line.event.id, line.occurrence.key)
            }
            for line in begun
        }
        return found, names, left

    found, networks, left = await visit.look(look)
    here = zone_of_reader(say)
    rows = [
        {
            "number": line.event.id,
            "title": line.occurrence.title,
            "kind": say(f"event.kind_{line.event.kind}"),
            "at": line.occurrence.starts_at.isoformat(),
            "when": for_reader(say, line.event, line.occurrence, here, short=True),
            "there": "" if line.occurrence.all_day else span(say, line.occurrence, line.event.zone, short=True),
            "place": line.occurrence.place,
            "link": line.occurrence.link,
            "network": dict(networks).get(line.event.network or 0, ""),
            "answer": say(f"event.short_{line.answer}") if line.answer else "",
            "description": line.event.description,
            "notes": left.get((line.event.id, line.occurrence.key), {}).get(Kind.NOTES, ""),
            "recording": left.get((line.event.id, line.occurrence.key), {}).get(Kind.RECORDING, ""),
        }
        for line in found.lines
    ]
    return Shown(
        "events.html",
        {
            "rows": rows,
            "more": found.more,
            "networks": networks,
            "network": network,
            "mine": mine,
            "since": since.isoformat(),
            "earlier": (since - timedelta(days=DAYS)).isoformat(),
            "later": until.isoformat(),
            "first": say.day(begins),
            "last": say.day(ends - timedelta(minutes=1)),
            "zone": called(say, here),
        },
    )


def _day(said: str, today: date) -> date:
    try:
        found = date.fromisoformat(said)
    except ValueError:
        return today
    # Near enough that its days can be worked out in any zone.
    return found if 2000 <= found.year <= 2100 else today


@address(feeding.ONE, lasts=LASTS)
async def event_file(said: str, look: Look) -> File | None:
    content = await look(lambda desk: feeding.event_file(desk, said))
    return None if content is None else File(content, _KIND, "event.ics")


@address(feeding.MANY, lasts=None, kept=timedelta(minutes=10))
async def feed(said: str, look: Look) -> File | None:
    def told(desk: Desk) -> bytes | None:
        owner = desk.feeds.whose(feeding.digest(said))
        if owner is None:
            return None
        language = desk.people.get(owner[0]).language
        network = routing.network_of(desk, owner[1])
        name = network.name(language) if network else say_in(language)("calendar.feed_name")
        return feeding.feed_file(desk, said, name)

    content = await look(told)
    return None if content is None else File(content, _KIND)
