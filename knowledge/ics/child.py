"""The process that reads one calendar: `python -m knowledge.ics.child NOW [ZONE]`, the file on standard input, the
reading as JSON on standard output. Bounded by the system in memory and time; whoever started it bounds it besides."""

import sys
from contextlib import suppress
from datetime import datetime

from knowledge.ics.carrying import to_json
from knowledge.ics.reading import LARGEST, read

MEMORY = 1_000_000_000
"""Bytes of address space, of which the libraries take a good part."""
PROCESSOR_SECONDS = 20


def main(arguments: list[str]) -> int:
    _bound()
    now = datetime.fromisoformat(arguments[0])
    zone = arguments[1] if len(arguments) > 1 else ""
    content = sys.stdin.buffer.read(LARGEST + 1)
    sys.stdout.write(to_json(read(content, now, zone)))
    return 0


def _bound() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits.
        return
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
