"""The tables. Migrations build them; a test compares the two. Each feature's tables stand in a file of their own."""

from storage.schema.assists import assist, invitation
from storage.schema.base import Id, UtcDateTime, metadata
from storage.schema.community import (
    block,
    change,
    identity,
    link_code,
    link_try,
    membership,
    network,
    person,
    preference,
    role_grant,
    topic,
    version,
)
from storage.schema.desk import audit, desk_move, desk_note
from storage.schema.digests import digest, digest_reminder, digest_rule, digest_sending, digest_taken_back
from storage.schema.directory import directory_import, expertise_check, import_change, import_file
from storage.schema.events import calendar_feed, calendar_source, event, event_occurrence, rsvp
from storage.schema.flags import flag, network_home, reaction
from storage.schema.held import attendance, event_held, event_material, event_question, event_wish
from storage.schema.items import draft, draft_voice, item, item_use, item_version
from storage.schema.matching import text_vector
from storage.schema.measuring import connector, evidence, month_release, presence, report_turn
from storage.schema.outbox import ANSWERABLE, UNFINISHED, card_issue, conversation, heard, outbox, sent
from storage.schema.proposals import endorsement, proposal, topic_call
from storage.schema.questions import impact, offer, opening, question, relay, widening
from storage.schema.reminders import reminder, reminder_choice, reminder_plan, reminder_usual
from storage.schema.surveys import pulse, pulse_turn, remark, response_count, sealed_response, survey, turnout
from storage.schema.web import web_message
from storage.schema.work_items import chore, morning, no_morning, work_item

__all__ = [
    "ANSWERABLE",
    "UNFINISHED",
    "Id",
    "UtcDateTime",
    "assist",
    "attendance",
    "audit",
    "block",
    "calendar_feed",
    "calendar_source",
    "card_issue",
    "change",
    "chore",
    "connector",
    "conversation",
    "desk_move",
    "desk_note",
    "digest",
    "digest_reminder",
    "digest_rule",
    "digest_sending",
    "digest_taken_back",
    "directory_import",
    "draft",
    "draft_voice",
    "endorsement",
    "event",
    "event_held",
    "event_material",
    "event_occurrence",
    "event_question",
    "event_wish",
    "evidence",
    "expertise_check",
    "flag",
    "heard",
    "identity",
    "impact",
    "import_change",
    "import_file",
    "invitation",
    "item",
    "item_use",
    "item_version",
    "link_code",
    "link_try",
    "membership",
    "metadata",
    "month_release",
    "morning",
    "network",
    "network_home",
    "no_morning",
    "offer",
    "opening",
    "outbox",
    "person",
    "preference",
    "presence",
    "proposal",
    "pulse",
    "pulse_turn",
    "question",
    "reaction",
    "relay",
    "remark",
    "reminder",
    "reminder_choice",
    "reminder_plan",
    "reminder_usual",
    "report_turn",
    "response_count",
    "role_grant",
    "rsvp",
    "sealed_response",
    "sent",
    "survey",
    "text_vector",
    "topic",
    "topic_call",
    "turnout",
    "version",
    "web_message",
    "widening",
    "work_item",
]
