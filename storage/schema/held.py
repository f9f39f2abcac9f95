"""What comes after an event: who was there, who is asked about it, what is left of it and who wants that."""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.schema.base import Id, UtcDateTime, metadata, own_id, reference

_DUE = text("due_at IS NOT NULL")

event_held = Table(
    "event_held",
    metadata,
    # What comes after one occurrence; there from the first look at its attendance on, or since it ended.
    reference("event_id", "event.id"),
    Column("occurrence", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    # What participants type to say that they are there; "" while nobody was shown one.
    Column("code", String(8), nullable=False, index=True),
    # When it ended, as the question about it was planned; null before. Another end now: it was moved since.
    Column("ends_at", UtcDateTime, nullable=True),
    # In which the answers are sealed; null where nobody is asked.
    reference("survey_id", "survey.id", nullable=True, index=True),
    # The last person whose question is planned; null when all are.
    Column("cursor", Id, nullable=True),
    # Whether those who were there are asked, or else those who said that they come.
    Column("of_attended", Boolean, nullable=False),
    # How many were there, once it is no longer kept who.
    Column("attended", Integer, nullable=True),
    PrimaryKeyConstraint("event_id", "occurrence"),
)

attendance = Table(
    "attendance",
    metadata,
    reference("event_id", "event.id"),
    reference("person_id", "person.id", index=True),
    Column("occurrence", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("event_id", "occurrence", "person_id"),
)

event_question = Table(
    "event_question",
    metadata,
    # That somebody is to be asked whether it was useful; what they answer stands nowhere but in the sealed box.
    own_id(),
    reference("event_id", "event.id"),
    Column("occurrence", String(16), nullable=False),
    reference("person_id", "person.id", index=True),
    reference("survey_id", "survey.id", index=True),
    # Null once it was taken by whoever asks it.
    Column("due_at", UtcDateTime, nullable=True),
    # Nobody is asked twice, on however many replicas.
    UniqueConstraint("event_id", "occurrence", "person_id", "survey_id"),
    Index("ix_event_question_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
)

event_material = Table(
    "event_material",
    metadata,
    # Notes or the recording of one occurrence.
    own_id(),
    reference("event_id", "event.id"),
    Column("occurrence", String(16), nullable=False),
    # notes, recording
    Column("kind", String(10), nullable=False),
    Column("text", Text, nullable=False),
    reference("by_id", "person.id", nullable=True, index=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    # The draft of a knowledge item that came of it.
    reference("draft_id", "draft.id", nullable=True),
    UniqueConstraint("event_id", "occurrence", "kind"),
)

event_wish = Table(
    "event_wish",
    metadata,
    # Who wants what is left of it.
    own_id(),
    reference("event_id", "event.id"),
    Column("occurrence", String(16), nullable=False),
    reference("person_id", "person.id", index=True),
    # They have what was attached up to then; null for nothing.
    Column("got_at", UtcDateTime, nullable=True),
    # When they get what is new; null while there is nothing.
    Column("due_at", UtcDateTime, nullable=True),
    UniqueConstraint("event_id", "occurrence", "person_id"),
    Index("ix_event_wish_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
)
