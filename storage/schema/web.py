"""What the try-it page shows."""

from sqlalchemy import (
    JSON,
    Column,
    Table,
    UniqueConstraint,
)

from storage.schema.base import Id, UtcDateTime, metadata, own_id, reference

web_message = Table(
    "web_message",
    metadata,
    # What the try-it page shows. Written only in development mode.
    own_id(),
    reference("conversation_id", "conversation.id", index=True),
    # The outbox row it came from: a second delivery of it is not shown twice. Null for what the person typed.
    Column("delivery", Id, nullable=True, unique=True),
    # Counts every line added or changed in its conversation: a page asks for what is newer than it has seen.
    Column("revision", Id, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("conversation_id", "revision"),
)
