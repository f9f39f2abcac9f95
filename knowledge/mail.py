"""E-mail, by which people are written to and nobody answers."""

import re

EMAIL = "email"
"""The channel's name."""

# As narrow as addresses of offices are: a key may be anything, and a letter goes nowhere but to one mailbox.
_ADDRESS = re.compile(r"[^\s@<>(),;:\\\"\[\]]{1,64}@[^\s@<>(),;:\\\"\[\]]+\.[^\s@<>(),;:\\\"\[\].]{2,}")


def address_of(key: str) -> str:
    """The address that somebody's key is, "" for people first met in a channel, who have none."""
    return key if _ADDRESS.fullmatch(key) and key.isprintable() else ""
