"""Events as people make them: drafted, shown, put into the calendar at once or after approval, and looked at.

Whoever looks after a network puts events into its calendar at once; a member's event waits until one of them approves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from knowledge import finding, routing
from knowledge.errors import Refusal
from knowledge.event import LONGEST, MINE, SHOWN, Event, State
from knowledge.event_facts import Fact, Happened, told
from knowledge.held import meant, open_now
from knowledge.notices import Notice
from knowledge.occurrences import AHEAD, Occurrence, occurrences, once
from knowledge.people import Person, Role
from knowledge.places import Audience, Kind, Network
from knowledge.ports import Work
from knowledge.recurrence import screened
from knowledge.rsvp import COMING, Rsvp, Tally, tally

USUAL_MINUTES = 60
MOST_SHOWN = 10
AHEAD_SHOWN = 5
"""Occurrences of a series on its card."""
DECIDES = (Role.MODERATOR, Role.FACILITATOR, Role.KM_TEAM)
"""Whoever puts events into a calendar at once, each in their own place."""


# Who may what


def decides(person: Person, network: int | None) -> bool:
    """Whether somebody puts events of that network into the calendar, and may change any there."""
    return any(one.role in DECIDES and one.network in (None, network) for one in person.grants)


def may_see(person: Person, event: Event) -> bool:
    """Whether an event that is in the calendar may be shown to them."""
    return event.host == person.id or person.may_read(event.audience, event.network)


def looks_after(person: Person, event: Event) -> bool:
    """Whether they may move or cancel it, and read who comes."""
    return event.host == person.id or (may_see(person, event) and decides(person, event.network))


def moderators(work: Work, event: Event) -> list[Person]:
    """Who decides on a member's event: whoever looks after its network and reads it, else any facilitator, else the KM
    team. Never its host."""
    groups: Sequence[Sequence[Person]] = (
        [one for role in DECIDES[:2] if event.network is not None for one in work.people.having(role, event.network)],
        work.people.having_somewhere(Role.FACILITATOR),
        work.people.having_somewhere(Role.KM_TEAM),
    )
    for group in groups:
        found = {one.id: one for one in group if one.id != event.host and may_see(one, event)}
        if found:
            return [one for _, one in sorted(found.items())]
    return []


# Making one


def draft(work: Work, host: Person, *, network: str = "", rule: str = "", **facts: Any) -> list[Notice]:
    """Writes an event down as it was understood, and shows it. Nobody else hears of it. `facts` are those of `Event` by
    name, `start` and `title` at least. `network` are words for one, "" for whichever fits its title best."""
    finding.may_write(host)
    facts = {"zone": host.time_zone, "minutes": USUAL_MINUTES, "language": host.language, **facts}
    audience: Audience | None = facts.pop("audience", None)
    place = _place(work, host, network, facts["title"], audience)
    event = Event(id=0, host=host.id, created_at=work.now, network=place.id if place else None, **facts)
    event = replace(event, audience=audience or (place.audience if place else host.reach))
    return [_draft_card(work, work.events.add(_ruled(event.described(), rule)))]


def change(work: Work, host: Person, number: int, *, network: str = "", rule: str | None = None, **facts: Any) -> list[
    Notice
]:  # fmt: skip
    """Other facts of a draft. Of one that is planned those of its look, place and seats, told to nobody; when it takes
    place is moved, not changed."""
    event = mine_or_cared_for(work, host, number)
    audience: Audience | None = facts.pop("audience", None)
    if network or audience:
        place = _place(work, host, network, facts.get("title", event.title), audience)
        facts |= {"network": place.id if place else None, "audience": audience or (place and place.audience)}
    if event.state in SHOWN:
        if rule is not None or not {"start", "zone", "minutes", "all_day", "network", "audience"}.isdisjoint(facts):
            raise Refusal("event.move_instead", event=number)
        event = work.events.save(event.told_anew(**facts))
        return [card(work, host, event)]
    event = event.described(**facts)
    return [_draft_card(work, work.events.save(_ruled(event, rule) if rule is not None else event))]


def _ruled(event: Event, rule: str) -> Event:
    return replace(event, rule=screened(rule, event.start) if rule else "")


def _place(work: Work, person: Person, network: str, title: str, audience: Audience | None) -> Network | None:
    """The network an event is for: the one that was named, else the one its title fits, else the main community. For a
    wider circle than that of a network it is the main community's."""
    if network:
        return routing.network_named(work, person, network, desk=True)
    main = [one for one in work.catalogue.networks if one.kind is Kind.MAIN]
    if audience is not None:
        return main[0] if main else None
    known = {one.id: one for one in work.catalogue.networks}
    near = [known[match.id] for match in work.matcher.networks(title, person) if match.id in known]
    within = [one for one in near if person.may_read(one.audience, one.id)]
    return next(iter([*within, *(one for one in main if person.may_read(one.audience, one.id))]), None)


def confirm(work: Work, host: Person, number: int) -> list[Notice]:
    """The host's yes: into the calendar, or to whoever moderates its network."""
    finding.may_write(host)
    event = _own(work, host, number)
    if event.state in MINE and not upcoming(work, event):
        raise Refusal("event.past", event=number)
    if decides(host, event.network):
        return plan(work, event.planned(), by=host)
    there = moderators(work, replace(event, state=State.SUBMITTED))
    if not there:
        raise Refusal("event.nobody_moderates", event=number)
    event = work.events.save(event.submitted())
    return [_draft_card(work, event), *(_moderation_card(work, one, event) for one in there)]


def plan(work: Work, event: Event, by: Person | None = None) -> list[Notice]:
    """Keeps an event that is planned now, and tells whoever listens."""
    event = work.events.save(event)
    notices = told(work, Happened(Fact.PLANNED, event))
    host = work.people.get(event.host) if event.host is not None else None
    return [*([card(work, host, event)] if host else []), *notices]


def discard(work: Work, host: Person, number: int) -> list[Notice]:
    before = _own(work, host, number)
    event = work.events.save(before.discarded())
    over = _off_moderation(work, event) if before.state is State.SUBMITTED else []
    return [Notice(host.id, "event.discarded", {"event": number}, card=_card_name(event)), *over]


def change_form(work: Work, host: Person, number: int) -> list[Notice]:
    """The card gives way to fields with what stands on it."""
    event = mine_or_cared_for(work, host, number)
    values = {"event": event, "network": routing.network_of(work, event.network)}
    return [Notice(host.id, "event.form", values, card=_card_name(event))]


# Moderating


def approve(work: Work, moderator: Person, number: int) -> list[Notice]:
    event = _moderated(work, moderator, number)
    if not upcoming(work, event):
        raise Refusal("event.past", event=number)
    return [*_off_moderation(work, event, by=moderator.id, state=State.PLANNED),
            *plan(work, event.planned(moderator.id))]  # fmt: skip


def reject(work: Work, moderator: Person, number: int, reason: str) -> list[Notice]:
    """Not put into the calendar, with a sentence for its host, who does not hear from whom."""
    event = _moderated(work, moderator, number).rejected(moderator.id, finding.readable(reason))
    event = work.events.save(event)
    notices = _off_moderation(work, event, by=moderator.id)
    if event.host is not None:
        notices += [
            _draft_card(work, event),
            Notice(event.host, "event.rejected", {"event": number, "title": event.title, "reason": event.reason}),
        ]
    return notices


# Looking


def show(work: Work, person: Person, number: int) -> list[Notice]:
    """The event as this person may see it now."""
    event = work.events.get(number)
    if event is not None and event.state in SHOWN and may_see(person, event):
        return [card(work, person, event)]
    if event is not None and event.host == person.id:
        return [_draft_card(work, event)]
    return [_moderation_card(work, person, _moderated(work, person, number))]


@dataclass(frozen=True, slots=True)
class Line:
    """One occurrence in a list, and what its reader said of it ("" for nothing)."""

    event: Event
    occurrence: Occurrence
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """`more` occurrences are not shown. `waiting` are events to decide on, `own` those of theirs not yet planned."""

    lines: Sequence[Line]
    more: int
    waiting: Sequence[Event]
    own: Sequence[Event]


def overview(
    work: Work, person: Person, since: datetime, until: datetime, *, theirs: bool = False,
    network: int | None = None, most: int = MOST_SHOWN, held: bool = True,
) -> Overview:  # fmt: skip
    """What takes place between two moments (UTC) and this person may know of. With `theirs` only what they said they
    come to, host or waits for them in networks they are in; with `network` only what is of that one. With `held` also
    what waits for the reader."""
    said: dict[int, list[Rsvp]] = {}
    for number, rsvp in work.events.answered_by(person.id):
        said.setdefault(number, []).append(rsvp)
    known: dict[int, Event | None] = {}
    lines = []
    for one in work.events.starting(since - timedelta(microseconds=1), until):
        if one.event not in known:
            known[one.event] = work.events.get(one.event)
        event = known[one.event]
        if event is None or not may_see(person, event):
            continue
        answer = _answer(said.get(event.id, ()), one.key)
        if theirs and not (answer not in ("", "no") or event.host == person.id or _for(person, event, answer)):
            continue
        if network is None or event.network == network:
            lines.append(Line(event, one, answer))
    waiting = [one for one in work.events.in_states([State.SUBMITTED]) if _moderates(work, person, one)] if held else []
    own = [one for one in work.events.hosted_by(person.id) if one.state in MINE | {State.SUBMITTED}] if held else []
    return Overview(lines[:most], max(0, len(lines) - most), waiting[:MOST_SHOWN], own[:MOST_SHOWN])


def _for(person: Person, event: Event, answer: str) -> bool:
    return answer == "" and event.network is not None and event.network in person.networks


def _answer(said: Sequence[Rsvp], key: str) -> str:
    by_occurrence = {one.occurrence: one.answer for one in said}
    return by_occurrence.get(key, by_occurrence.get("", ""))


# Cards


def card(work: Work, reader: Person, event: Event, *, only_edit: bool = False) -> Notice:
    """A planned or cancelled event as this reader may see it, with their own answer."""
    rsvps = work.events.rsvps(event.id)
    coming = [one for one in upcoming(work, event) if not one.cancelled or event.state is State.CANCELLED]
    key = coming[0].key if coming else ""
    mine = [one for one in rsvps if one.person == reader.id]
    kept = work.events.occurrences(event.id)
    taking = open_now(kept, work.now) if event.state is State.PLANNED else None
    last = meant(kept, work.now)
    begun = last is not None and last.starts_at <= work.now
    values: Mapping[str, Any] = {
        "event": event,
        "occurrences": coming,
        "network": routing.network_of(work, event.network),
        "host": host_name(work, event),
        "mine": mine,
        "answer": _answer(mine, key),
        "tally": tally(rsvps, key) if key else Tally(),
        "cares": looks_after(reader, event),
        "hosts": event.host == reader.id,
        "over": not coming,
        "taking": taking,
        "expected": taking is not None and _answer(mine, taking.key) in COMING,
        "was_there": taking is not None and taking.key in work.held.was_at(reader.id, event.id),
        "begun": last.key if begun and last is not None else "",
        "wished": begun and last is not None and last.key in work.held.wishes(reader.id, event.id),
    }
    return Notice(reader.id, "event.card", values, card=_card_name(event), only_edit=only_edit)


def upcoming(work: Work, event: Event, many: int = AHEAD_SHOWN) -> list[Occurrence]:
    """Its next occurrences that are not over yet; cancelled ones say so."""
    found = work.events.occurrences(event.id)
    if not found:
        # Not in the calendar yet: one that takes place once is known however far away it is.
        found = occurrences(event, work.now - LONGEST, work.now + AHEAD) if event.recurs else [once(event)]
    return [one for one in found if one.ends_at > work.now][:many]


def host_name(work: Work, event: Event) -> str:
    """Whoever answers for it, by name; the organiser as a calendar named them, "" for nobody."""
    host = work.people.get(event.host) if event.host is not None else None
    return host.name if host is not None and not host.forgotten else event.organiser


def _draft_card(work: Work, event: Event) -> Notice:
    assert event.host is not None
    host = work.people.get(event.host)
    ahead = upcoming(work, event)
    values = {
        "event": event,
        "occurrences": ahead or [once(event)],
        "network": routing.network_of(work, event.network),
        "past": not ahead,
        "at_once": decides(host, event.network),
    }
    return Notice(event.host, "event.draft", values, card=_card_name(event))


def _moderation_card(work: Work, moderator: Person, event: Event) -> Notice:
    values = {
        "event": event,
        "occurrences": upcoming(work, event),
        "network": routing.network_of(work, event.network),
        "host": host_name(work, event),
    }
    return Notice(moderator.id, "event.moderate", values, card=f"moderate-event:{event.id}")


def _off_moderation(work: Work, event: Event, by: int = 0, state: State | None = None) -> list[Notice]:
    """The moderators' cards, when there is nothing left to decide; `by` decided."""
    values = {"event": event.id, "title": event.title, "state": state or event.state}
    return [
        Notice(one.id, "event.moderated", values, card=f"moderate-event:{event.id}", only_edit=one.id != by)
        for one in moderators(work, event)
    ]


def _card_name(event: Event) -> str:
    return f"event:{event.id}"


# Finding


def mine_or_cared_for(work: Work, person: Person, number: int) -> Event:
    """An event this person may change: their own, or a planned one of a network they look after."""
    event = work.events.get(number)
    if event is not None and (event.host == person.id or (event.state in SHOWN and looks_after(person, event))):
        return event
    raise Refusal("event.unknown", event=number)


def seen(work: Work, person: Person, number: int) -> Event:
    """An event of the calendar this person may know of."""
    event = work.events.get(number)
    if event is None or event.state not in SHOWN or not may_see(person, event):
        raise Refusal("event.unknown", event=number)
    return event


def _own(work: Work, host: Person, number: int) -> Event:
    event = work.events.get(number)
    if event is None or event.host != host.id:
        raise Refusal("event.unknown", event=number)
    return event


def _moderates(work: Work, person: Person, event: Event) -> bool:
    return any(one.id == person.id for one in moderators(work, event))


def _moderated(work: Work, moderator: Person, number: int) -> Event:
    event = work.events.get(number)
    decided = (State.SUBMITTED, State.PLANNED, State.REJECTED, State.CANCELLED)
    if event is None or event.state not in decided or not _moderates(work, moderator, event):
        raise Refusal("event.unknown", event=number)
    return event
