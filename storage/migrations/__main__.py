"""`python -m storage.migrations "what it adds"`: drafts the migration from the newest revision to the schema."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from storage.database import Database
from storage.migrations import configuration, revisions, upgrade


def draft(message: str) -> Path:
    """Writes the next file of versions/: what the tables of storage/schema/ have beyond the newest revision.

    A draft: a renamed column looks to it like one dropped and one added.
    """
    done = revisions()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/draft.db")
        try:
            if done:
                upgrade(database)
            with database.writer.connect() as connection:
                script = command.revision(
                    configuration(connection), message, autogenerate=True, rev_id=f"{len(done) + 1:04}"
                )
        finally:
            database.close()
    assert script is not None
    assert not isinstance(script, list)
    path = Path(script.path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "###" not in line), encoding="utf-8")
    return path


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(f"Now read and mend {draft(sys.argv[1])}, then: make format")
