"""Flags, and where networks read them."""

from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
)

from storage.schema.base import UtcDateTime, metadata, own_id, reference

network_home = Table(
    "network_home",
    metadata,
    # The channel in which a network reads together, as one of its moderators said there.
    reference("network_id", "network.id", primary_key=True),
    reference("conversation_id", "conversation.id"),
)

flag = Table(
    "flag",
    metadata,
    own_id(),
    # Raised by every move, as a question's.
    Column("version", Integer, nullable=False),
    reference("flagger_id", "person.id", index=True),
    Column("type", String(12), nullable=True),
    Column("text", Text, nullable=False),
    Column("language", String(2), nullable=False),
    reference("network_id", "network.id", nullable=True),
    Column("state", String(10), nullable=False, index=True),
    # Whether its flagger chose to be shown.
    Column("named", Boolean, nullable=False),
    # A moderator's words for it, and why it was not published; "" for none.
    Column("proposal", Text, nullable=False),
    Column("reason", Text, nullable=False),
    reference("moderator_id", "person.id", nullable=True),
    # How many reactions came: numbers them.
    Column("reactions", Integer, nullable=False),
    # Whether it waited so long that more people were asked to decide.
    Column("raised", Boolean, nullable=False, default=False, server_default=false()),
    Column("due_at", UtcDateTime, nullable=True, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime, nullable=True),
    Column("ended_at", UtcDateTime, nullable=True),
)

reaction = Table(
    "reaction",
    metadata,
    # What somebody of the network said to a flag, for its flagger alone.
    reference("flag_id", "flag.id"),
    Column("number", Integer, nullable=False),
    reference("author_id", "person.id", index=True),
    Column("named", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("flag_id", "number"),
)
