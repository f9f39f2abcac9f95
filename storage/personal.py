"""What is kept of a person, table by table: what they may read of it, and what becomes of it when they are forgotten.

A test walks through every table of the schema: one that is not named here, or a column that points at a person and is
not covered, fails it.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, or_, select, update

from knowledge.event import SHOWN
from knowledge.ledger import Pulse
from knowledge.people import FORGOTTEN
from knowledge.proposal import State as ProposalState
from knowledge.question import OVER
from storage import schema
from storage.changes import Kind, raise_version

Mine = Callable[[int], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`mine` are the rows about a person. `hidden` are columns they may not read: they name somebody else, work like a
    password, or say again what stands in their chat. `forget` is what happens to these rows; None where they stay, and
    `why` says why."""

    mine: Mine
    hidden: frozenset[str] = frozenset()
    forget: Callable[[Connection, int], None] | None = None
    why: str = ""


def _deletes(table: Table, mine: Mine) -> Callable[[Connection, int], None]:
    def forget(connection: Connection, person: int) -> None:
        connection.execute(delete(table).where(mine(person)))

    return forget


def _blanks(table: Table, mine: Mine, **values: Any) -> Callable[[Connection, int], None]:
    def forget(connection: Connection, person: int) -> None:
        connection.execute(update(table).where(mine(person)).values(**values))

    return forget


def _deleted(table: Table, mine: Mine, *hidden: str) -> Rule:
    return Rule(mine, frozenset(hidden), _deletes(table, mine))


def _their(column: ColumnElement[Any]) -> Mine:
    return lambda person: column == person


_my_questions = _their(schema.question.c.asker_id)
_conversations = _their(schema.conversation.c.person_id)


def _in_my_conversations(table: Table) -> Mine:
    return lambda person: table.c.conversation_id.in_(
        select(schema.conversation.c.id).where(schema.conversation.c.person_id == person)
    )


def _of_my_questions(column: ColumnElement[Any]) -> Mine:
    return lambda person: column.in_(select(schema.question.c.id).where(schema.question.c.asker_id == person))


def _about_me_or_mine(person: int) -> ColumnElement[bool]:
    item = schema.work_item.c
    return or_(item.person_id == person, _of_my_questions(item.question_id)(person))


def _with_my_voice(person: int) -> ColumnElement[bool]:
    voice = schema.draft_voice
    return schema.draft.c.id.in_(select(voice.c.draft_id).where(voice.c.person_id == person))


def _pseudonym(connection: Connection, person: int) -> None:
    """The row stays, since others' records point at it, and says nothing of anybody."""
    connection.execute(
        update(schema.person)
        .where(schema.person.c.id == person)
        .values(
            key=f"{FORGOTTEN}:{uuid.uuid4().hex}", name="–", speaks=[], time_zone="UTC", region="global", office="",
            topics=[], about="",
        )
    )  # fmt: skip


def _empty_questions(connection: Connection, person: int) -> None:
    """What they asked is emptied; that it was asked, when, and whether it was solved stays true for the other side."""
    connection.execute(
        update(schema.question)
        .where(_my_questions(person))
        .values(text="", wishes=None, asker_named=False, language="en")
    )


def _empty_relays(connection: Connection, person: int) -> None:
    connection.execute(update(schema.relay).where(schema.relay.c.author_id == person).values(text=""))


def _leave_conversations(connection: Connection, person: int) -> None:
    """Whatever lies in them goes at once. They themselves stay until what is being said just now is delivered;
    `forget_conversations` takes the rest."""
    connection.execute(delete(schema.sent).where(_in_my_conversations(schema.sent)(person)))
    connection.execute(delete(schema.web_message).where(_in_my_conversations(schema.web_message)(person)))


def _empty_outbox(connection: Connection, person: int) -> None:
    connection.execute(
        delete(schema.outbox).where(
            or_(schema.outbox.c.person_id == person, _in_my_conversations(schema.outbox)(person))
        )
    )


def _forget_preferences(connection: Connection, person: int) -> None:
    """Their own, and that others named them as their supervisor."""
    chosen = schema.preference
    connection.execute(delete(chosen).where(chosen.c.person_id == person))
    connection.execute(update(chosen).where(chosen.c.supervisor_id == person).values(supervisor_id=None))


def _close_pulses(connection: Connection, person: int) -> None:
    """A line of a running survey that is answered is counted when it closes, and kept until then."""
    mine = schema.pulse.c.person_id == person
    connection.execute(delete(schema.pulse).where(mine, schema.pulse.c.state != Pulse.ANSWERED.value))


def _retract_flags(connection: Connection, person: int) -> None:
    mine = schema.flag.c.flagger_id == person
    _out_of_digests(connection, "flag", schema.flag, mine)
    connection.execute(update(schema.flag).where(mine).values(text="", proposal="", reason="", named=False))


def _leave_events(connection: Connection, person: int) -> None:
    """What never was in the calendar is emptied; an event that was is its network's, and goes on without a host."""
    event, mine = schema.event, schema.event.c.host_id == person
    unseen = event.c.state.not_in([state.value for state in SHOWN])
    nothing = {"title": "–", "description": "", "place": "", "link": "", "speakers": [], "organiser": "", "reason": ""}
    connection.execute(update(event).where(mine, unseen).values(**nothing))
    connection.execute(update(event).where(mine).values(host_id=None))


def _leave_calendars(connection: Connection, person: int) -> None:
    """A calendar somebody subscribed to is no longer read: nobody would hear that it fails."""
    source = schema.calendar_source
    mine = source.c.owner_id == person
    nothing = {"url": "", "content": None, "state": "stopped", "due_at": None, "owner_id": None}
    connection.execute(update(source).where(mine).values(**nothing))


def _out_of_digests(connection: Connection, name: str, table: Table, mine: ColumnElement[bool]) -> None:
    """A digest may say of their things what its facilitator wrote about them."""
    keys = {f"{name}:{number}" for number in connection.execute(select(table.c.id).where(mine)).scalars()}
    for row in connection.execute(select(schema.digest.c.id, schema.digest.c.picks)).all() if keys else ():
        left = [pick for pick in row.picks if pick[0] not in keys]
        if left != row.picks:
            connection.execute(update(schema.digest).where(schema.digest.c.id == row.id).values(picks=left))


def _take_back_proposals(connection: Connection, person: int) -> None:
    """What they proposed loses its words; what is open was taken back before (`knowledge.forgetting`)."""
    mine = schema.proposal.c.proposer_id == person
    _out_of_digests(connection, "proposal", schema.proposal, mine)
    draft = mine & (schema.proposal.c.state == ProposalState.DRAFT.value)
    connection.execute(delete(schema.proposal).where(draft))
    connection.execute(update(schema.proposal).where(mine).values(text="", reason="", language="en"))


NOBODYS: frozenset[str] = frozenset(
    {
        "change", "chore", "event_occurrence", "heard", "item_use", "month_release", "network", "network_home",
        "remark", "response_count", "sealed_response", "text_vector", "topic", "turnout", "version",
        "digest_rule", "digest_taken_back",
        "reminder_plan", "reminder_usual", "event_held",
    }
)  # fmt: skip
"""Tables without a row about a person. `heard` keeps for seven days which delivery was heard, by its channel's id."""

RULES: Mapping[Table, Rule] = {
    # In this order: what points at others first.
    schema.card_issue: _deleted(schema.card_issue, _their(schema.card_issue.c.person_id), "secret", "key"),
    schema.impact: _deleted(schema.impact, _their(schema.impact.c.person_id)),
    schema.preference: Rule(_their(schema.preference.c.person_id), forget=_forget_preferences),
    schema.membership: _deleted(schema.membership, _their(schema.membership.c.person_id)),
    schema.role_grant: _deleted(schema.role_grant, _their(schema.role_grant.c.person_id), "by_id"),
    schema.identity: _deleted(schema.identity, _their(schema.identity.c.person_id)),
    schema.link_code: _deleted(schema.link_code, _their(schema.link_code.c.person_id), "digest"),
    schema.link_try: _deleted(schema.link_try, _their(schema.link_try.c.person_id)),
    schema.pulse_turn: _deleted(schema.pulse_turn, _their(schema.pulse_turn.c.person_id)),
    schema.pulse: Rule(_their(schema.pulse.c.person_id), forget=_close_pulses),
    schema.block: _deleted(schema.block, _their(schema.block.c.person_id), "by_id"),
    # Of a note both its author and whoever asked the question may be told apart.
    schema.desk_note: Rule(
        _their(schema.desk_note.c.author_id),
        forget=_deletes(
            schema.desk_note,
            lambda person: or_(
                schema.desk_note.c.author_id == person, _of_my_questions(schema.desk_note.c.question_id)(person)
            ),
        ),
    ),
    schema.morning: _deleted(schema.morning, _their(schema.morning.c.person_id)),
    schema.no_morning: _deleted(schema.no_morning, _their(schema.no_morning.c.person_id)),
    # Whoever has it stays in the desk's record as a pseudonym; what is about somebody, or their question, goes.
    schema.work_item: Rule(
        _about_me_or_mine,
        frozenset({"assigned_id", "key"}),
        _deletes(schema.work_item, _about_me_or_mine),
    ),
    schema.desk_move: _deleted(schema.desk_move, _their(schema.desk_move.c.person_id), "before"),
    schema.reaction: Rule(
        _their(schema.reaction.c.author_id),
        forget=_blanks(schema.reaction, _their(schema.reaction.c.author_id), text="", named=False),
    ),
    schema.flag: Rule(_their(schema.flag.c.flagger_id), frozenset({"moderator_id"}), _retract_flags),
    schema.reminder: _deleted(schema.reminder, _their(schema.reminder.c.person_id)),
    schema.reminder_choice: _deleted(schema.reminder_choice, _their(schema.reminder_choice.c.person_id)),
    schema.attendance: _deleted(schema.attendance, _their(schema.attendance.c.person_id)),
    schema.event_question: _deleted(schema.event_question, _their(schema.event_question.c.person_id)),
    schema.event_wish: _deleted(schema.event_wish, _their(schema.event_wish.c.person_id)),
    # What was given to an event's readers is theirs, and no longer said to be of anybody.
    schema.event_material: Rule(
        _their(schema.event_material.c.by_id),
        frozenset({"draft_id"}),
        _blanks(schema.event_material, _their(schema.event_material.c.by_id), by_id=None),
    ),
    schema.rsvp: _deleted(schema.rsvp, _their(schema.rsvp.c.person_id)),
    schema.calendar_feed: _deleted(schema.calendar_feed, _their(schema.calendar_feed.c.person_id), "digest"),
    schema.event: Rule(_their(schema.event.c.host_id), frozenset({"moderator_id"}), _leave_events),
    schema.calendar_source: Rule(_their(schema.calendar_source.c.owner_id), frozenset({"content"}), _leave_calendars),
    schema.endorsement: _deleted(schema.endorsement, _their(schema.endorsement.c.person_id)),
    schema.proposal: Rule(_their(schema.proposal.c.proposer_id), frozenset({"moderator_id"}), _take_back_proposals),
    schema.topic_call: Rule(_their(schema.topic_call.c.opener_id), why="a call is its network's, not its opener's"),
    schema.invitation: _deleted(schema.invitation, _their(schema.invitation.c.person_id)),
    schema.assist: Rule(
        lambda person: or_(schema.assist.c.asker_id == person, schema.assist.c.note_taker_id == person),
        frozenset({"asker_id", "note_taker_id"}),
        _blanks(schema.assist, _their(schema.assist.c.asker_id), text="", result="", named=False),
    ),
    schema.draft: Rule(
        _with_my_voice,
        # How it stands, and when it moves, tells what others said of it.
        frozenset(
            {"moderator_id", "text", "state", "version", "edition", "place_id", "due_at", "created_at", "item_id"}
        ),
        _blanks(schema.draft, _their(schema.draft.c.moderator_id), moderator_id=None),
    ),
    schema.draft_voice: _deleted(schema.draft_voice, _their(schema.draft_voice.c.person_id)),
    schema.item_version: Rule(
        _their(schema.item_version.c.by_id),
        forget=_blanks(schema.item_version, _their(schema.item_version.c.by_id), by_id=None),
    ),
    schema.item: Rule(
        _their(schema.item.c.owner_id), forget=_blanks(schema.item, _their(schema.item.c.owner_id), owner_id=None)
    ),
    schema.opening: _deleted(schema.opening, _of_my_questions(schema.opening.c.question_id)),
    schema.widening: _deleted(schema.widening, _of_my_questions(schema.widening.c.question_id)),
    schema.relay: Rule(
        lambda person: or_(schema.relay.c.author_id == person, _of_my_questions(schema.relay.c.question_id)(person)),
        frozenset({"author_id"}),
        _empty_relays,
    ),
    schema.offer: Rule(
        _their(schema.offer.c.person_id),
        forget=_blanks(schema.offer, _their(schema.offer.c.person_id), reasons=[]),
    ),
    schema.question: Rule(_my_questions, frozenset({"expert_id", "helped"}), _empty_questions),
    schema.outbox: Rule(
        lambda person: or_(schema.outbox.c.person_id == person, _in_my_conversations(schema.outbox)(person)),
        frozenset({"owner", "payload"}),
        _empty_outbox,
    ),
    schema.sent: Rule(_in_my_conversations(schema.sent)),
    schema.web_message: Rule(_in_my_conversations(schema.web_message), frozenset({"payload"})),
    schema.conversation: Rule(_conversations, forget=_leave_conversations),
    schema.audit: Rule(
        _their(schema.audit.c.person_id),
        why="who did what with privilege has to stay; it is no longer said of you by name",
    ),
    schema.presence: _deleted(schema.presence, _their(schema.presence.c.person_id)),
    schema.connector: _deleted(schema.connector, _their(schema.connector.c.person_id)),
    schema.report_turn: _deleted(schema.report_turn, _their(schema.report_turn.c.person_id)),
    schema.evidence: Rule(
        _their(schema.evidence.c.by_id), why="what an evaluation says is the community's, not whoever entered it"
    ),
    schema.digest_sending: _deleted(schema.digest_sending, _their(schema.digest_sending.c.person_id)),
    schema.digest_reminder: _deleted(schema.digest_reminder, _their(schema.digest_reminder.c.person_id)),
    schema.digest: Rule(
        _their(schema.digest.c.approved_by_id),
        frozenset({"second_by_id"}),
        why="a digest is the community's, not whose yes it had",
    ),
    schema.directory_import: Rule(
        _their(schema.directory_import.c.by_id), frozenset({"examples", "problems"}), why="that it was done stays"
    ),
    schema.import_file: _deleted(
        schema.import_file,
        lambda person: schema.import_file.c.import_id.in_(
            select(schema.directory_import.c.id).where(schema.directory_import.c.by_id == person)
        ),
        "content",
    ),
    # Until an import can no longer be undone it holds what it wrote of them.
    schema.import_change: _deleted(
        schema.import_change,
        lambda person: (schema.import_change.c.kind == "people") & (schema.import_change.c.number == person),
    ),
    schema.expertise_check: _deleted(schema.expertise_check, _their(schema.expertise_check.c.person_id), "by_id"),
    schema.survey: Rule(_their(schema.survey.c.planned_by), why="a survey is the community's, not its planner's"),
    schema.person: Rule(_their(schema.person.c.id), forget=_pseudonym),
}


def about(connection: Connection, person: int) -> dict[str, list[dict[str, Any]]]:
    """Every row about somebody, by table, JSON-ready: times as ISO 8601 in UTC. Nothing that names another person, but
    what they wrote themselves and the answers they got. Tables without a row are left out."""
    found = {}
    for table, rule in RULES.items():
        columns = [column for column in table.c if column.name not in rule.hidden]
        rows = connection.execute(select(*columns).where(rule.mine(person)).order_by(*table.primary_key)).mappings()
        told = [{name: _plain(value) for name, value in row.items()} for row in rows]
        if told:
            found[table.name] = told
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def forget(connection: Connection, person: int) -> None:
    """Removes or empties everything about somebody. What was open has to be ended before (`knowledge.forgetting`).
    Doing it twice changes nothing more."""
    questions = connection.execute(
        select(schema.question.c.id).where(
            or_(
                _my_questions(person),
                exists().where(schema.relay.c.question_id == schema.question.c.id, schema.relay.c.author_id == person),
                exists().where(schema.offer.c.question_id == schema.question.c.id, schema.offer.c.person_id == person),
            )
        )
    ).scalars().all()  # fmt: skip
    for rule in RULES.values():
        if rule.forget is not None:
            rule.forget(connection, person)
    raise_version(connection, Kind.PERSON, person)
    raise_version(connection, Kind.QUESTION, *questions)


def forget_conversations(connection: Connection) -> int:
    """Deletes what is left of conversations whose person is forgotten, once nothing waits to be told there. Returns how
    many."""
    waits = exists().where(
        schema.outbox.c.conversation_id == schema.conversation.c.id, schema.outbox.c.state.in_(["waiting", "leased"])
    )
    theirs = select(schema.person.c.id).where(schema.person.c.key.startswith(f"{FORGOTTEN}:"))
    left = select(schema.conversation.c.id).where(schema.conversation.c.person_id.in_(theirs), ~waits)
    numbers = connection.execute(left).scalars().all()
    for table in (schema.outbox, schema.sent, schema.web_message):
        connection.execute(delete(table).where(table.c.conversation_id.in_(numbers)))
    return connection.execute(delete(schema.conversation).where(schema.conversation.c.id.in_(numbers))).rowcount


def empty_old_questions(connection: Connection, before: datetime, most: int = 500) -> int:
    """Empties what was said in questions that were over before a time (UTC), drafts that were never sent among them, at
    most so many. Their outcome, their times and who took part stay, for what is counted. Returns how many."""
    question = schema.question
    over = question.c.state.in_([state.value for state in OVER])
    old = and_(over, question.c.closed_at < before, question.c.text != "")
    numbers = connection.execute(select(question.c.id).where(old).order_by(question.c.id).limit(most)).scalars().all()
    if numbers:
        connection.execute(update(question).where(question.c.id.in_(numbers)).values(text="", wishes=None))
        connection.execute(update(schema.relay).where(schema.relay.c.question_id.in_(numbers)).values(text=""))
        connection.execute(delete(schema.opening).where(schema.opening.c.question_id.in_(numbers)))
        connection.execute(delete(schema.impact).where(schema.impact.c.question_id.in_(numbers)))
        connection.execute(delete(schema.desk_note).where(schema.desk_note.c.question_id.in_(numbers)))
        raise_version(connection, Kind.QUESTION, *numbers)
    return len(numbers)


def forget_audit(connection: Connection, before: datetime) -> int:
    return connection.execute(delete(schema.audit).where(schema.audit.c.at < before)).rowcount


class Personal:
    """`knowledge.ports.Personal` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def about(self, person: int) -> dict[str, list[dict[str, Any]]]:
        return about(self._connection, person)

    def forget(self, person: int) -> None:
        forget(self._connection, person)
