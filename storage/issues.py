"""The newest issue of each card that has buttons, kept."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from knowledge.issues import Card, Issue
from storage.schema import card_issue

_DROP = delete(card_issue).where(card_issue.c.person_id == bindparam("person"), card_issue.c.card == bindparam("card"))
_NEW = insert(card_issue)
_FIND = select(card_issue).where(card_issue.c.key == bindparam("key"))
_USE = update(card_issue).where(card_issue.c.key == bindparam("of_key")).values(used=bindparam("new_used"))


class Issues:
    """`knowledge.issues.Issues` on one connection."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def issue(self, cards: Sequence[Card]) -> list[Issue | None]:
        """A new issue of each; the ones before are no longer known."""
        issues = [Issue(secrets.token_hex(8), secrets.token_hex(16)) if one.buttons else None for one in cards]
        # Of a card that comes twice the later one counts.
        newest = {
            (one.person, one.name or (f"once:{new.key}" if new else "")): new
            for one, new in zip(cards, issues, strict=True)
        }
        old = sorted({(one.person, one.name) for one in cards if one.name})
        if old:
            self._connection.execute(_DROP, [{"person": person, "card": name} for person, name in old])
        rows = [
            {"person_id": person, "card": card, "key": new.key, "secret": new.secret, "used": [], "at": self._now}
            for (person, card), new in newest.items()
            if new is not None
        ]
        if rows:
            self._connection.execute(_NEW, rows)
        return issues

    def find(self, person: int, key: str) -> Issue | None:
        row = self._connection.execute(_FIND, {"key": key}).one_or_none()
        if row is None or row.person_id != person:
            return None
        return Issue(row.key, row.secret, frozenset(row.used))

    def use(self, person: int, issue: Issue, say: str) -> None:
        self._connection.execute(_USE, {"of_key": issue.key, "new_used": sorted({*issue.used, say})})


def forget_issues(connection: Connection, before: datetime) -> int:
    """Deletes issues from before a time: their buttons are refused from then on. Returns the number of rows."""
    return connection.execute(delete(card_issue).where(card_issue.c.at < before)).rowcount
