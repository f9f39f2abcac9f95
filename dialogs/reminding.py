"""The commands and words of reminders: what each chooses, and how those of an event stand."""

import re

from dialogs.commands import Argument, Group, command, number
from dialogs.composing import Values, Words, words_for
from dialogs.event_cards import zone_of_reader
from dialogs.message import Button, Entry, Fact, Link, Message
from dialogs.moments import for_reader, span
from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge import reminding
from knowledge.event import Event
from knowledge.held import OPENS
from knowledge.notices import Notice
from knowledge.occurrences import Occurrence
from knowledge.people import Person
from knowledge.reminder import USUAL, leads_said
from knowledge.reminding import Progress
from knowledge.text import plain

_EVENT, _TEXT = Argument.EVENT, Argument.TEXT
_OF = re.compile(
    r"^(?:of|about|for|de|du|pour|sobre|para)?\s*(?:event|événement|evento)?\s*#?(\d{1,9})\b[,:]?\s*", re.I
)
_OFF = ("off", "never", "no", "none", "jamais", "aucun", "desactive", "non", "nunca", "ninguno", "apagado")
_USUAL = ("usual", "as usual", "on", "default", "comme d habitude", "habituel", "como siempre", "habitual")


@command("remind me", _TEXT, optional=1, fr="rappelez-moi rappelle-moi", es="recuérdeme recuérdame",
         group=Group.EVENTS)  # fmt: skip
def remind_me(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """`remind me 2 hours, 15 min`, `remind me off`, `remind me as usual`, `remind me of 12 1 day`."""
    of = _OF.match(text)
    # "2 hours" is a time before, not an event.
    event = int(of[1]) if of and (of[0].strip() != of[1] or not _is_time(text)) else 0
    said = text[of.end() :] if of and event else text
    if not said.strip():
        return reminding.mine(desk, person, event)
    return reminding.choose(desk, person, _leads(said), event)


def _is_time(text: str) -> bool:
    return bool(re.match(r"\s*\d+\s*[a-zA-Zí]", text))


def _leads(said: str) -> tuple[int, ...] | None:
    """The minutes before; none for "off", None for "as usual"."""
    if plain(said) in _OFF:
        return ()
    return None if plain(said) in _USUAL else leads_said(said)


@command("reminders", _TEXT, optional=1, fr="rappels", es="recordatorios", reads=True, group=Group.EVENTS)
def reminders(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """One's own; with an event's number how those of the event stand, to whoever looks after it."""
    known = number(text) if text else None
    return reminding.mine(desk, person) if known is None else reminding.progress(desk, person, known)


@command("set reminders", _EVENT, _TEXT, fr="régler_rappels", es="ajustar_recordatorios", group=Group.EVENTS)
def set_reminders(desk: Desk, person: Person, event: int, text: str) -> list[Notice]:
    """`set reminders 12 2 days, 1 hour`, `set reminders 12 off`."""
    leads = _leads(text)
    return reminding.set_usual(desk, person, event, USUAL if leads is None else leads)


@command("stop reminders", _EVENT, fr="arrêter_rappels", es="parar_recordatorios", group=Group.EVENTS)
def stop_reminders(desk: Desk, person: Person, event: int) -> list[Notice]:
    return reminding.stop(desk, person, event)


@command("resume reminders", _EVENT, fr="reprendre_rappels", es="reanudar_recordatorios", group=Group.EVENTS)
def resume_reminders(desk: Desk, person: Person, event: int) -> list[Notice]:
    return reminding.resume(desk, person, event)


# Words


@words_for("event.reminder")
def _reminder(words: Words, values: Values) -> Message:
    """When by the reader's clock, where, and the way out; asked again where the event was moved and they said nothing
    since."""
    say, event, one, rsvp = words.say, values["event"], values["occurrence"], values["rsvp"]
    place = one.place or event.place
    facts = [Fact(say("event.when"), for_reader(say, event, one, values["zone"]))]
    if place:
        facts.append(Fact(say("event.field_venue"), place))
    left = values["minutes"]
    begins = say("reminder.begins", title=one.title, wait=_wait(say, left)) if left > 0 else one.title
    key = "" if one.key == "once" else f" {one.key}"
    buttons = [Button(say("button.reminder_no"), f"rsvp {event.id} no{key}")]
    if left <= OPENS.total_seconds() / 60:
        buttons.insert(0, Button(say("button.here"), f"here {event.id}", "primary"))
    if rsvp.unsure or rsvp.answer == "maybe":
        buttons.insert(
            0, Button(say("button.reminder_yes"), f"rsvp {event.id} yes{key}", "" if len(buttons) > 1 else "primary")
        )
    link = one.link or event.link
    return Message(
        title=say("reminder.title"),
        text=begins,
        facts=tuple(facts),
        buttons=tuple(buttons),
        links=(Link(say("reminder.take_part"), link),) if link else (),
        note=say("reminder.unsure" if rsvp.unsure else "reminder.note", event=event.id),
    )


def _wait(say: Say, minutes: int) -> str:
    """So long: whole days from two on, else hours, else minutes."""
    if minutes >= 2 * 1440:
        return say.count("reminder.days", round(minutes / 1440))
    return say.duration(round(minutes / 60) * 60 if minutes >= 180 else minutes)


@words_for("event.at_home")
def _at_home(words: Words, values: Values) -> Message:
    """For several people at once: by the event's own clock, and in UTC."""
    say, event, one = words.say, values["event"], values["occurrence"]
    link = one.link or event.link
    facts = [Fact(say("event.when"), span(say, one, event.zone))]
    if event.zone != "UTC" and not one.all_day:
        facts.append(Fact("UTC", span(say, one, "UTC")))
    if one.place or event.place:
        facts.append(Fact(say("event.field_venue"), one.place or event.place))
    return Message(
        title=say("reminder.title"),
        text=one.title,
        facts=tuple(facts),
        links=(Link(say("reminder.take_part"), link),) if link else (),
        note=say("reminder.home_note", event=event.id),
    )


def _times(say: Say, leads: tuple[int, ...]) -> str:
    """ "1 day and 15 minutes before"; that there are none."""
    if not leads:
        return say("reminder.never")
    return say("reminder.before", times=say.listed([_lead(say, lead) for lead in leads]))


def _lead(say: Say, minutes: int) -> str:
    days, rest = divmod(minutes, 1440)
    return say.count("reminder.days", days) if days and not rest else say.duration(minutes)


@words_for("reminder.mine")
def _mine(words: Words, values: Values) -> Message:
    say, event = words.say, values["event"]
    times = _times(say, values["leads"])
    about = say("reminder.mine_event", title=event.title, times=times) if event else say("reminder.mine", times=times)
    entries = tuple(_coming(say, one.due_at, one.event, known) for one, known in values["coming"] if known is not None)
    return Message(
        text=about,
        entries=entries,
        entries_title=say("reminder.coming") if entries else "",
        note=say("reminder.mine_note"),
    )


def _coming(say: Say, due_at: object, number: int, event: Event) -> Entry:
    return Entry(
        title=event.title, text=say("reminder.at", at=due_at), buttons=(Button(say("button.show"), f"event {number}"),)
    )


@words_for("reminder.progress")
def _progress(words: Words, values: Values) -> Message:
    say, event = words.say, values["event"]
    found: list[Progress] = values["found"]
    entries = []
    for one in found:
        occurrence = Occurrence(event.id, "", one.plan.starts_at, one.plan.ends_at, event.title, all_day=event.all_day)
        notes = []
        if one.writing:
            notes.append(say("reminder.writing", written=one.plan.written, total=one.plan.total))
        if one.next_at is not None and not one.plan.stopped:
            notes.append(say("reminder.next", at=one.next_at))
        entries.append(
            Entry(
                title=for_reader(say, event, occurrence, zone_of_reader(say)),
                text=say("reminder.counts", sent=one.sent, waiting=one.waiting, failed=one.failed, past=one.past),
                note=" · ".join(notes),
            )
        )
    switch = (
        Button(say("button.resume_reminders"), f"resume reminders {event.id}", "primary")
        if values["stopped"]
        else Button(say("button.stop_reminders"), f"stop reminders {event.id}")
    )
    text = "reminder.stopped" if values["stopped"] else "reminder.running" if found else "reminder.later"
    return Message(
        title=say("reminder.progress_title", event=event.id),
        text=say(text, title=event.title),
        facts=(Fact(say("reminder.leads"), _times(say, tuple(values["leads"]))),),
        entries=tuple(entries),
        buttons=(switch,) if found else (),
        note=say("reminder.progress_note", event=event.id),
    )
