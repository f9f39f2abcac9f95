"""What an operator reads: plain lines, and what went wrong in one of them with a way forward."""

from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Settings
from storage.database import Database


def show(line: str) -> None:
    """In English: operators' lines stand in no catalogue."""
    print(line, flush=True)


def trouble(settings: Settings, error: Exception) -> str:
    """A database or file error as one line with a way forward; never the URL, which may hold a password."""
    url = Database.address(settings.database_url)
    if isinstance(error, PermissionError) or "readonly" in str(error) or "unable to open" in str(error):
        return f"No permission to write {url}. Run it where you may write, or set DATABASE_URL to another place."
    if isinstance(error, SQLAlchemyError):
        return f"The database {url} does not answer. Check DATABASE_URL and that the server runs."
    return str(error)
