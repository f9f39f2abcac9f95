"""What people see of events: the draft, the card, who comes, lists, and what changed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from dialogs.moments import called, clocks_differ, for_reader, moment_line, span
from dialogs.wording import Say
from knowledge.event import LONGEST_LINK, LONGEST_PLACE, LONGEST_TITLE, SHOWN, Event, State
from knowledge.eventing import Overview
from knowledge.occurrences import Occurrence, comes_twice, is_left_out
from knowledge.places import Network
from knowledge.rsvp import Answer, Rsvp, Tally
from knowledge.text import LONGEST_TEXT, excerpt
from knowledge.zones import same_clock

_ICON_ANSWERS = (Answer.YES, Answer.MAYBE, Answer.NO)


def zone_of_reader(say: Say) -> str:
    return str(getattr(say.zone, "key", "UTC"))


@words_for("event.form")
def _form(words: Words, values: Values) -> Message:
    """Empty, or with what stands there: then it changes that event."""
    say = words.say
    event: Event | None = values["event"]
    network: Network | None = values["network"]
    planned = event is not None and event.state in SHOWN
    when = moment_line(event.start, event.zone) if event else ""
    if event is not None and event.all_day:
        when = f"{event.start:%Y-%m-%d} {say('event.word_all_day')} {event.zone}"
    fields = [
        Field("title", say("event.field_title"), event.title if event else "", say("event.eg_title"),
              max_length=LONGEST_TITLE),
        Field("when", say("event.field_when"), when, say("event.eg_when"), max_length=120),
        Field("length", say("event.field_length"), f"{event.minutes} min" if event else "", say("event.eg_length"),
              max_length=40),
        Field("repeats", say("event.field_repeats"), "", say("event.eg_repeats"), max_length=200),
        Field("network", say("event.field_network"), network.name(say.language) if network else "", max_length=100),
        Field("venue", say("event.field_venue"), event.place if event else "", max_length=LONGEST_PLACE),
        Field("url", say("event.field_url"), event.link if event else "", "https://", max_length=LONGEST_LINK),
        Field("speakers", say("event.field_speakers"), ", ".join(event.speakers) if event else "", max_length=500),
        Field("seats", say("event.field_seats"), str(event.capacity or "") if event else "", max_length=6),
        Field("priority", say("event.field_priority"), event.priority if event else "", max_length=80),
        Field("about", say("event.field_about"), event.description if event else "", multiline=True,
              max_length=LONGEST_TEXT),
    ]  # fmt: skip
    if event is not None and event.rule:
        # A rule is not put back into words: it stays unless one says another.
        fields = [field for field in fields if field.name != "repeats"]
    if planned:
        fields = [field for field in fields if field.name not in ("when", "length", "repeats", "network")]
    line = f"change event {event.id}" if event else "plan event"
    back = (Button(say("button.back"), f"event {event.id}"),) if event else ()
    return Message(
        title=say("event.title", event=event.id) if event else say("event.form_title"),
        text=say("event.form_text") if event is None else say("event.form_change"),
        fields=tuple(fields),
        buttons=(Button(say("button.update" if event else "button.event_read"), line, "primary", form=True), *back),
        note="" if event else say("event.form_note"),
    )


@words_for("event.draft")
def _draft(words: Words, values: Values) -> Message:
    say = words.say
    event: Event = values["event"]
    submitted = event.state is State.SUBMITTED
    notes = []
    if values["past"]:
        notes.append(say("event.draft_past"))
    if not event.all_day and is_left_out(event.start, event.zone):
        notes.append(say("event.draft_gap", time=f"{event.start:%H:%M}"))
    if not event.all_day and comes_twice(event.start, event.zone):
        notes.append(say("event.draft_twice", time=f"{event.start:%H:%M}"))
    facts = _when_facts(say, event, values["occurrences"][0], utc=True)
    facts += _facts(say, event, values["network"], values["occurrences"])
    buttons = []
    if not submitted and not values["past"]:
        label = "button.event_plan" if values["at_once"] else "button.submit"
        buttons.append(Button(say(label), f"confirm event {event.id}", "primary"))
    if not submitted:
        buttons.append(Button(say("button.edit"), f"change event {event.id}"))
    if event.state is not State.DISCARDED:
        buttons.append(Button(say("button.discard"), f"discard event {event.id}"))
    state = {State.SUBMITTED: "event.draft_submitted", State.DISCARDED: "event.draft_discarded"}.get(
        event.state, "event.draft_text" if values["at_once"] else "event.draft_text_member"
    )
    return Message(
        title=say("event.draft_title", event=event.id),
        text=" ".join([say(state), *notes]),
        quotes=(
            *_quotes(say, event),
            *((Quote(event.reason, say("event.reason")),) if event.reason else ()),
        ),
        facts=tuple(facts),
        buttons=tuple(buttons),
        note="" if submitted else say("event.draft_note", event=event.id),
    )


def _quotes(say: Say, event: Event) -> tuple[Quote, ...]:
    about = (Quote(event.description, say("event.field_about")),) if event.description else ()
    return (Quote(event.title, say(f"event.kind_{event.kind}")), *about)


def _when_facts(say: Say, event: Event, one: Occurrence, *, utc: bool = False) -> list[Fact]:
    """In the event's own zone, for the reader where their clocks differ, and in UTC where that is asked for."""
    here = zone_of_reader(say)
    facts = [Fact(say("event.when"), span(say, one, event.zone))]
    if not one.all_day and not same_clock(here, event.zone) and clocks_differ(one, here, event.zone):
        facts.append(Fact(say("event.for_you"), span(say, one, here)))
    if utc and not one.all_day and here != "UTC" and clocks_differ(one, event.zone, "UTC"):
        facts.append(Fact("UTC", span(say, one, "UTC")))
    return facts


def _facts(say: Say, event: Event, network: Network | None, ahead: Sequence[Occurrence]) -> list[Fact]:
    facts = []
    if event.recurs:
        here = zone_of_reader(say)
        also = [for_reader(say, event, one, here, short=True) for one in ahead[1:] if not one.cancelled]
        if also:
            facts.append(Fact(say("event.then"), say.parted(also)))
    if event.place:
        facts.append(Fact(say("event.field_venue"), event.place))
    if event.link:
        facts.append(Fact(say("event.link"), event.link))
    if event.speakers:
        facts.append(Fact(say("event.field_speakers"), say.listed(list(event.speakers))))
    audience = say(f"audience.{event.audience.word}")
    readers = say("event.readers", network=network.name(say.language), audience=audience) if network else audience
    facts.append(Fact(say("event.audience"), readers))
    if event.language != say.language:
        facts.append(Fact(say("event.language"), say.language_name(event.language)))
    if event.capacity is not None:
        facts.append(Fact(say("event.field_seats"), str(event.capacity)))
    if event.priority:
        facts.append(Fact(say("event.field_priority"), event.priority))
    return facts


@words_for("event.card")
def _card(words: Words, values: Values) -> Message:
    say = words.say
    event: Event = values["event"]
    ahead: Sequence[Occurrence] = values["occurrences"]
    mine: Sequence[Rsvp] = values["mine"]
    count: Tally = values["tally"]
    gone = event.state is State.CANCELLED
    facts = []
    if ahead:
        facts += _when_facts(say, event, ahead[0])
    facts += _facts(say, event, values["network"], ahead[:1])
    if values["host"]:
        facts.append(Fact(say("event.host"), values["host"]))
    if count.yes or count.maybe or count.waiting:
        facts.append(Fact(say("event.coming"), _counted(say, count)))
    if gone:
        state = say("event.card_cancelled")
    elif values["was_there"]:
        state = say("attendance.you_were")
    elif values["over"]:
        state = say("event.card_over")
    elif values["answer"]:
        state = say(f"event.said_{values['answer']}")
        if any(one.unsure for one in mine):
            state = say("event.said_unsure", said=state)
    else:
        state = say("event.card_planned" if values["hosts"] else "event.card_ask")
    asked = not (gone or values["over"] or values["hosts"])
    buttons = _answers(say, event, ahead, values["answer"]) if asked else []
    if asked and values["answer"] not in ("", Answer.NO):
        shown = any(one.named for one in mine)
        label = "button.event_unnamed" if shown else "button.event_named"
        buttons.append(Button(say(label), f"rsvp {event.id} {'unnamed' if shown else 'named'}"))
    if not (gone or values["over"]) and (values["hosts"] or values["answer"] in (Answer.YES, Answer.MAYBE)):
        buttons.append(Button(say("button.event_add"), f"add event {event.id}"))
    if not gone:
        buttons += _afterwards(say, event, values)
    if values["cares"]:
        buttons.append(Button(say("button.event_who"), f"who comes {event.id}"))
        if gone and not values["over"]:
            buttons.append(Button(say("button.event_restore"), f"restore event {event.id}"))
        elif not values["over"]:
            buttons.append(Button(say("button.edit"), f"change event {event.id}"))
            buttons.append(Button(say("button.event_cancel"), f"cancel event {event.id}", "danger"))
    return Message(
        title=say("event.title", event=event.id),
        text=state,
        quotes=_quotes(say, event),
        facts=tuple(facts),
        entries=() if gone else _occasions(say, event, ahead, mine, cares=values["cares"], hosts=values["hosts"]),
        entries_title=say("event.each") if event.recurs and len(ahead) > 1 and not gone else "",
        buttons=tuple(buttons),
        note=say("event.card_note_host", event=event.id) if values["cares"] and not gone and not values["over"] else "",
    )


def _afterwards(say: Say, event: Event, values: Values) -> list[Button]:
    """While attendance is taken, and once something has begun."""
    taking: Occurrence | None = values["taking"]
    key = f" {values['begun']}" if event.recurs else ""
    buttons = []
    if taking is not None and values["expected"] and not values["was_there"]:
        buttons.append(Button(say("button.here"), f"here {event.id}", "primary"))
    if values["cares"] and (taking is not None or values["begun"]):
        buttons.append(Button(say("button.attendance"), f"attendance {event.id}"))
    if values["begun"] and (values["cares"] or not values["wished"]):
        label = "button.add_materials" if values["cares"] else "button.want_materials"
        buttons.append(Button(say(label), f"event notes {event.id}{key}"))
    return buttons


def _answers(say: Say, event: Event, ahead: Sequence[Occurrence], said: str) -> list[Button]:
    """One button for each answer that is not theirs already."""
    every = "_all" if event.recurs and len(ahead) > 1 else ""
    buttons = []
    for one in _ICON_ANSWERS:
        if one != said and not (one is Answer.YES and said == Answer.WAITING):
            style = "primary" if one is Answer.YES and not said else ""
            label = f"button.rsvp_{one}{every}" if one is not Answer.MAYBE else f"button.rsvp_{one}"
            buttons.append(Button(say(label), f"rsvp {event.id} {one}", style))
    return buttons


def _occasions(
    say: Say, event: Event, ahead: Sequence[Occurrence], mine: Sequence[Rsvp], *, cares: bool, hosts: bool
) -> tuple[Entry, ...]:
    """Of a series each of the next, to say whether one comes to it alone."""
    if not event.recurs or len(ahead) < 2:
        return ()
    by_key = {one.occurrence: one.answer for one in mine}
    here = zone_of_reader(say)
    entries = []
    for one in ahead:
        said = by_key.get(one.key, by_key.get("", ""))
        buttons = []
        if not one.cancelled:
            other = Answer.NO if said in (Answer.YES, Answer.WAITING) else Answer.YES
            if not hosts:
                buttons.append(Button(say(f"button.rsvp_{other}"), f"rsvp {event.id} {other} {one.key}"))
            if cares:
                buttons.append(Button(say("button.event_cancel_one"), f"cancel event {event.id} {one.key}"))
        state = say("event.cancelled") if one.cancelled else say(f"event.short_{said}") if said else ""
        moved = say("event.moved_one") if one.moved and not one.cancelled else ""
        entries.append(
            Entry(
                title=for_reader(say, event, one, here, short=True),
                text=say.parted(filter(None, (state, moved))),
                buttons=tuple(buttons),
            )
        )
    return tuple(entries)


def _counted(say: Say, count: Tally) -> str:
    parts = [say.count("event.count_yes", count.yes)]
    if count.maybe:
        parts.append(say.count("event.count_maybe", count.maybe))
    if count.waiting:
        parts.append(say.count("event.count_waiting", count.waiting))
    return ", ".join(parts)


@words_for("event.who")
def _who(words: Words, values: Values) -> Message:
    say, coming, event = words.say, values["coming"], values["event"]
    facts = []
    for answer in (Answer.YES, Answer.MAYBE, Answer.WAITING):
        names = coming.names[answer]
        if names:
            facts.append(Fact(say(f"event.who_{answer}"), say.listed(list(names))))
    return Message(
        title=excerpt(event.title, 120),
        text=say(
            "event.who_text",
            when=for_reader(say, event, values["occurrence"], zone_of_reader(say)),
            count=_counted(say, coming.tally),
        ),
        facts=tuple(facts),
        note=say("event.who_host" if coming.everybody else "event.who_others", event=event.id),
    )


@words_for("event.list")
def _list(words: Words, values: Values) -> Message:
    say = words.say
    found: Overview = values["found"]
    here = zone_of_reader(say)
    entries = [
        Entry(
            title=for_reader(say, line.event, line.occurrence, here, short=True),
            text=excerpt(f"{line.event.title} · {say(f'event.kind_{line.event.kind}')}", 160),
            note=say(f"event.short_{line.answer}") if line.answer else "",
            buttons=(Button(say("button.show"), f"event {line.event.id}"),),
        )
        for line in found.lines
    ]
    for title, held in (("event.entry_waiting", found.waiting), ("event.entry_own", found.own)):
        entries += [
            Entry(
                title=say(title, state=say(f"event.state_{one.state}")),
                text=excerpt(one.title, 140),
                buttons=(Button(say("button.show"), f"event {one.id}"),),
            )
            for one in held
        ]
    buttons = [Button(say("button.events_next_week"), "events next week")]
    other = ("button.events_all", "events") if values["theirs"] else ("button.events_mine", "events for me")
    buttons.append(Button(say(other[0]), other[1]))
    if not entries:
        return Message(say("event.list_empty_mine" if values["theirs"] else "event.list_empty"), buttons=tuple(buttons))
    head = "event.list_mine" if values["theirs"] else "event.list_said" if values["said"] else "event.list_text"
    return Message(
        text=say(head, said=values["said"]) if head == "event.list_said" else say(head),
        entries=tuple(entries),
        buttons=tuple(buttons),
        note=" ".join(
            filter(None, (say.count("event.list_more", found.more) if found.more else "",
                          say("event.list_zone", zone=called(say, here))))
        ),
    )  # fmt: skip


@words_for("event.moderate")
def _moderate(words: Words, values: Values) -> Message:
    say = words.say
    event: Event = values["event"]
    ahead: Sequence[Occurrence] = values["occurrences"]
    facts = _when_facts(say, event, ahead[0]) if ahead else [Fact(say("event.when"), say("event.card_over"))]
    facts += _facts(say, event, values["network"], ahead)
    facts.append(Fact(say("event.host"), values["host"]))
    return Message(
        title=say("event.moderate_title", event=event.id),
        text=say("event.moderate_text"),
        quotes=_quotes(say, event),
        facts=tuple(facts),
        fields=(Field("text", say("event.moderate_field"), say("event.moderate_reason"), multiline=True,
                      max_length=LONGEST_TEXT),),
        buttons=(
            Button(say("button.event_approve"), f"approve event {event.id}", "primary"),
            Button(say("button.event_reject"), f"reject event {event.id}", form=True),
        ),
    )  # fmt: skip


@words_for("event.moderated")
def _moderated(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("event.moderate_title", event=values["event"]),
        text=say(f"event.moderated_{values['state']}", title=excerpt(values["title"], 120)),
    )


@words_for("event.rejected")
def _rejected(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        text=say("event.rejected", event=values["event"], title=excerpt(values["title"], 120)),
        quotes=(Quote(values["reason"], say("event.reason")),),
        note=say("event.rejected_note"),
    )


@words_for("event.move_confirm")
def _move_confirm(words: Words, values: Values) -> Message:
    say = words.say
    event: Event = values["event"]
    key = values["key"]
    facts = [
        Fact(say("event.from"), span(say, values["before"], event.zone)),
        *_when_facts(say, replace(event, zone=values["zone"]), values["after"], utc=True),
    ]
    length = f" {values['minutes']} min" if values["minutes"] else ""
    to = f"{values['start']:%Y-%m-%d %H:%M} {values['zone']}{length}"
    series = event.recurs and not key
    return Message(
        title=say("event.move_title", event=event.id),
        text=say("event.move_series" if series else "event.move_text", count=_counted(say, values["tally"])),
        quotes=(Quote(event.title),),
        facts=tuple(facts),
        buttons=(
            Button(
                say("button.event_move"),
                _yes_to("move event", event, key, to),
                "primary",
            ),
            Button(say("button.event_leave"), f"event {event.id}"),
        ),
    )


def _yes_to(command: str, event: Event, *more: str) -> str:
    """The line that does what was shown."""
    return " ".join(filter(None, (command, str(event.id), *more, "yes")))


@words_for("event.is_moved")
def _is_moved(words: Words, values: Values) -> Message:
    say, event = words.say, values["event"]
    return Message(
        title=say("event.move_title", event=event.id),
        text=say("event.is_moved", when=span(say, values["after"], event.zone)),
    )


@words_for("event.cancel_confirm")
def _cancel_confirm(words: Words, values: Values) -> Message:
    say = words.say
    event, key = values["event"], values["key"]
    series = event.recurs and not key
    return Message(
        title=say("event.cancel_title", event=event.id),
        text=say("event.cancel_series" if series else "event.cancel_text", count=_counted(say, values["tally"])),
        quotes=(Quote(event.title),),
        facts=tuple(_when_facts(say, event, values["before"])),
        buttons=(
            Button(
                say("button.event_cancel"),
                _yes_to("cancel event", event, key),
                "danger",
            ),
            Button(say("button.event_leave"), f"event {event.id}"),
        ),
    )


@words_for("event.is_cancelled")
def _is_cancelled(words: Words, values: Values) -> Message:
    say, event, key = words.say, values["event"], values["key"]
    buttons = () if key else (Button(say("button.event_restore"), f"restore event {event.id}"),)
    return Message(
        title=say("event.cancel_title", event=event.id),
        text=say("event.is_cancelled_once", when=span(say, values["before"], event.zone))
        if key
        else say("event.is_cancelled", title=excerpt(event.title, 120)),
        buttons=buttons,
    )


@words_for("event.is_restored")
def _is_restored(words: Words, values: Values) -> Message:
    say, event = words.say, values["event"]
    return Message(
        title=say("event.cancel_title", event=event.id), text=say("event.is_restored", title=excerpt(event.title, 120))
    )


@words_for("event.news_moved")
def _news_moved(words: Words, values: Values) -> Message:
    """One correction; what they said still counts, and two presses keep or change it."""
    say = words.say
    event: Event = values["event"]
    here = zone_of_reader(say)
    facts = [Fact(say("event.when"), for_reader(say, event, values["after"], here))]
    if values["before"] is not None:
        facts.insert(0, Fact(say("event.from"), for_reader(say, event, values["before"], here)))
    key = f" {values['key']}" if values["key"] else ""
    return Message(
        title=excerpt(event.title, 120),
        text=say(f"event.news_moved_{values['answer']}"),
        facts=tuple(facts),
        buttons=(
            Button(say("button.rsvp_still"), f"rsvp {event.id} {_kept(values['answer'])}{key}", "primary"),
            Button(say("button.rsvp_maybe"), f"rsvp {event.id} maybe{key}"),
            Button(say("button.rsvp_no_longer"), f"rsvp {event.id} no{key}"),
        )[:: 1 if values["answer"] != Answer.MAYBE else 2],
    )


def _kept(answer: str) -> str:
    return "maybe" if answer == Answer.MAYBE else "yes"


@words_for("event.news_cancelled")
def _news_cancelled(words: Words, values: Values) -> Message:
    return _told(words, values, "event.news_cancelled")


@words_for("event.news_restored")
def _news_restored(words: Words, values: Values) -> Message:
    return _told(words, values, "event.news_restored")


def _told(words: Words, values: Values, key: str) -> Message:
    say, event = words.say, values["event"]
    one: Any = values["before"] or values["after"]
    return Message(
        title=excerpt(event.title, 120), text=say(key, when=for_reader(say, event, one, zone_of_reader(say)))
    )


@words_for("event.seat")
def _seat(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        text=say("event.seat", title=excerpt(values["title"], 120)),
        buttons=(Button(say("button.show"), f"event {values['event']}"),
                 Button(say("button.rsvp_no_longer"), f"rsvp {values['event']} no")),
    )  # fmt: skip


@words_for("event.without_host")
def _without_host(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        text=say("event.without_host", title=excerpt(values["title"], 120)),
        buttons=(Button(say("button.show"), f"event {values['event']}"),),
    )
