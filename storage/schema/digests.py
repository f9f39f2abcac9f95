"""The weekly top 5: digests, whom they went to, and what the KM team set."""

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
)

from storage.schema.base import Id, UtcDateTime, metadata, own_id, reference

digest = Table(
    "digest",
    metadata,
    own_id(),
    reference("network_id", "network.id"),
    # "2026-W10"
    Column("week", String(8), nullable=False),
    # Raised by every move; a write names the version it read.
    Column("version", Integer, nullable=False),
    Column("state", String(8), nullable=False, index=True),
    # By key and, only where the facilitator chose other words, with these.
    Column("picks", JSON, nullable=False),
    reference("approved_by_id", "person.id", nullable=True),
    reference("second_by_id", "person.id", nullable=True),
    Column("approved_at", UtcDateTime, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    # The last reader who was written down, and whether that was the last of all.
    Column("planned_up_to", Id, nullable=False, default=0),
    Column("planned", Boolean, nullable=False, default=False),
    UniqueConstraint("network_id", "week"),
)

digest_sending = Table(
    "digest_sending",
    metadata,
    # One reader by one channel, once: what makes a digest sent twice impossible.
    reference("digest_id", "digest.id"),
    reference("person_id", "person.id", index=True),
    Column("channel", String(5), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    # When it was put in the outbox, in that transaction; null = it waits.
    Column("done_at", UtcDateTime, nullable=True),
    # Whether it went to them, or they were left out; and what of it, by key.
    Column("sent", Boolean, nullable=False, default=False),
    Column("picks", JSON, nullable=False),
    PrimaryKeyConstraint("digest_id", "person_id", "channel"),
    Index("ix_digest_sending_done_at_due_at", "done_at", "due_at"),
)

digest_taken_back = Table(
    "digest_taken_back",
    metadata,
    # What is read nowhere any more, by key: those who got it lately are shown their digest anew, without.
    Column("key", String(40), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

digest_reminder = Table(
    "digest_reminder",
    metadata,
    # Who was told that a digest waits for them, in which week.
    reference("person_id", "person.id"),
    Column("week", String(8), nullable=False),
    PrimaryKeyConstraint("person_id", "week"),
)

digest_rule = Table(
    "digest_rule",
    metadata,
    # What the KM team set: "second" = what goes to the main community waits for a second person.
    Column("name", String(20), primary_key=True),
    Column("set", Boolean, nullable=False),
)
