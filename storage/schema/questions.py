"""What is asked, to whom it is brought, and what crosses."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
)

from storage.schema.base import Id, UtcDateTime, metadata, own_id, reference

question = Table(
    "question",
    metadata,
    own_id(),
    # Raised by every move; a write names the version it read (PostgreSQL would otherwise lose moves).
    Column("version", Integer, nullable=False),
    reference("asker_id", "person.id", index=True),
    Column("text", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("audience", Integer, nullable=False),
    Column("state", String(12), nullable=False, index=True),
    reference("expert_id", "person.id", nullable=True, index=True),
    # What the asker wished (`knowledge.wishes`), without what is as usual; null in questions older than wishes.
    Column("wishes", JSON, nullable=True),
    Column("asker_named", Boolean, nullable=False, default=False),
    Column("expert_named", Boolean, nullable=False, default=False),
    Column("asker_asks", Boolean, nullable=False, default=False, server_default=false()),
    Column("expert_asks", Boolean, nullable=False, default=False, server_default=false()),
    Column("outcome", String(8), nullable=True),
    # Whose desk looks after it; null = it fits no network, or is older than this column.
    reference("network_id", "network.id", nullable=True),
    # The question whose answers its asker gets, since a facilitator found that both ask the same.
    reference("merged_into_id", "question.id", nullable=True, index=True),
    # The words in which others may read it now; null = nobody may.
    Column("opening_id", Id, nullable=True, index=True),
    # The earlier answer that settled it, if one did.
    reference("item_id", "item.id", nullable=True),
    # Whose answers helped, by person; null in questions older than this column.
    Column("helped", JSON, nullable=True),
    # What the asker says of it later; null = nothing.
    Column("minutes_saved", Integer, nullable=True),
    Column("used", Boolean, nullable=True),
    Column("changed", Boolean, nullable=True),
    Column("followed_up", Boolean, nullable=False, default=False, server_default=false()),
    Column("coached", Boolean, nullable=False, default=False, server_default=false()),
    # How many messages crossed, both ways: numbers the cards.
    Column("relayed", Integer, nullable=False, default=0),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime, nullable=True),
    Column("waiting_since", UtcDateTime, nullable=True),
    Column("taken_at", UtcDateTime, nullable=True),
    Column("answered_at", UtcDateTime, nullable=True),
    Column("closed_at", UtcDateTime, nullable=True),
    # When the clock has something to do with it; null = never.
    Column("due_at", UtcDateTime, nullable=True, index=True),
    Column("reminded", Boolean, nullable=False, default=False),
)

offer = Table(
    "offer",
    metadata,
    reference("question_id", "question.id"),
    reference("person_id", "person.id", index=True),
    Column("state", String(10), nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("offered_at", UtcDateTime, nullable=False, index=True),
    Column("ended_at", UtcDateTime, nullable=True),
    PrimaryKeyConstraint("question_id", "person_id"),
)

relay = Table(
    "relay",
    metadata,
    reference("question_id", "question.id"),
    Column("number", Integer, nullable=False),
    Column("side", String(6), nullable=False),
    reference("author_id", "person.id"),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("question_id", "number"),
)

opening = Table(
    "opening",
    metadata,
    # Words in which an asker lets others read a question, or looked at them: never changed, and its number never given
    # again, since digests name it.
    own_id(),
    reference("question_id", "question.id", index=True),
    Column("text", Text, nullable=False),
    Column("audience", Integer, nullable=False),
    reference("network_id", "network.id", nullable=True),
    # When its asker last said yes to it; null = never.
    Column("at", UtcDateTime, nullable=True),
    sqlite_autoincrement=True,
)

widening = Table(
    "widening",
    metadata,
    # A wider circle that one side said yes to, and the other not yet; whether that side was the asker.
    reference("question_id", "question.id", primary_key=True),
    Column("audience", Integer, nullable=False),
    Column("asker_agreed", Boolean, nullable=False),
)

impact = Table(
    "impact",
    metadata,
    # An expert's own note on what an answer of theirs led to: theirs alone until they show it.
    reference("question_id", "question.id"),
    reference("person_id", "person.id", index=True),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("question_id", "person_id"),
)
