"""What was heard, what is said, and where."""

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
    text,
)

from knowledge.mail import EMAIL
from storage.schema.base import Id, UtcDateTime, metadata, own_id, reference

conversation = Table(
    "conversation",
    metadata,
    own_id(),
    Column("channel", String(20), nullable=False),
    Column("remote_id", String(300), nullable=False),
    # Null for a group or a channel of a team, which belongs to nobody.
    reference("person_id", "person.id", nullable=True, index=True),
    Column("address", JSON, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
    # The number of the last message put in the outbox for it: the order of delivery.
    Column("last_number", Id, nullable=False, default=0),
    # Why nothing arrives there (a catalogue key), "" while it works; a new word from the person clears it.
    Column("unreachable", String(40), nullable=False, default=""),
    UniqueConstraint("channel", "remote_id"),
)

# Where people can write back: a letter is no place to bring a question to.
ANSWERABLE = conversation.c.channel != EMAIL

heard = Table(
    "heard",
    metadata,
    Column("channel", String(20), nullable=False),
    Column("key", String(300), nullable=False),
    Column("twin", String(64), nullable=False, default=""),
    Column("arrived_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("channel", "key"),
    Index("ix_heard_twin", "twin"),
    Index("ix_heard_done_at", "done_at"),
)

# Literal on purpose: a partial index serves only a query that spells the same condition out.
UNFINISHED = text("state IN ('waiting', 'leased')")

outbox = Table(
    "outbox",
    metadata,
    own_id(),
    # Null when the person has no conversation yet: a postman gives such a row up, with its reason.
    reference("conversation_id", "conversation.id", nullable=True),
    reference("person_id", "person.id", nullable=True),
    Column("number", Id, nullable=False),
    Column("kind", String(40), nullable=False),
    # The question it is about, 0 for none. No foreign key: the outbox outlives what it speaks of.
    Column("about", Id, nullable=False, default=0),
    Column("card", String(80), nullable=False, default=""),
    Column("only_edit", Boolean, nullable=False, default=False),
    # Sent as a new message even where its card stands already: it answers what was just said.
    Column("anew", Boolean, nullable=False, default=False),
    Column("payload", JSON, nullable=False),
    # waiting, leased, done, dead
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("owner", String(64), nullable=False, default=""),
    Column("lease_until", UtcDateTime, nullable=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("reason", String(200), nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=True),
    UniqueConstraint("conversation_id", "number"),
    Index("ix_outbox_state_due_at", "state", "due_at"),
    # Keeps a claim quick however many finished rows there are.
    Index("ix_outbox_unfinished", "conversation_id", "number", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
    Index("ix_outbox_ended_at", "ended_at"),
)

sent = Table(
    "sent",
    metadata,
    # Where a named card stands in a conversation, so that it can be edited in place.
    reference("conversation_id", "conversation.id"),
    Column("card", String(80), nullable=False),
    Column("remote_id", String(300), nullable=False),
    PrimaryKeyConstraint("conversation_id", "card"),
)

card_issue = Table(
    "card_issue",
    metadata,
    # The newest issue of each card with buttons that work once (`knowledge.issues`).
    reference("person_id", "person.id"),
    Column("card", String(80), nullable=False),
    Column("key", String(16), nullable=False, unique=True),
    Column("secret", String(32), nullable=False),
    Column("used", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    PrimaryKeyConstraint("person_id", "card"),
)
