"""Imports in chat, from the file to the undo; and what facilitators confirmed of people's expertise."""

from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Table, false

from storage.schema.base import Id, UtcDateTime, metadata, own_id, reference

directory_import = Table(
    "directory_import",
    metadata,
    own_id(),
    reference("by_id", "person.id"),
    # As in `knowledge.importing.State`.
    Column("state", String(12), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    # From when on it may be worked on; a replica that works on it moves this ahead. Null: nothing to do.
    Column("due_at", UtcDateTime, nullable=True, index=True),
    Column("rows", Integer, nullable=False, default=0),
    # What it would change or did: see `knowledge.importing.Import`.
    Column("counts", JSON, nullable=False),
    Column("examples", JSON, nullable=False),
    Column("problems", JSON, nullable=False),
    Column("more_problems", Boolean, nullable=False, default=False, server_default=false()),
    # Whether people who are in no file leave.
    Column("leavers", Boolean, nullable=False, default=False, server_default=false()),
)

import_file = Table(
    "import_file",
    metadata,
    # Kept until its import is over.
    own_id(),
    reference("import_id", "directory_import.id", index=True),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

import_change = Table(
    "import_change",
    metadata,
    # One row that an import would change, and once it did, what an undo needs.
    reference("import_id", "directory_import.id"),
    Column("place", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("key", String(320), nullable=False),
    # The row's id; null while it is not there yet.
    Column("number", Id, nullable=True, index=True),
    Column("before", JSON, nullable=True),
    Column("after", JSON, nullable=False),
    # Somebody who is in no file.
    Column("leaver", Boolean, nullable=False, default=False, server_default=false()),
    PrimaryKeyConstraint("import_id", "place"),
)

expertise_check = Table(
    "expertise_check",
    metadata,
    # A facilitator confirmed that somebody knows a topic.
    reference("person_id", "person.id"),
    Column("topic", String(80), nullable=False),
    reference("by_id", "person.id"),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("person_id", "topic"),
)
