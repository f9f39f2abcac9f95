"""What the matcher remembers."""

from sqlalchemy import (
    Column,
    LargeBinary,
    String,
    Table,
)

from storage.schema.base import metadata

text_vector = Table(
    "text_vector",
    metadata,
    # A cache (`knowledge.matching.keeping`): whatever is in no index any more is deleted within the hour.
    Column("key", String(64), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)
