"""Who there is, where they meet and by which accounts they are known."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
)

from storage.schema.base import Id, UtcDateTime, metadata, own_id, reference

version = Table(
    "version",
    metadata,
    # "catalogue" counts changes of topics, networks, people, items and questions: caches in memory follow it.
    Column("name", String(40), primary_key=True),
    Column("number", Id, nullable=False),
)

change = Table(
    "change",
    metadata,
    # What each of the newest versions of the catalogue changed (`storage.changes`).
    Column("version", Id, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("number", Id, nullable=False),
    PrimaryKeyConstraint("version", "kind", "number"),
)

topic = Table(
    "topic",
    metadata,
    own_id(),
    Column("key", String(80), nullable=False, unique=True),
    Column("names", JSON, nullable=False),
    Column("aliases", JSON, nullable=False),
    Column("retired", Boolean, nullable=False, default=False, server_default=false()),
    # The topic it was merged into: its key still means that one.
    reference("into_id", "topic.id", nullable=True),
)

network = Table(
    "network",
    metadata,
    own_id(),
    Column("key", String(80), nullable=False, unique=True),
    Column("names", JSON, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("audience", Integer, nullable=False),
    Column("region", String(40), nullable=False),
    Column("topics", JSON, nullable=False),
    Column("about", JSON, nullable=False),
    Column("url", String(500), nullable=False, default=""),
)

person = Table(
    "person",
    metadata,
    own_id(),
    # What an import recognises them by (an e-mail address, lower case); for people first met in a channel
    # "<channel>:<their id there>".
    Column("key", String(320), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("language", String(2), nullable=False),
    Column("speaks", JSON, nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("region", String(40), nullable=False),
    Column("office", String(120), nullable=False, default=""),
    Column("reach", Integer, nullable=False),
    Column("topics", JSON, nullable=False),
    Column("about", Text, nullable=False, default=""),
    Column("sample", Boolean, nullable=False, default=False),
    # Missing from a file of everybody, and said to leave by whoever imported it: asked no more.
    Column("leaving", Boolean, nullable=False, default=False, server_default=false()),
    Column("created_at", UtcDateTime, nullable=False),
)

preference = Table(
    "preference",
    metadata,
    # What people chose for themselves: no import touches it.
    reference("person_id", "person.id", primary_key=True),
    # Whom they named as their supervisor; used for their own questions alone.
    reference("supervisor_id", "person.id", nullable=True),
    # No offers before then.
    Column("away_until", UtcDateTime, nullable=True),
    # Offers a week; null = as the KM team set it.
    Column("weekly_cap", Integer, nullable=True),
    # The channel on which they would rather be written to; null or "" = where they last were.
    Column("channel", String(20), nullable=True),
    # How the digest reaches them: chat, email, both or off; null = in chat.
    Column("digest", String(5), nullable=True),
    # Whether they may be named where a report says who connects others; null = no.
    Column("connector", Boolean, nullable=True),
    # When they last showed their statement of contributions.
    Column("shared_at", UtcDateTime, nullable=True),
    # Names of columns of `person` that they said themselves: an import leaves those as they are.
    Column("own", JSON, nullable=True),
    # What they want to hear of (topics), and how they can help; null = nothing said.
    Column("interests", JSON, nullable=True),
    Column("helps", JSON, nullable=True),
    # Their own quiet hours, as "20:00-07:00"; "none" for none, null = as the KM team set them.
    Column("quiet", String(11), nullable=True),
    # Whether colleagues may find them by what they know.
    Column("listed", Boolean, nullable=False, default=False, server_default=false()),
    # How far they came in the welcome of each role: {"member": 2}, a step after the last for done or skipped.
    Column("tour", JSON, nullable=True),
)

membership = Table(
    "membership",
    metadata,
    reference("person_id", "person.id"),
    reference("network_id", "network.id"),
    PrimaryKeyConstraint("person_id", "network_id"),
)

role_grant = Table(
    "role_grant",
    metadata,
    own_id(),
    reference("person_id", "person.id", index=True),
    Column("role", String(20), nullable=False),
    reference("network_id", "network.id", nullable=True),
    # Who granted it in chat; null = an import did, and the next one may take it back.
    reference("by_id", "person.id", nullable=True),
)

identity = Table(
    "identity",
    metadata,
    Column("channel", String(20), nullable=False),
    Column("remote_id", String(200), nullable=False),
    reference("person_id", "person.id", index=True),
    # Whether a code made it this person's, who was known before by another.
    Column("linked", Boolean, nullable=False, default=False, server_default=false()),
    PrimaryKeyConstraint("channel", "remote_id"),
)

link_code = Table(
    "link_code",
    metadata,
    # A code that somebody was shown, to be typed on another channel.
    reference("person_id", "person.id", primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("expires_at", UtcDateTime, nullable=False),
)

link_try = Table(
    "link_try",
    metadata,
    # A code typed that was none.
    own_id(),
    reference("person_id", "person.id", index=True),
    Column("at", UtcDateTime, nullable=False),
)

block = Table(
    "block",
    metadata,
    # Who may not write to others, for which questions of theirs, and who decided that. One for each question: a second
    # block that said "already" would tell the desk that both are one person's.
    reference("person_id", "person.id"),
    reference("question_id", "question.id"),
    reference("by_id", "person.id"),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("person_id", "question_id"),
)
