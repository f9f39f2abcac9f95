"""What the e-mail room must be told; `bot/settings.py` builds it from the environment."""

from dataclasses import dataclass, field
from email.errors import HeaderParseError, NonASCIILocalPartDefect
from email.headerregistry import Address, HeaderRegistry
from typing import Final

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def address_in(text: str) -> Address | None:
    """The one address in "bot@example.org" or "Our bot <bot@example.org>"; None for anything else."""
    if not text.isprintable():
        return None
    try:
        header = HeaderRegistry()("From", text)
    except (HeaderParseError, ValueError, IndexError):
        return None
    found = header.addresses  # type: ignore[attr-defined]
    wrong = [defect for defect in header.defects if not isinstance(defect, NonASCIILocalPartDefect)]
    if wrong or len(found) != 1 or not found[0].username or "." not in found[0].domain.strip("."):
        return None
    return found[0]  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """The server that takes our letters, and who they are from.

    host, port     where it listens.
    sender         "Our bot <bot@example.org>", or the address alone.
    public_url     where people reach us: each letter names an address under it at which it can be stopped.
    user, password to log in with; "" where the server asks for none.
    security       "starttls" (port 587), "tls" (from the first byte, port 465), or "none", on loopback only.
    ca_file        certificates to trust instead of the system's, as PEM; "" for the system's.
    reply_to       where answers go; "" to the sender.
    seconds        how long the server may take for one step.
    connections    letters brought at the same time.

    Raises ValueError, naming the setting, when the room could not work with them.
    """

    host: str
    sender: str
    public_url: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "starttls"
    ca_file: str = ""
    reply_to: str = ""
    seconds: float = 10
    connections: int = 4

    def __post_init__(self) -> None:
        if not self.host:
            raise ValueError("host is missing: there is nobody to give letters to")
        for name in ("sender", "reply_to"):
            text = getattr(self, name)
            if (text or name == "sender") and address_in(text) is None:
                raise ValueError(f"{name} is no e-mail address")
        if self.security == "none" and self.host not in LOOPBACK:
            raise ValueError("security: letters and passwords leave this machine encrypted only")
        if not self.public_url.startswith(("https://", "http://")):
            raise ValueError("public_url is missing: nobody could stop the letters")
