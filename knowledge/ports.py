"""What the use cases need kept, as they see it. One `Work` is one transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from knowledge.assist import Assist
from knowledge.audit import Entry
from knowledge.contributions import Contributions
from knowledge.desk_work import Move, Note
from knowledge.flag import Flag, Reaction
from knowledge.flag import State as FlagState
from knowledge.hours import Hours
from knowledge.item import Item
from knowledge.ledger import Asked, Turn
from knowledge.load import Allowance, Carried
from knowledge.matching.port import Catalogue, Matcher
from knowledge.measurement.activity import Passage
from knowledge.measurement.frameworks import Frameworks
from knowledge.measurement.results import Result
from knowledge.mixing import Kept, Remark, Response
from knowledge.people import Person, Role
from knowledge.places import Audience, Widening
from knowledge.question import Question, Relay, State
from knowledge.survey import Survey


class People(Protocol):
    def get(self, person: int) -> Person:
        """Raises KeyError for an id nobody has."""
        ...

    def having(self, role: Role, network: int | None = None) -> list[Person]:
        """Who holds the role everywhere or, if a network is named, there. Sorted by id."""
        ...

    def having_somewhere(self, role: Role) -> list[Person]:
        """Who holds the role anywhere at all. Sorted by id."""
        ...

    def in_network(self, network: int) -> list[Person]:
        """Its members. Sorted by id."""
        ...

    def named(self, text: str, limit: int = 5) -> list[Person]:
        """Everybody whose name contains the words of `text`, accents and case aside; an exact name alone."""
        ...

    def set_language(self, person: int, language: str) -> None: ...

    def block(self, person: int, question: int, by: int, now: datetime) -> bool:
        """Keeps somebody from writing to others; False when they are kept from it for that question already."""
        ...

    def unblock(self, person: int, question: int) -> bool:
        """False when they were not blocked for that question. They may still be for another."""
        ...

    def with_key(self, key: str) -> Person | None:
        """Whoever is known by that key: an address, or a channel's id of somebody first met there."""
        ...

    def grant(self, person: int, role: Role, network: int | None, by: int) -> None:
        """Gives a role, everywhere or in one network, that they do not hold yet; no import takes it back."""
        ...

    def revoke(self, person: int, role: Role, network: int | None) -> None:
        """Takes back a role that they hold, whoever gave it."""
        ...

    def prefer(self, person: int, /, **preferences: object) -> None:
        """Keeps what somebody chose for themselves: `supervisor_id`, `away_until` (UTC), `weekly_cap`, `channel`."""
        ...


class Personal(Protocol):
    """All that is kept of one person, wherever it lies."""

    def about(self, person: int) -> Mapping[str, Sequence[Mapping[str, object]]]:
        """Every row about them by table, JSON-ready, without whatever names somebody else."""
        ...

    def forget(self, person: int) -> None:
        """Removes or empties all of it. Twice changes nothing more."""
        ...


class AuditLog(Protocol):
    """What was done with privilege."""

    def note(self, entry: Entry) -> None: ...

    def newest(self, about: str = "", limit: int = 20) -> list[Entry]:
        """Newest first; `about` as in `Entry`, "" for all."""
        ...


class Notes(Protocol):
    """What people of a desk write to each other about questions."""

    def add(self, note: Note) -> int:
        """Keeps it and returns its number."""
        ...

    def drop(self, note: int) -> None: ...

    def about(self, question: int) -> list[Note]:
        """Oldest first."""
        ...


class Moves(Protocol):
    """The last desk command of each person."""

    def put(self, move: Move) -> None:
        """Takes the place of this person's last."""
        ...

    def last(self, person: int) -> Move | None: ...

    def drop(self, person: int) -> None: ...


class Items(Protocol):
    def get(self, item: int) -> Item | None: ...

    def keyed(self, key: str) -> Item | None: ...

    def add(self, item: Item) -> Item:
        """Keeps a new item and returns it with its number."""
        ...


class Questions(Protocol):
    def add(self, question: Question) -> Question:
        """Keeps a new question and returns it with its number."""
        ...

    def get(self, question: int) -> Question | None: ...

    def save(self, question: Question) -> Question:
        """Keeps the move; returns it with the next version. Raises Conflict when somebody moved it first."""
        ...

    def add_relay(self, question: int, relay: Relay) -> None: ...

    def answers(self, question: int) -> list[Relay]:
        """What crossed from the experts' side, in order."""
        ...

    def last_answer(self, question: int) -> int:
        """The number of the last relay from an expert's side; 0 when nothing crossed from there."""
        ...

    def asked_by(self, person: int, limit: int = 20) -> list[Question]:
        """Newest first."""
        ...

    def of(self, person: int) -> list[Question]:
        """Every question they asked or that was brought to them, oldest first."""
        ...

    def offered_to(self, person: int) -> list[Question]:
        """Those that this person may still take or decline. Oldest first."""
        ...

    def between(self, person: int) -> list[Question]:
        """Those in which this person, as asker or as expert, can write to the other side. Oldest first."""
        ...

    def due(self, now: datetime, limit: int) -> list[int]:
        """Numbers of the questions whose due time has come, earliest first."""
        ...

    def add_impact(self, question: int, person: int, text: str, at: datetime) -> None:
        """Keeps somebody's note on what their answer led to; a later one takes its place."""
        ...

    def contributions(self, person: int) -> Contributions:
        """What somebody's answers came to."""
        ...

    def carried(self, since: datetime) -> Mapping[int, Carried]:
        """What was offered to whom since a time (UTC), by person; those who got nothing are left out."""
        ...

    def in_states(self, states: Collection[State]) -> list[Question]:
        """All of them, oldest first, by the time they were asked."""
        ...

    def merged_into(self, question: int) -> list[Question]:
        """Those whose askers wait for the answers to this one. By number."""
        ...


class Surveys(Protocol):
    def add(self, survey: Survey) -> Survey:
        """Keeps a new survey and returns it with its number."""
        ...

    def get(self, survey: int) -> Survey | None: ...

    def save(self, before: Survey, survey: Survey) -> Survey:
        """Raises Conflict when somebody changed it first."""
        ...

    def running(self) -> list[Survey]: ...

    def of_framework(self, version: str) -> list[Survey]:
        """Those of that version of the framework that were ever started, oldest first."""
        ...

    def results(self, survey: Survey) -> list[Result]:
        """What may be told of a closed survey; nothing of one that is open."""
        ...

    def newest(self, limit: int = 10) -> list[Survey]: ...

    def last_noted(self) -> Survey | None:
        """The survey closed last, if something was said of what became of it."""
        ...

    def usual_rate(self) -> float | None:
        """Of those who were asked in closed surveys, the part that answered; None while none was closed."""
        ...

    def due(self, now: datetime, limit: int) -> list[int]:
        """Running or paused surveys whose days are over."""
        ...

    def keep(self, survey: Survey, kept: Kept) -> None:
        """Writes what remains of a closed survey, empties its box, and forgets who answered."""
        ...


class Pulses(Protocol):
    """The ledger."""

    def turn(self, person: int) -> Turn | None: ...

    def save_turn(self, turn: Turn) -> None:
        """Raises Conflict when another replica, or the member, was first."""
        ...

    def turns(self) -> list[Turn]:
        """The turn of everybody who can be reached, new ones among them."""
        ...

    def enrol(self, turns: Sequence[Turn]) -> None:
        """Keeps when each is looked at next."""
        ...

    def members(self) -> int:
        """How many can be reached and have not stopped."""
        ...

    def due(self, now: datetime, limit: int) -> list[int]:
        """People whose turn has come, the longest waiting first."""
        ...

    def reminders(self, now: datetime, limit: int) -> list[int]:
        """Numbers of open pulses whose reminder is due."""
        ...

    def ask(self, asked: Asked) -> Asked | None:
        """Writes the line and returns it with its number; None when the same was asked before."""
        ...

    def get(self, pulse: int) -> Asked | None: ...

    def save(self, before: Asked, asked: Asked) -> Asked:
        """Raises Conflict when it has changed since it was read."""
        ...

    def open_of(self, person: int) -> list[Asked]:
        """Oldest first."""
        ...

    def begun(self, survey: int, person: int) -> bool:
        """Whether a member was asked anything of a survey."""
        ...

    def to_come(self, survey: Survey, person: int) -> list[str]:
        """The items of a survey a member was not asked yet, in its order."""
        ...

    def asked_in_cycle(self, person: int, cycle: int) -> Collection[str]: ...

    def turnout(self, survey: Survey) -> tuple[int, int] | None:
        """How many pulses were sent and how many of them answered: while it runs in steps of the least that is told of,
        or whoever looks again and again would see who answers; None where it may not be told of a closed one."""
        ...


class Box(Protocol):
    """Where answers lie sealed until their survey closes."""

    @property
    def mark(self) -> str:
        """Recognises the key; "" when there is none, and nothing can be sealed."""
        ...

    def put(self, survey: int, what: Response | Remark) -> None: ...

    def opened(self, survey: int) -> Iterable[Response | Remark]:
        """In no order. Raises ValueError when one was sealed with another key."""
        ...

    def blind(self, text: str) -> str:
        """A keyed digest: equal for equal texts, and nobody can try out which text it was."""
        ...


class Measurement(Protocol):
    """What the community did, window by window."""

    def passages(self, since: datetime, until: datetime) -> list[Passage]:
        """The questions that were sent, or settled unsent, from `since` to before `until`."""
        ...

    def joined(self) -> list[datetime]:
        """When each member came."""
        ...

    def active(self, since: datetime, until: datetime) -> set[int]:
        """Who asked, answered or settled something."""
        ...


class Links(Protocol):
    """Accounts of one person, and the codes that link them. A code is kept by its digest only."""

    def issue(self, number: int, digest: str, expires_at: datetime) -> None:
        """Keeps a code for this person, in the place of an earlier one."""
        ...

    def redeem(self, digest: str, now: datetime) -> int | None:
        """Uses a code up; returns whose it was, None when there is none or its time is over."""
        ...

    def tries(self, number: int, since: datetime) -> int:
        """How many wrong codes this person typed since."""
        ...

    def note_try(self, number: int, now: datetime) -> None: ...

    def is_newcomer(self, number: int) -> bool:
        """Whether nobody knows more of them than the channel in which they were first met."""
        ...

    def apart(self, one: int, other: int) -> bool:
        """Whether these cannot become one: an import knows both, both are on one channel, or both have a part in one
        question, flag or peer assist."""
        ...

    def channels(self, number: int) -> list[str]:
        """The names of the channels on which they can be written to."""
        ...

    def places(self, number: int) -> list[int]:
        """Our numbers of all their conversations that work."""
        ...

    def merge(self, keeper: int, other: int) -> None:
        """All that was the other's is the keeper's; where both chose something, the keeper's choice holds."""
        ...

    def split(self, keeper: int, reach: Audience, now: datetime) -> bool:
        """Each linked account is a newcomer's again; False when there is none."""
        ...


class Flags(Protocol):
    def add(self, flag: Flag) -> Flag:
        """Keeps a new flag and returns it with its number."""
        ...

    def get(self, flag: int) -> Flag | None: ...

    def save(self, flag: Flag) -> Flag:
        """Keeps the move; returns it with the next version. Raises Conflict when somebody moved it first."""
        ...

    def home(self, network: int) -> int:
        """Our number of the conversation in which the network reads together; 0 when it has told us none."""
        ...

    def set_home(self, network: int, conversation: int) -> None: ...

    def add_reaction(self, flag: int, reaction: Reaction) -> None: ...

    def reactions(self, flag: int, limit: int) -> list[Reaction]:
        """The newest, oldest of them first."""
        ...

    def of(self, person: int) -> list[Flag]:
        """Their own, newest first."""
        ...

    def in_states(self, states: Collection[FlagState], limit: int | None = 50) -> list[Flag]:
        """Newest first."""
        ...


class Assists(Protocol):
    def add(self, assist: Assist) -> Assist:
        """Keeps a new peer assist and returns it with its number."""
        ...

    def get(self, assist: int) -> Assist | None: ...

    def save(self, assist: Assist) -> Assist:
        """Keeps the move; returns it with the next version. Raises Conflict when somebody moved it first."""
        ...

    def of(self, person: int) -> list[Assist]:
        """Those they asked for or are in, newest first."""
        ...

    def carried(self, since: datetime) -> Mapping[int, Carried]:
        """Invitations since a time (UTC), and how many were said yes to, by person."""
        ...


class Widenings(Protocol):
    """Those that wait for the other yes, by question."""

    def get(self, question: int) -> Widening | None: ...

    def wanted(self) -> frozenset[int]:
        """The questions whose askers said yes, and nobody who looks after them yet."""
        ...

    def put(self, question: int, waiting: Widening) -> None: ...

    def drop(self, question: int) -> None: ...


class Groups(Protocol):
    """Group conversations that channels can make."""

    def common(self, people: Collection[int]) -> str:
        """The channel that can make one and reaches all these people now; "" when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things may wait. Every number is a setting. The first three count working time only."""

    offer: timedelta = timedelta(hours=4)
    """An offer nobody answered: ask one more person. Working time of whoever was asked."""
    desk: timedelta = timedelta(hours=24)
    """From sending until the facilitator gets it, when nobody took it. Working time of the asker."""
    taken: timedelta = timedelta(hours=8)
    """Taken and not answered: one reminder, and after as long again to the facilitator. Working time of who took it."""
    outcome: timedelta = timedelta(days=3)
    """Answered and no word whether it helped: asked once more."""
    silence: timedelta = timedelta(days=14)
    """Answered, asked again, and silent: expired."""
    follow_up: timedelta = timedelta(days=30)
    """Closed, and of some help: asked once what became of it."""
    draft: timedelta = timedelta(days=7)
    """Previewed and never sent: expired."""
    gather: timedelta = timedelta(days=2)
    """How long people may say whether they come to a peer assist, and a reminder of its notes may wait."""
    assist: timedelta = timedelta(days=3)
    """How long a peer assist lasts."""
    ageing: timedelta = timedelta(days=1)
    """Sent and not taken for so long, by the calendar: listed as ageing on the desk. Not the asker's working time,
    which would tell where they are."""
    most_offers: int = 5
    """People asked before the facilitator is."""
    most_open: int = 2
    """People who can take it at the same time."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the KM team chose for the whole community."""

    desk_sees_askers: bool = False
    """Whether the desk is told who asks, unless the asker hides that too."""
    hours: Hours = field(default_factory=Hours)
    allowance: Allowance = field(default_factory=Allowance)


class Work(Protocol):
    """One transaction's view of everything kept, the matcher as of it, and the time."""

    now: datetime
    pace: Pace
    policy: Policy

    @property
    def people(self) -> People: ...
    @property
    def items(self) -> Items: ...
    @property
    def questions(self) -> Questions: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def moves(self) -> Moves: ...
    @property
    def personal(self) -> Personal: ...
    @property
    def surveys(self) -> Surveys: ...
    @property
    def pulses(self) -> Pulses: ...
    @property
    def box(self) -> Box: ...
    @property
    def measurement(self) -> Measurement: ...
    @property
    def framework(self) -> Frameworks: ...
    @property
    def random(self) -> Random: ...
    @property
    def links(self) -> Links: ...
    @property
    def flags(self) -> Flags: ...
    @property
    def assists(self) -> Assists: ...
    @property
    def groups(self) -> Groups: ...
    @property
    def widenings(self) -> Widenings: ...
    @property
    def matcher(self) -> Matcher: ...
    @property
    def catalogue(self) -> Catalogue: ...
