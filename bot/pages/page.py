"""What a page is: a function from a visit to what is shown, declared with who may open it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge.people import Person, Role

T = TypeVar("T")


class Look(Protocol):
    """Runs work on a worker thread, in one transaction, and returns what it returns."""

    async def __call__(self, work: Callable[[Desk], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody known. `reader` is as they are now, roles and all.

    `look` reads, `change` writes (in one transaction, audited as in a turn; what it posts is sent). `query` and `form`
    hold the first value of each name; `form` is empty but for a POST. `base` is our own address.
    """

    reader: Person
    say: Say
    now: datetime
    look: Look
    change: Look
    query: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict)
    posted: bool = False
    base: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: a template of `bot/pages/templates` and what it is filled with. `title` is for the browser's tab; ""
    takes the page's own."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """Something that is no page. With a `name` it is downloaded under it, without one it is shown where it stands."""

    content: bytes
    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """Another page of ours instead, after a form was sent."""

    path: str


Handler = Callable[[Visit], Awaitable[Shown | File | Moved]]
Fetched = Callable[[str, Look], Awaitable[File | None]]


@dataclass(frozen=True, slots=True)
class Page:
    """`title` is the key of its name. Whoever holds one of `roles` anywhere may open it; what they may see of it is
    decided by place, in the use case. `listed` pages stand in the navigation."""

    path: str
    title: str
    handler: Handler
    roles: frozenset[Role]
    listed: bool
    posts: bool

    def open_to(self, reader: Person) -> bool:
        return reader.has_somewhere(*self.roles)


@dataclass(frozen=True, slots=True)
class Address:
    """What is fetched without a session: `Pages.address(kind, said)` leads here for as long as it `lasts` (None: for
    ever). The handler gets `said` and returns None where there is nothing any more."""

    kind: str
    handler: Fetched
    lasts: timedelta | None
    kept: timedelta = timedelta(days=1)
    """How long whoever fetched it need not ask again."""


PAGES: dict[str, Page] = {}
ADDRESSES: dict[str, Address] = {}


def page(
    path: str,
    *,
    title: str,
    roles: frozenset[Role] = frozenset({Role.MEMBER}),
    listed: bool = True,
    posts: bool = False,
) -> Callable[[Handler], Handler]:
    """Declares a page; `posts` where it takes a form, too. Raises ValueError for a path that is taken."""

    def declare(handler: Handler) -> Handler:
        if path in PAGES:
            raise ValueError(f"{path} is another page")
        PAGES[path] = Page(path, title, handler, roles, listed, posts)
        return handler

    return declare


def address(kind: str, *, lasts: timedelta | None, kept: timedelta = timedelta(days=1)) -> Callable[[Fetched], Fetched]:
    """Declares what stands at an address that needs no session."""

    def declare(handler: Fetched) -> Fetched:
        if kind in ADDRESSES:
            raise ValueError(f"{kind} is another address")
        ADDRESSES[kind] = Address(kind, handler, lasts, kept)
        return handler

    return declare
