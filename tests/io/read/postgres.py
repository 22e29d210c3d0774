"""A real PostgreSQL server, started for the tests and gone after them."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

_SECONDS_TO_START = 30


@dataclass(frozen=True)
class Server:
    """Where the server listens, and its first account."""

    port: int
    password: str = "s3cret-word"

    @property
    def url(self) -> str:
        """The address of its first account, a superuser, as SQLAlchemy understands it."""
        return self.address("owner")

    def address(self, account: str) -> str:
        """The address of an account."""
        return f"postgresql+psycopg://{account}:{self.password}@127.0.0.1:{self.port}/postgres"

    def reader(self, account: str, *more: str) -> str:
        """Make an account that may read and nothing else, run more statements, and return its address."""
        with self.connect() as owner:
            owner.execute(f"CREATE ROLE {account} LOGIN PASSWORD '{self.password}'")
            owner.execute(f"GRANT CONNECT ON DATABASE postgres TO {account}")
            owner.execute(f"GRANT USAGE ON SCHEMA public, archive TO {account}")
            owner.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public, archive TO {account}")
            for statement in more:
                owner.execute(statement)
        return self.address(account)

    def connect(self) -> psycopg.Connection:
        address = f"host=127.0.0.1 port={self.port} user=owner password={self.password} dbname=postgres"
        return psycopg.connect(address, autocommit=True)


def binaries() -> Path | None:
    """Return the folder of initdb and postgres; None when PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
    return found[-1].resolve().parent if found[-1].name else None


@contextmanager
def running(folder: Path, programs: Path) -> Iterator[Server]:
    """Start a server in a folder of its own, on a port of its own, and stop it afterwards."""
    server = Server(_free_port())
    word = folder / "word"
    word.write_text(server.password)
    _hand_over(folder)
    store = folder / "store"
    _run([programs / "initdb", "-D", store, "-U", "owner", "-A", "scram-sha-256", f"--pwfile={word}", "-E", "UTF8",
          "--no-sync", "--locale=C"])  # fmt: skip
    options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
    process = subprocess.Popen(
        [*_as_another(), str(programs / "postgres"), "-D", str(store), "-p", str(server.port), *options],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(server)
        yield server
    finally:
        process.terminate()  # waits for sessions to end
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _hand_over(folder: Path) -> None:
    """Give the folder to the account that the server runs as, and let it pass through those above."""
    if os.geteuid():
        return
    account = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid)
    for above in folder.parents:
        if above.stat().st_uid == 0 and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)


def _as_another() -> list[str]:
    # PostgreSQL refuses to run as root.
    return [] if os.geteuid() else ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


def _run(command: Sequence[str | Path]) -> None:
    subprocess.run([*_as_another(), *map(str, command)], check=True, capture_output=True, cwd="/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: Server) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while True:
        try:
            server.connect().close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
