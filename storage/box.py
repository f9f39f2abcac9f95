"""The sealed box: answers encrypted until their survey closes, with a key that the database does not hold.

An answer has to be kept in the very transaction that tells the ledger of it, or a crash would lose one or the other;
and whoever reads a database can tell what was written together. So what is written is sealed: AES-256-GCM, one length
for every answer and one for every comment (docs/decisions/0015-answers-without-people.md).
"""

import hmac
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, insert, select

from knowledge.mixing import Remark, Response
from storage.database import normal_url
from storage.schema import sealed_response

_NEW = insert(sealed_response)
_OF = select(sealed_response.c.sealed).order_by(sealed_response.c.key)
_NONCE = 12
_LENGTHS = {Response: 128, Remark: 4096}


class Box:
    """`knowledge.ports.Box` on one connection. `key` of 32 bytes; b"" seals nothing."""

    def __init__(self, connection: Connection, key: bytes) -> None:
        self._connection = connection
        self._key = key

    @property
    def mark(self) -> str:
        return hmac.digest(self._key, b"mark", "sha256").hex()[:16] if self._key else ""

    def put(self, survey: int, what: Response | Remark) -> None:
        said = [what.item, what.point, what.region] if isinstance(what, Response) else [what.item, what.text]
        plain = json.dumps(said, ensure_ascii=False).encode()
        length = _LENGTHS[type(what)]
        if len(plain) > length:
            raise ValueError("too long to be sealed like the others")
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + AESGCM(self._key).encrypt(nonce, plain.ljust(length), b"%d" % survey)
        # The key in front is random too: sorted by it, rows stand in no order of time.
        self._connection.execute(_NEW, {"key": secrets.token_hex(16), "survey_id": survey, "sealed": sealed})

    def opened(self, survey: int) -> Iterator[Response | Remark]:
        cipher = AESGCM(self._key)
        found = _OF.where(sealed_response.c.survey_id == survey)
        with self._connection.execute(found, execution_options={"yield_per": 5000}) as rows:
            for sealed in rows.scalars():
                try:
                    plain = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], b"%d" % survey)
                except InvalidTag:
                    raise ValueError(f"an answer of survey {survey} was sealed with another key") from None
                said = json.loads(plain)
                yield Response(*said) if len(said) == 3 else Remark(*said)

    def blind(self, text: str) -> str:
        if not self._key or not text:
            return text
        return hmac.digest(self._key, text.encode(errors="replace"), "sha256").hex()


def key_for(database_url: str, secret: str) -> bytes:
    """The key to seal with: of the secret an operator set, else from a file beside a SQLite database, made when there
    is none. b"" on PostgreSQL without a secret: replicas share no file.
    """
    if secret:
        return hmac.digest(b"pulse answers", secret.encode(), "sha256")
    url = normal_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return b""
    path = Path(f"{url.database}.key")
    try:
        # Readable by its owner alone from the beginning.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
    return bytes.fromhex(path.read_text(encoding="ascii").strip())
