"""What the desk did and noted."""

from sqlalchemy import (
    JSON,
    Column,
    String,
    Table,
    Text,
)

from storage.schema.base import UtcDateTime, metadata, own_id, reference

audit = Table(
    "audit",
    metadata,
    # What was done with privilege: by whom, which command, about what ("question:12"), when. Never a member's words.
    own_id(),
    reference("person_id", "person.id", index=True),
    Column("action", String(20), nullable=False),
    Column("about", String(40), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

desk_note = Table(
    "desk_note",
    metadata,
    # What people of a desk write to each other about a question; never shown to a member. The desk's place, null = all.
    own_id(),
    reference("question_id", "question.id", index=True),
    reference("author_id", "person.id", index=True),
    reference("network_id", "network.id", nullable=True),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

desk_move = Table(
    "desk_move",
    metadata,
    # The last command of the desk by each person, and what it takes to undo it; null = it cannot be undone.
    reference("person_id", "person.id", primary_key=True),
    Column("action", String(20), nullable=False),
    Column("about", String(40), nullable=False),
    Column("before", JSON, nullable=True),
    Column("at", UtcDateTime, nullable=False),
)
