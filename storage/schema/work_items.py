"""What a desk has to see to beside questions, and what the clock does once in a while."""

from sqlalchemy import JSON, Column, Integer, PrimaryKeyConstraint, String, Table, UniqueConstraint

from storage.schema.base import UtcDateTime, metadata, own_id, reference

work_item = Table(
    "work_item",
    metadata,
    # One row for each cause, for good. `told` holds figures and names of files, never words of people.
    own_id(),
    Column("cause", String(20), nullable=False),
    Column("key", String(120), nullable=False),
    reference("network_id", "network.id", nullable=True),
    reference("question_id", "question.id", nullable=True, index=True),
    reference("person_id", "person.id", nullable=True, index=True),
    Column("topic", String(80), nullable=False),
    Column("told", JSON, nullable=False),
    Column("state", String(10), nullable=False, index=True),
    # Who of the desk has it.
    reference("assigned_id", "person.id", nullable=True, index=True),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=True),
    Column("closed_at", UtcDateTime, nullable=True),
    Column("version", Integer, nullable=False),
    UniqueConstraint("cause", "key"),
)

morning = Table(
    "morning",
    metadata,
    # For which of their own days somebody's summary was claimed: once each, whoever rings and however the clock is set.
    reference("person_id", "person.id"),
    Column("day", String(10), nullable=False),
    PrimaryKeyConstraint("person_id", "day"),
)

no_morning = Table(
    "no_morning",
    metadata,
    # Who wants no summary in the morning.
    reference("person_id", "person.id", primary_key=True),
)

chore = Table(
    "chore",
    metadata,
    # What the clock does by itself, and when it is next due: claimed by whichever replica is first.
    Column("name", String(40), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
)
