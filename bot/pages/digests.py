"""Digests that went out: of each, what its reader may read now."""

from bot.pages.page import Shown, Visit, page
from knowledge import digesting


@page("/digests", title="digest.page_title")
async def digests(visit: Visit) -> Shown:
    found = await visit.look(lambda desk: digesting.past(desk, visit.reader))
    return Shown("digests.html", {"digests": found})
