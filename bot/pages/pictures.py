"""Plots as pictures for chat and e-mail, at addresses that need no session: what they show, everybody of a desk is told
anyway, and the address says nothing of it."""

from datetime import UTC, datetime, timedelta

from bot.pages.page import File, Look, address
from bot.plots import drawing, surveys
from dialogs.wording import say_in
from knowledge import reporting

LASTS = timedelta(days=62)
"""A card in a chat is scrolled back to for some weeks, and its picture is fetched anew each time."""


@address("picture", lasts=LASTS)
async def picture(said: str, look: Look) -> File | None:
    """`said` is a plot, a closed month and a language: "domains 2026-10 fr"."""
    kind, month, language = said.split(" ")
    year, number = map(int, month.split("-"))
    say = say_in(language)
    of = await look(lambda work: reporting.made(work, datetime(year, number, 1, tzinfo=UTC)))
    plot = surveys.domains(say, of) if kind == "domains" else None
    drawn = None if plot is None else await drawing.png(plot.wide)
    return None if drawn is None else File(drawn, "image/png")
