"""A real mail server for tests, on the running loop: it keeps what it takes, and says no where it is told to."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOGIN = (b"bot", b"secret")


@dataclass
class MailServer:
    """`rcpt`, `data` and `mail` are answers to come instead of yes: for each address, each next letter, and each next
    sender. `secure` are the connections that were encrypted when a letter came."""

    port: int = 0
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    rcpt: dict[str, str] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    mail: list[str] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    connections: int = 0
    hang_up: int = 0
    """So many letters are taken without a word, and the line is cut."""

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += session.host_name is None
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mail:
            return self.mail.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.data:
            return self.data.pop(0)
        assert isinstance(envelope.content, bytes)
        for line in envelope.content.split(b"\r\n"):
            assert len(line) <= 998, "RFC 5322, 2.1.1"
            assert b"\n" not in line
            assert b"\r" not in line
        self.secure.append(server.transport.get_extra_info("sslcontext") is not None)
        for to in envelope.rcpt_tos:
            self.taken.append((to, message_from_bytes(envelope.content, policy=policy.default)))  # type: ignore[arg-type]
        if self.hang_up:
            self.hang_up -= 1
            server.transport.abort()
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for to, letter in self.taken if to == address]


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == LOGIN
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def mail_server(security: str = "none", folder: Path | None = None, **more: Any) -> AsyncIterator[MailServer]:
    """`security` as in our settings; with a `folder` for the certificate, which stands in its `ca.pem` afterwards."""
    there = MailServer()
    context = None
    if security != "none":
        assert folder is not None
        context = certified(folder)
        more = {"authenticator": _authenticate, "auth_required": True, **more}
    if security == "starttls":
        more |= {"tls_context": context, "require_starttls": True}
    elif security == "tls":
        more |= {"auth_require_tls": False}

    def protocol() -> SMTP:
        with warnings.catch_warnings():
            # It does not know of encryption from the first byte, and warns of passwords in the clear.
            warnings.simplefilter("ignore", UserWarning)
            return SMTP(there, enable_SMTPUTF8=True, hostname="mail.example", data_size_limit=10_000_000, **more)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if security == "tls" else None)
    there.port = server.sockets[0].getsockname()[1]
    try:
        yield there
    finally:
        server.close()


def certified(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS for 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context
