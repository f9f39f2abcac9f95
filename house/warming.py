"""What the matcher needs is ready before the first question comes, and kept for the next start."""

import logging

from sqlalchemy.exc import SQLAlchemyError

from dialogs import event_words
from knowledge.matching import community
from knowledge.matching.keeping import Kept
from storage import catalogue as catalogues
from storage import vectors
from storage.database import Database

log = logging.getLogger("connect")


def warm(database: Database, matchers: catalogues.Matchers) -> None:
    """Reads what the community knows before the first question has to wait for it."""
    try:
        with database.reading() as connection:
            _, matcher = matchers.current(connection)
        if isinstance(matcher, community.CommunityMatcher):
            keep(database, matcher)
            matcher.prepare()
        event_words.prepare()
    except Exception:
        log.exception("Warming up failed; the first question will wait instead")


def kept(database: Database) -> Kept:
    try:
        return vectors.load(database)
    except SQLAlchemyError:
        log.exception("the kept vectors cannot be read; every text is encoded anew")
        return {}


def keep(database: Database, matcher: community.CommunityMatcher) -> None:
    """Keeps the vectors of what this matcher knows for the next start, and no others."""
    if matcher.keeping is None:
        return
    wanted, fresh = matcher.keeping.wanted(matcher.texts())
    vectors.keep(database, wanted, fresh)
    matcher.keeping.settled(fresh)
