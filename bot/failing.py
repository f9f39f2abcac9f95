"""Errors of ours in the log: where something failed, never what with.

What an exception says may quote a private question, and a database's error the row it stood in.
"""

import logging
import traceback


def log_failure(log: logging.Logger, what: str, error: BaseException) -> None:
    """`what` is a few words of ours and numbers: "message 12", "teams: a turn"."""
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", what, type(error).__name__, where)
