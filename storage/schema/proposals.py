"""Proposals of topics, who endorses them, and calls for topics."""

from sqlalchemy import JSON, Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from storage.schema.base import Id, UtcDateTime, metadata, own_id, reference

_RUNNING = text("state IN ('open', 'tied')")

topic_call = Table(
    "topic_call",
    metadata,
    own_id(),
    Column("version", Integer, nullable=False),
    reference("network_id", "network.id"),
    reference("opener_id", "person.id"),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closes_at", UtcDateTime, nullable=False),
    Column("state", String(8), nullable=False),
    # The numbers of the proposals in front, while somebody has to choose.
    Column("tied", JSON, nullable=False),
    Column("winner", Integer, nullable=True),
    # The last member who was told of it; null when all were. The same for what has to change on cards since.
    Column("told_up_to", Id, nullable=True),
    Column("mended_up_to", Id, nullable=True),
    Index("ix_topic_call_state_closes_at", "state", "closes_at"),
    # One at a time in each network, on however many replicas.
    Index(
        "ix_topic_call_running", "network_id", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING
    ),
)  # fmt: skip

proposal = Table(
    "proposal",
    metadata,
    own_id(),
    Column("version", Integer, nullable=False),
    reference("proposer_id", "person.id", index=True),
    Column("text", Text, nullable=False),
    Column("language", String(2), nullable=False),
    reference("network_id", "network.id", nullable=True),
    Column("state", String(10), nullable=False),
    Column("priority", String(80), nullable=False),
    Column("reason", Text, nullable=False),
    reference("moderator_id", "person.id", nullable=True),
    reference("merged_into_id", "proposal.id", nullable=True),
    reference("call_id", "topic_call.id", nullable=True),
    # How many stood behind it when it was chosen; before, the rows of endorsement are counted.
    Column("endorsed", Integer, nullable=False),
    Column("speaker", String(5), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=True),
    Index("ix_proposal_network_id_state", "network_id", "state"),
)

endorsement = Table(
    "endorsement",
    metadata,
    # Who stands behind what, so that nobody does twice and everybody may think better of it. Shown to nobody, and gone
    # soon after the proposal has ended.
    reference("proposal_id", "proposal.id"),
    reference("person_id", "person.id", index=True),
    PrimaryKeyConstraint("proposal_id", "person_id"),
)
