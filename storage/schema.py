"""The tables. Migrations build them; a test compares the two."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in and out, UTC at rest.

    SQLite drops the offset of DateTime(timezone=True) and would hand back a naive value.
    Raises ValueError for a naive datetime: its zone would be a guess.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives ids by rowid only to INTEGER keys.
Id = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _ref(name: str, target: str, *, nullable: bool = False, **more: Any) -> Column[int]:
    return Column(name, Id, ForeignKey(target), nullable=nullable, **more)


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
    _id(),
    Column("key", String(80), nullable=False, unique=True),
    Column("names", JSON, nullable=False),
    Column("aliases", JSON, nullable=False),
)

network = Table(
    "network",
    metadata,
    _id(),
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
    _id(),
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
    Column("created_at", UtcDateTime, nullable=False),
)

preference = Table(
    "preference",
    metadata,
    # What people chose for themselves: no import touches it.
    _ref("person_id", "person.id", primary_key=True),
    # Whom they named as their supervisor; used for their own questions alone.
    _ref("supervisor_id", "person.id", nullable=True),
    # No offers before then.
    Column("away_until", UtcDateTime, nullable=True),
    # Offers a week; null = as the KM team set it.
    Column("weekly_cap", Integer, nullable=True),
    # The channel on which they would rather be written to; null or "" = where they last were.
    Column("channel", String(20), nullable=True),
)

membership = Table(
    "membership",
    metadata,
    _ref("person_id", "person.id"),
    _ref("network_id", "network.id"),
    PrimaryKeyConstraint("person_id", "network_id"),
)

role_grant = Table(
    "role_grant",
    metadata,
    _id(),
    _ref("person_id", "person.id", index=True),
    Column("role", String(20), nullable=False),
    _ref("network_id", "network.id", nullable=True),
    # Who granted it in chat; null = an import did, and the next one may take it back.
    _ref("by_id", "person.id", nullable=True),
)

item = Table(
    "item",
    metadata,
    _id(),
    Column("key", String(120), nullable=False, unique=True),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("topics", JSON, nullable=False),
    Column("audience", Integer, nullable=False),
    _ref("network_id", "network.id", nullable=True),
    Column("region", String(40), nullable=False),
    Column("sample", Boolean, nullable=False, default=False),
    Column("created_at", UtcDateTime, nullable=False),
)

question = Table(
    "question",
    metadata,
    _id(),
    # Raised by every move; a write names the version it read (PostgreSQL would otherwise lose moves).
    Column("version", Integer, nullable=False),
    _ref("asker_id", "person.id", index=True),
    Column("text", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("audience", Integer, nullable=False),
    Column("state", String(12), nullable=False, index=True),
    _ref("expert_id", "person.id", nullable=True, index=True),
    # What the asker wished (`knowledge.wishes`), without what is as usual; null in questions older than wishes.
    Column("wishes", JSON, nullable=True),
    Column("asker_named", Boolean, nullable=False, default=False),
    Column("expert_named", Boolean, nullable=False, default=False),
    Column("asker_asks", Boolean, nullable=False, default=False, server_default=false()),
    Column("expert_asks", Boolean, nullable=False, default=False, server_default=false()),
    Column("outcome", String(8), nullable=True),
    # Whose desk looks after it; null = it fits no network, or is older than this column.
    _ref("network_id", "network.id", nullable=True),
    # The question whose answers its asker gets, since a facilitator found that both ask the same.
    _ref("merged_into_id", "question.id", nullable=True, index=True),
    # The earlier answer that settled it, if one did.
    _ref("item_id", "item.id", nullable=True),
    # Whose answers helped, by person; null in questions older than this column.
    Column("helped", JSON, nullable=True),
    # What the asker says of it later; null = nothing.
    Column("minutes_saved", Integer, nullable=True),
    Column("used", Boolean, nullable=True),
    Column("changed", Boolean, nullable=True),
    Column("followed_up", Boolean, nullable=False, default=False, server_default=false()),
    Column("coached", Boolean, nullable=False, default=False, server_default=false()),
    # How many messages crossed, both ways: numbers the cards.
    Column("relayed", Integer, nullable=False, default=0),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime, nullable=True),
    Column("waiting_since", UtcDateTime, nullable=True),
    Column("taken_at", UtcDateTime, nullable=True),
    Column("answered_at", UtcDateTime, nullable=True),
    Column("closed_at", UtcDateTime, nullable=True),
    # When the clock has something to do with it; null = never.
    Column("due_at", UtcDateTime, nullable=True, index=True),
    Column("reminded", Boolean, nullable=False, default=False),
)

offer = Table(
    "offer",
    metadata,
    _ref("question_id", "question.id"),
    _ref("person_id", "person.id", index=True),
    Column("state", String(10), nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("offered_at", UtcDateTime, nullable=False, index=True),
    Column("ended_at", UtcDateTime, nullable=True),
    PrimaryKeyConstraint("question_id", "person_id"),
)

relay = Table(
    "relay",
    metadata,
    _ref("question_id", "question.id"),
    Column("number", Integer, nullable=False),
    Column("side", String(6), nullable=False),
    _ref("author_id", "person.id"),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("question_id", "number"),
)

widening = Table(
    "widening",
    metadata,
    # A wider circle that one side said yes to, and the other not yet; whether that side was the asker.
    _ref("question_id", "question.id", primary_key=True),
    Column("audience", Integer, nullable=False),
    Column("asker_agreed", Boolean, nullable=False),
)

network_home = Table(
    "network_home",
    metadata,
    # The channel in which a network reads together, as one of its moderators said there.
    _ref("network_id", "network.id", primary_key=True),
    _ref("conversation_id", "conversation.id"),
)

flag = Table(
    "flag",
    metadata,
    _id(),
    # Raised by every move, as a question's.
    Column("version", Integer, nullable=False),
    _ref("flagger_id", "person.id", index=True),
    Column("type", String(12), nullable=True),
    Column("text", Text, nullable=False),
    Column("language", String(2), nullable=False),
    _ref("network_id", "network.id", nullable=True),
    Column("state", String(10), nullable=False, index=True),
    # Whether its flagger chose to be shown.
    Column("named", Boolean, nullable=False),
    # A moderator's words for it, and why it was not published; "" for none.
    Column("proposal", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _ref("moderator_id", "person.id", nullable=True),
    # How many reactions came: numbers them.
    Column("reactions", Integer, nullable=False),
    # Whether it waited so long that more people were asked to decide.
    Column("raised", Boolean, nullable=False, default=False, server_default=false()),
    Column("due_at", UtcDateTime, nullable=True, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime, nullable=True),
    Column("ended_at", UtcDateTime, nullable=True),
)

reaction = Table(
    "reaction",
    metadata,
    # What somebody of the network said to a flag, for its flagger alone.
    _ref("flag_id", "flag.id"),
    Column("number", Integer, nullable=False),
    _ref("author_id", "person.id", index=True),
    Column("named", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("flag_id", "number"),
)

assist = Table(
    "assist",
    metadata,
    _id(),
    # Raised by every move, as a question's.
    Column("version", Integer, nullable=False),
    _ref("asker_id", "person.id", index=True),
    # The question it is about, if it is about one.
    _ref("question_id", "question.id", nullable=True),
    Column("text", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("audience", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("named", Boolean, nullable=False),
    # relayed, opening, group; what is said in it is kept nowhere.
    Column("place", String(8), nullable=False),
    _ref("note_taker_id", "person.id", nullable=True),
    Column("reminded", Boolean, nullable=False),
    Column("result", Text, nullable=False),
    # Whether its asker agreed that the desk reads the result.
    Column("shared", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("gather_until", UtcDateTime, nullable=True),
    Column("ends_at", UtcDateTime, nullable=True),
    Column("due_at", UtcDateTime, nullable=True, index=True),
    # Until then a replica is making its group conversation.
    Column("opening_until", UtcDateTime, nullable=True),
)

invitation = Table(
    "invitation",
    metadata,
    _ref("assist_id", "assist.id"),
    _ref("person_id", "person.id", index=True),
    Column("reply", String(6), nullable=False),
    Column("invited_at", UtcDateTime, nullable=False),
    Column("replied_at", UtcDateTime, nullable=True),
    PrimaryKeyConstraint("assist_id", "person_id"),
)

impact = Table(
    "impact",
    metadata,
    # An expert's own note on what an answer of theirs led to: theirs alone until they show it.
    _ref("question_id", "question.id"),
    _ref("person_id", "person.id", index=True),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("question_id", "person_id"),
)

identity = Table(
    "identity",
    metadata,
    Column("channel", String(20), nullable=False),
    Column("remote_id", String(200), nullable=False),
    _ref("person_id", "person.id", index=True),
    # Whether a code made it this person's, who was known before by another.
    Column("linked", Boolean, nullable=False, default=False, server_default=false()),
    PrimaryKeyConstraint("channel", "remote_id"),
)

link_code = Table(
    "link_code",
    metadata,
    # A code that somebody was shown, to be typed on another channel.
    _ref("person_id", "person.id", primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("expires_at", UtcDateTime, nullable=False),
)

link_try = Table(
    "link_try",
    metadata,
    # A code typed that was none.
    _id(),
    _ref("person_id", "person.id", index=True),
    Column("at", UtcDateTime, nullable=False),
)

conversation = Table(
    "conversation",
    metadata,
    _id(),
    Column("channel", String(20), nullable=False),
    Column("remote_id", String(300), nullable=False),
    # Null for a group or a channel of a team, which belongs to nobody.
    _ref("person_id", "person.id", nullable=True, index=True),
    Column("address", JSON, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
    # The number of the last message put in the outbox for it: the order of delivery.
    Column("last_number", Id, nullable=False, default=0),
    # Why nothing arrives there (a catalogue key), "" while it works; a new word from the person clears it.
    Column("unreachable", String(40), nullable=False, default=""),
    UniqueConstraint("channel", "remote_id"),
)

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
    _id(),
    # Null when the person has no conversation yet: a postman gives such a row up, with its reason.
    _ref("conversation_id", "conversation.id", nullable=True),
    _ref("person_id", "person.id", nullable=True),
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
    _ref("conversation_id", "conversation.id"),
    Column("card", String(80), nullable=False),
    Column("remote_id", String(300), nullable=False),
    PrimaryKeyConstraint("conversation_id", "card"),
)

card_issue = Table(
    "card_issue",
    metadata,
    # The newest issue of each card with buttons that work once (`knowledge.issues`).
    _ref("person_id", "person.id"),
    Column("card", String(80), nullable=False),
    Column("key", String(16), nullable=False, unique=True),
    Column("secret", String(32), nullable=False),
    Column("used", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    PrimaryKeyConstraint("person_id", "card"),
)

audit = Table(
    "audit",
    metadata,
    # What was done with privilege: by whom, which command, about what ("question:12"), when. Never a member's words.
    _id(),
    _ref("person_id", "person.id", index=True),
    Column("action", String(20), nullable=False),
    Column("about", String(40), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

desk_note = Table(
    "desk_note",
    metadata,
    # What people of a desk write to each other about a question; never shown to a member. The desk's place, null = all.
    _id(),
    _ref("question_id", "question.id", index=True),
    _ref("author_id", "person.id", index=True),
    _ref("network_id", "network.id", nullable=True),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

desk_move = Table(
    "desk_move",
    metadata,
    # The last command of the desk by each person, and what it takes to undo it; null = it cannot be undone.
    _ref("person_id", "person.id", primary_key=True),
    Column("action", String(20), nullable=False),
    Column("about", String(40), nullable=False),
    Column("before", JSON, nullable=True),
    Column("at", UtcDateTime, nullable=False),
)

block = Table(
    "block",
    metadata,
    # Who may not write to others, for which questions of theirs, and who decided that. One for each question: a second
    # block that said "already" would tell the desk that both are one person's.
    _ref("person_id", "person.id"),
    _ref("question_id", "question.id"),
    _ref("by_id", "person.id"),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("person_id", "question_id"),
)

survey = Table(
    "survey",
    metadata,
    _id(),
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
    _ref("planned_by", "person.id", nullable=True),
    Column("opened_at", UtcDateTime, nullable=True),
    Column("closes_at", UtcDateTime, nullable=True),
)

pulse_turn = Table(
    "pulse_turn",
    metadata,
    # Each member's place in the rotation, and whether they want to be asked at all.
    _ref("person_id", "person.id", primary_key=True),
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
    _id(),
    _ref("person_id", "person.id"),
    _ref("survey_id", "survey.id", index=True),
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
    _ref("survey_id", "survey.id", index=True),
    Column("sealed", LargeBinary, nullable=False),
)

response_count = Table(
    "response_count",
    metadata,
    # What a closed survey leaves: how many chose a point. There is no row of one answer anywhere.
    _ref("survey_id", "survey.id"),
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
    _ref("survey_id", "survey.id", index=True),
    Column("item", String(20), nullable=False),
    Column("text", Text, nullable=False),
)

turnout = Table(
    "turnout",
    metadata,
    # How many were asked in a closed survey, and how many of them answered.
    _ref("survey_id", "survey.id"),
    Column("item", String(20), nullable=False),
    # "" for regions in which too few were asked.
    Column("region", String(40), nullable=False),
    Column("asked", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    PrimaryKeyConstraint("survey_id", "item", "region"),
)

text_vector = Table(
    "text_vector",
    metadata,
    # A cache (`knowledge.matching.keeping`): whatever is in no index any more is deleted within the hour.
    Column("key", String(64), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)

web_message = Table(
    "web_message",
    metadata,
    # What the try-it page shows. Written only in development mode.
    _id(),
    _ref("conversation_id", "conversation.id", index=True),
    # The outbox row it came from: a second delivery of it is not shown twice. Null for what the person typed.
    Column("delivery", Id, nullable=True, unique=True),
    # Counts every line added or changed in its conversation: a page asks for what is newer than it has seen.
    Column("revision", Id, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("conversation_id", "revision"),
)
