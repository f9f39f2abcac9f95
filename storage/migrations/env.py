"""What Alembic runs for each migration: on the connection we handed in, within our transaction."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import BigInteger

from storage.schema import UtcDateTime, metadata

connection = context.config.attributes["connection"]


def in_our_words(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """How a drafted migration names our own column types; False leaves it to Alembic."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "UtcDateTime()"
    if kind == "type" and isinstance(thing, BigInteger):
        return "Id"
    return False


context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=in_our_words,
    transactional_ddl=True,
)
context.run_migrations()
