"""Surveys: the ledger, sealed answers, and what is left of them."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.schema.base import UtcDateTime, metadata, own_id, reference

survey = Table(
    "survey",
    metadata,
    own_id(),
    Column("version", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("state", String(8), nullable=False, index=True),
    Column("item_ids", JSON, nullable=False),
    # The version of the measurement framework; "" for a survey of one's own, whose questions are its wording.
    Column("framework", String(40), nullable=False),
    Column("wording", JSON, nullable=False),
    Column("days", Integer, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("least_scores", Integer, nullable=False),
    Column("least_remarks", Integer, nullable=False),
    # Recognises the key that its answers are sealed with.
    Column("key_mark", String(16), nullable=False),
    Column("note", Text, nullable=False),
    reference("planned_by", "person.id", nullable=True),
    Column("opened_at", UtcDateTime, nullable=True),
    Column("closes_at", UtcDateTime, nullable=True),
)

pulse_turn = Table(
    "pulse_turn",
    metadata,
    # Each member's place in the rotation, and whether they want to be asked at all.
    reference("person_id", "person.id", primary_key=True),
    Column("due_at", UtcDateTime, nullable=True, index=True),
    Column("asked_at", UtcDateTime, nullable=True),
    Column("cycle", Integer, nullable=False),
    Column("stopped", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

pulse = Table(
    "pulse",
    metadata,
    # The ledger: who was asked what, and whether that is done. Nothing here or beside it says what was answered.
    own_id(),
    reference("person_id", "person.id"),
    reference("survey_id", "survey.id", index=True),
    Column("item", String(20), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    # Which time round in the rotation; null outside it.
    Column("cycle", Integer, nullable=True),
    Column("state", String(8), nullable=False),
    Column("due_at", UtcDateTime, nullable=True, index=True),
    Column("reminded", Boolean, nullable=False),
    Column("unclear", Boolean, nullable=False),
    Column("remarked", Boolean, nullable=False),
    # Nobody is asked twice, on however many replicas.
    UniqueConstraint("person_id", "survey_id", "item"),
    UniqueConstraint("person_id", "cycle", "item"),
)

sealed_response = Table(
    "sealed_response",
    metadata,
    # Answers and comments while their survey runs, each sealed with a key that is not in the database.
    Column("key", String(32), primary_key=True),
    reference("survey_id", "survey.id", index=True),
    Column("sealed", LargeBinary, nullable=False),
)

response_count = Table(
    "response_count",
    metadata,
    # What a closed survey leaves: how many chose a point. There is no row of one answer anywhere.
    reference("survey_id", "survey.id"),
    Column("item", String(20), nullable=False),
    # "" for answers whose region would say too much.
    Column("region", String(40), nullable=False),
    Column("point", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("survey_id", "item", "region", "point"),
)

remark = Table(
    "remark",
    metadata,
    # Comments of a closed survey, shuffled; the key is random.
    Column("key", String(32), primary_key=True),
    reference("survey_id", "survey.id", index=True),
    Column("item", String(20), nullable=False),
    Column("text", Text, nullable=False),
)

turnout = Table(
    "turnout",
    metadata,
    # How many were asked in a closed survey, and how many of them answered.
    reference("survey_id", "survey.id"),
    Column("item", String(20), nullable=False),
    # "" for regions in which too few were asked.
    Column("region", String(40), nullable=False),
    Column("asked", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    PrimaryKeyConstraint("survey_id", "item", "region"),
)
