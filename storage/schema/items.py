"""Knowledge items, their wordings and their use, and the drafts that become items."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.schema.base import UtcDateTime, metadata, own_id, reference

item = Table(
    "item",
    metadata,
    own_id(),
    Column("key", String(120), nullable=False, unique=True),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("topics", JSON, nullable=False),
    Column("audience", Integer, nullable=False),
    reference("network_id", "network.id", nullable=True),
    Column("region", String(40), nullable=False),
    Column("sample", Boolean, nullable=False, default=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("state", String(10), nullable=False, default="published", server_default="published"),
    # Which of its wordings this is, from 1.
    Column("version", Integer, nullable=False, default=1, server_default="1"),
    reference("owner_id", "person.id", nullable=True, index=True),
    # The network whose desk looks after it; null = any desk.
    reference("place_id", "network.id", nullable=True),
    # When this wording was; null = as it came, with `created_at`.
    Column("published_at", UtcDateTime, nullable=True),
    # When its owner is asked whether it still holds; null = never, or asked already.
    Column("review_at", UtcDateTime, nullable=True, index=True),
    Column("retired_at", UtcDateTime, nullable=True),
    reference("replaced_by_id", "item.id", nullable=True),
)

item_version = Table(
    "item_version",
    metadata,
    # Every wording it had once it had more than the one it came with. `text`: part by part (`knowledge.item.Text`).
    reference("item_id", "item.id"),
    Column("number", Integer, nullable=False),
    Column("text", JSON, nullable=False),
    reference("by_id", "person.id", nullable=True),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("item_id", "number"),
)

item_use = Table(
    "item_use",
    metadata,
    # How often it was shown, opened, and said to answer a question, by month ("2026-03"): never by whom, nor when.
    reference("item_id", "item.id"),
    Column("use", String(8), nullable=False),
    Column("month", String(7), nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("item_id", "use", "month"),
)

draft = Table(
    "draft",
    metadata,
    own_id(),
    # Raised by every move; a write names the version it read.
    Column("version", Integer, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("state", String(10), nullable=False, index=True),
    # The private question it comes from; null = an item's next wording by its desk.
    reference("question_id", "question.id", nullable=True, index=True),
    reference("item_id", "item.id", nullable=True, index=True),
    # Part by part (`knowledge.item.Text`); empty once it is an item, or will never be.
    Column("text", JSON, nullable=False),
    Column("language", String(2), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("audience", Integer, nullable=False),
    reference("network_id", "network.id", nullable=True),
    reference("place_id", "network.id", nullable=True),
    reference("moderator_id", "person.id", nullable=True),
    Column("due_at", UtcDateTime, nullable=True, index=True),
    Column("created_at", UtcDateTime, nullable=False),
)

draft_voice = Table(
    "draft_voice",
    metadata,
    # What somebody whose words it holds says to their being published; never when they said it.
    reference("draft_id", "draft.id"),
    # 0 = who asked; the others in the order of their first answers.
    Column("number", Integer, nullable=False),
    reference("person_id", "person.id", index=True),
    Column("says", String(10), nullable=False),
    Column("shown", Integer, nullable=False),
    Column("agreed", Integer, nullable=False),
    PrimaryKeyConstraint("draft_id", "number"),
    UniqueConstraint("draft_id", "person_id"),
)
