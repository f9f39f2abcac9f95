"""Reminders of events: one row for each, so that each is sent once."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    text,
)

from storage.schema.base import Id, UtcDateTime, metadata, own_id, reference

_WAITING = text("state = 'waiting'")

reminder_plan = Table(
    "reminder_plan",
    metadata,
    # The reminders of one occurrence, written page by page.
    reference("event_id", "event.id"),
    Column("occurrence", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
    Column("made_at", UtcDateTime, nullable=False),
    # The last person they are written for; null when they are for all.
    Column("cursor", Id, nullable=True),
    Column("written", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    # Stopped by whoever looks after the event: nothing more of it is sent.
    Column("stopped", Boolean, nullable=False),
    # When its network's channel is told of it; null for never, or when it was.
    Column("home_at", UtcDateTime, nullable=True, index=True),
    PrimaryKeyConstraint("event_id", "occurrence"),
)

reminder = Table(
    "reminder",
    metadata,
    own_id(),
    reference("event_id", "event.id"),
    Column("occurrence", String(16), nullable=False),
    reference("person_id", "person.id", index=True),
    # Minutes before it begins.
    Column("lead", Integer, nullable=False),
    # When it began as this was planned: another time now means that it was moved since.
    Column("starts_at", UtcDateTime, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    # waiting, sent, past, off, failed
    Column("state", String(8), nullable=False),
    Column("sent_at", UtcDateTime, nullable=True),
    # Nobody is reminded twice of the same, on however many replicas.
    UniqueConstraint("event_id", "occurrence", "person_id", "lead"),
    Index("ix_reminder_due", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
)

reminder_choice = Table(
    "reminder_choice",
    metadata,
    # How long before a person wants to be reminded, in minutes; of one event, or with 0 of all.
    reference("person_id", "person.id"),
    Column("event", Id, nullable=False),
    Column("leads", JSON, nullable=False),
    PrimaryKeyConstraint("person_id", "event"),
)

reminder_usual = Table(
    "reminder_usual",
    metadata,
    # The same as the host or the desk set it for an event.
    reference("event_id", "event.id", primary_key=True),
    Column("leads", JSON, nullable=False),
)
