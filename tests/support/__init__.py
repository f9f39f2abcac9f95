"""What tests run beside the bot: a PostgreSQL server, browsers, and the far sides of wires."""

import os


def in_ci() -> bool:
    """Where nothing may be skipped: a machine that .ci/run made ready."""
    return os.environ.get("CI") == "true"
