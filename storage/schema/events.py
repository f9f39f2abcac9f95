"""The calendar: events, when they take place, who comes, and the calendars they are read from and given to."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.schema.base import UtcDateTime, metadata, own_id, reference

calendar_source = Table(
    "calendar_source",
    metadata,
    # A calendar that events are read from: file, url (read once), subscription.
    own_id(),
    Column("kind", String(12), nullable=False),
    reference("owner_id", "person.id", nullable=True, index=True),
    reference("network_id", "network.id", nullable=True),
    Column("audience", Integer, nullable=False),
    # "" for a file, whose content stands here until it was read.
    Column("url", String(2000), nullable=False),
    Column("content", LargeBinary, nullable=True),
    # reading, read, live, stopped, dead
    Column("state", String(10), nullable=False),
    # The zone that its owner chose for times whose zone is not known; "" while nobody was asked.
    Column("zone", String(64), nullable=False),
    # What the far side said last, to be asked for news only.
    Column("etag", String(300), nullable=False),
    Column("modified", String(100), nullable=False),
    # How often in a row it could not be read, since when, and a word for why.
    Column("failures", Integer, nullable=False),
    Column("failing_since", UtcDateTime, nullable=True),
    Column("problem", String(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime, nullable=True),
    Column("due_at", UtcDateTime, nullable=True, index=True),
    # Until then a replica is at reading it.
    Column("claimed_until", UtcDateTime, nullable=True),
)

event = Table(
    "event",
    metadata,
    own_id(),
    # Raised by every move, as a question's.
    Column("version", Integer, nullable=False),
    reference("host_id", "person.id", nullable=True, index=True),
    Column("state", String(10), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("title", String(200), nullable=False),
    Column("description", Text, nullable=False),
    # A wall time in a zone, as ISO 8601: never a moment.
    Column("start", String(19), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("all_day", Boolean, nullable=False),
    Column("place", String(300), nullable=False),
    Column("link", String(1000), nullable=False),
    Column("speakers", JSON, nullable=False),
    Column("organiser", String(200), nullable=False),
    Column("language", String(2), nullable=False),
    Column("audience", Integer, nullable=False),
    reference("network_id", "network.id", nullable=True, index=True),
    Column("priority", String(80), nullable=False),
    Column("capacity", Integer, nullable=True),
    # RRULE, RDATE and EXDATE as wall times, and what single occurrences have that is different.
    Column("rule", String(500), nullable=False),
    Column("extra", JSON, nullable=False),
    Column("without", JSON, nullable=False),
    Column("changed", JSON, nullable=False),
    Column("uid", String(255), nullable=False, index=True),
    Column("sequence", Integer, nullable=False),
    reference("source_id", "calendar_source.id", nullable=True),
    reference("moderator_id", "person.id", nullable=True),
    Column("reason", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # Up to when its occurrences are worked out; null for what does not go on.
    Column("expanded_until", UtcDateTime, nullable=True, index=True),
    # Nulls differ from each other: what was made here is told apart by its number.
    UniqueConstraint("source_id", "uid"),
)

event_occurrence = Table(
    "event_occurrence",
    metadata,
    # Worked out of the event, so that what begins soon can be looked up; past ones stay as they were.
    reference("event_id", "event.id"),
    Column("key", String(16), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("title", String(200), nullable=False),
    Column("place", String(300), nullable=False),
    Column("link", String(1000), nullable=False),
    Column("all_day", Boolean, nullable=False),
    Column("moved", Boolean, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    PrimaryKeyConstraint("event_id", "key"),
    Index("ix_event_occurrence_starts_at", "starts_at"),
    Index("ix_event_occurrence_ends_at", "ends_at"),
)

rsvp = Table(
    "rsvp",
    metadata,
    reference("event_id", "event.id"),
    reference("person_id", "person.id", index=True),
    # The occurrence it is said of; "" = every one.
    Column("occurrence", String(16), nullable=False),
    Column("answer", String(8), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    # Whether the others may read their name.
    Column("named", Boolean, nullable=False),
    # The event was moved since, and they have not said whether it still suits them.
    Column("unsure", Boolean, nullable=False),
    # A change of the event they have not been told of yet: moved, cancelled, restored; "" for none.
    Column("news", String(10), nullable=False, default="", server_default=text("''"), index=True),
    PrimaryKeyConstraint("event_id", "person_id", "occurrence"),
)

calendar_feed = Table(
    "calendar_feed",
    metadata,
    # A secret address at which a calendar program reads what its owner may read; null network = all theirs.
    own_id(),
    reference("person_id", "person.id", index=True),
    reference("network_id", "network.id", nullable=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=True),
)
