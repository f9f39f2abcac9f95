"""What is measured of activity, and what is told of it."""

from sqlalchemy import JSON, Boolean, Column, Integer, PrimaryKeyConstraint, String, Table, Text

from storage.schema.base import UtcDateTime, metadata, own_id, reference

presence = Table(
    "presence",
    metadata,
    # Who wrote or pressed anything in a month ("2026-10", UTC): tells readers from the silent. Deleted once that month
    # is counted.
    reference("person_id", "person.id"),
    Column("month", String(7), nullable=False, index=True),
    PrimaryKeyConstraint("person_id", "month"),
)

month_release = Table(
    "month_release",
    metadata,
    # What was told of a month (`knowledge.measurement.releasing`), as it was first counted; nobody is in it.
    Column("month", String(7), primary_key=True),
    Column("told", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

connector = Table(
    "connector",
    metadata,
    # Who connected others in a month and had agreed to be named; theirs to take back.
    Column("month", String(7), nullable=False),
    reference("person_id", "person.id"),
    Column("place", Integer, nullable=False),
    PrimaryKeyConstraint("month", "person_id"),
)

report_turn = Table(
    "report_turn",
    metadata,
    # The monthly report of one person: the last month they were sent, when to look again, whether they stopped it.
    reference("person_id", "person.id", primary_key=True),
    Column("month", String(7), nullable=False),
    Column("due_at", UtcDateTime, nullable=True),
    Column("stopped", Boolean, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    # What an evaluation or an interview says of an item of the framework, as somebody of the desk entered it.
    own_id(),
    Column("framework", String(20), nullable=False),
    Column("item", String(20), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("place", String(120), nullable=False),
    # The day it was said or written, as 2026-10-03; in no zone.
    Column("held_on", String(10), nullable=False),
    Column("text", Text, nullable=False),
    reference("by_id", "person.id", index=True),
    Column("at", UtcDateTime, nullable=False),
    # Taken back: told no more, and can be brought back.
    Column("retracted", Boolean, nullable=False),
)
