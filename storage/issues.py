"""The newest issue of each card that has buttons, kept."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from knowledge.issues import Issue
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

    def issue(self, person: int, card: str) -> Issue:
        """A new issue; the one before is no longer known. A card without a name is one of its own."""
        new = Issue(secrets.token_hex(8), secrets.token_hex(16))
        if card:
            self.void(person, card)
        values = {"person_id": person, "card": card or f"once:{new.key}", "key": new.key, "secret": new.secret}
        self._connection.execute(_NEW, {**values, "used": [], "at": self._now})
        return new

    def void(self, person: int, card: str) -> None:
        self._connection.execute(_DROP, {"person": person, "card": card})

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
