"""Peer assists."""

from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from storage.schema.base import UtcDateTime, metadata, own_id, reference

assist = Table(
    "assist",
    metadata,
    own_id(),
    # Raised by every move, as a question's.
    Column("version", Integer, nullable=False),
    reference("asker_id", "person.id", index=True),
    # The question it is about, if it is about one.
    reference("question_id", "question.id", nullable=True),
    Column("text", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("audience", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("named", Boolean, nullable=False),
    # relayed, opening, group; what is said in it is kept nowhere.
    Column("place", String(8), nullable=False),
    reference("note_taker_id", "person.id", nullable=True),
    Column("reminded", Boolean, nullable=False),
    Column("result", Text, nullable=False),
    # Whether its asker agreed that the desk reads the result.
    Column("shared", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("gather_until", UtcDateTime, nullable=True),
    Column("ends_at", UtcDateTime, nullable=True),
    Column("due_at", UtcDateTime, nullable=True, index=True),
    # Until then a replica is making its group conversation.
    Column("opening_until", UtcDateTime, nullable=True),
)

invitation = Table(
    "invitation",
    metadata,
    reference("assist_id", "assist.id"),
    reference("person_id", "person.id", index=True),
    Column("reply", String(6), nullable=False),
    Column("invited_at", UtcDateTime, nullable=False),
    Column("replied_at", UtcDateTime, nullable=True),
    PrimaryKeyConstraint("assist_id", "person_id"),
)
