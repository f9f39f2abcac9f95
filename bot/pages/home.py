"""Where somebody begins: the pages that they may open."""

from bot.pages.page import Shown, Visit, page


@page("/home", title="pages.home")
async def home(visit: Visit) -> Shown:
    # What is listed stands in the navigation already; here with what each is for.
    return Shown("home.html")
