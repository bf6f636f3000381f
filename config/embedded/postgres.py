"""The embedded PostgreSQL: made with initdb, run in the foreground, reached by its socket.

The server listens on a unix socket only. The socket's directory is private (0700), so that only
the user who started it, and root, can connect; within it roles are taken at their word.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.embedded.errors import DidNotStartError, EmbeddedError
from config.embedded.place import SOCKET_NAME, Place, find_place

SUPERUSER = "postgres"
OWNER = "holdfast_owner"
APP = "holdfast_app"
DATABASE = "holdfast"

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")

#: 200: web processes, a worker with 50 threads, the tests' workers, and a person with psql.
_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "200",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "idle_in_transaction_session_timeout": "300s",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on"}
#: For data that nobody will miss: a machine that dies may lose it, a killed server does not. With
#: synchronous_commit off it would (commits would wait in its memory), and with full_page_writes
#: off too: Linux may end a write of 8 KiB between two pages of memory when SIGKILL comes.
_SCRATCH = {"fsync": "off", "synchronous_commit": "on", "full_page_writes": "on", "jit": "off"}


@dataclass(frozen=True)
class Postgres:
    """One cluster under one var directory."""

    place: Place
    scratch: bool = False

    @classmethod
    def under(cls, var: Path, *, scratch: bool = False) -> "Postgres":
        """The cluster of ``var``; nothing is started or initialised yet."""
        return cls(find_place(var), scratch)

    # -- addresses ---------------------------------------------------------------------------

    def app_url(self, database: str = DATABASE) -> str:
        """The URL that web processes and workers use: no owner of any table."""
        return self._url(APP, database)

    def owner_url(self, database: str = DATABASE) -> str:
        """The URL of the role that owns the tables: migrations only."""
        return self._url(OWNER, database)

    def super_url(self, database: str = SUPERUSER) -> str:
        """The superuser's URL: set-up and tests only."""
        return self._url(SUPERUSER, database)

    def _url(self, role: str, database: str) -> str:
        # The port is named because PGPORT in somebody's environment would win otherwise.
        host = quote(str(self.place.sockets), safe="/")
        return f"postgresql://{role}@/{_checked(database)}?host={host}&port=5432"

    # -- the server --------------------------------------------------------------------------

    def initialise(self) -> bool:
        """Make the data directory if there is none; True when it was made now (1-2 s)."""
        data = self.place.data
        if data.exists():
            return False
        # Made beside and renamed: a killed initdb leaves no half cluster that looks whole.
        fresh = data.with_name(f"{data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        options = ["--no-sync"] if self.scratch else []
        self._run(
            "initdb",
            f"--pgdata={fresh}",
            f"--username={SUPERUSER}",
            "--auth-local=trust",
            "--auth-host=reject",
            "--encoding=UTF8",
            # Built in: the same order of strings on every machine.
            "--locale-provider=builtin",
            "--locale=C",
            "--builtin-locale=C.UTF-8",
            *options,
        )
        fresh.rename(data)
        return True

    def argv_again(self) -> list[str]:
        """The command line, once nothing of a server that was killed is in the way any more."""
        self.clear_leftovers()
        return self.argv()

    def argv(self) -> list[str]:
        """The command line of the server in the foreground; stop it with SIGINT (fast)."""
        settings = _SETTINGS | (_SCRATCH if self.scratch else _DURABLE)
        settings["unix_socket_directories"] = '"' + str(self.place.sockets) + '"'
        flags = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [str(self.place.binaries / "postgres"), "-D", str(self.place.data), *flags]

    def answers(self) -> bool:
        """Whether a real connection works now."""
        try:
            with psycopg.connect(self.super_url(), connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def wait_until_ready(self, timeout: float = 60.0) -> None:
        """Return once the server answers, recovery after a crash done.

        Raises DidNotStartError.
        """
        deadline = time.monotonic() + timeout
        while not self.answers():
            if time.monotonic() > deadline:
                raise DidNotStartError(f"PostgreSQL did not answer within {timeout:.0f} s.")
            time.sleep(0.05)

    def clear_leftovers(self) -> None:
        """Stop a server that outlived its supervisor, and drop what a dead one left behind.

        PostgreSQL takes any live process that has the dead server's pid (a zombie, or another
        program in a small container) for itself and refuses to start. It also refuses while a
        backend of the dead server, busy with a long query, still holds its shared memory.
        """
        pid_file = self.place.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        if _runs_on(pid, self.place.data):
            self._run("pg_ctl", "stop", "-D", str(self.place.data), "-m", "fast", "-w", "-t", "30")
        else:
            _end_orphans(self.place.data)
            pid_file.unlink(missing_ok=True)
            (self.place.sockets / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.place.binaries / program), *arguments],
            check=False,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            capture_output=True,
            text=True,
            **self.place.popen_args(),
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()
            raise DidNotStartError(f"{program} ended with code {done.returncode}:\n{said}")

    # -- roles and databases -----------------------------------------------------------------

    def bootstrap(self) -> None:
        """Make the two roles and the database, whichever is missing."""
        with psycopg.connect(self.super_url(), autocommit=True) as connection:
            known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role in (OWNER, APP):
                if role not in known:
                    connection.execute(
                        sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE").format(
                            sql.Identifier(role)
                        )
                    )
        if not self.has_database(DATABASE):
            self.create_database(DATABASE)

    def has_database(self, name: str) -> bool:
        """Whether a database of that name exists."""
        with psycopg.connect(self.super_url()) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.execute(query, (name,)).fetchone() is not None

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Make a database that holdfast_owner owns; the migrations say what holdfast_app may do.

        ``template``: copy that database instead; nobody may be connected to it.
        """
        statement = sql.SQL("CREATE DATABASE {} OWNER {}").format(
            sql.Identifier(_checked(name)), sql.Identifier(OWNER)
        )
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(_checked(template)))
        with psycopg.connect(self.super_url(), autocommit=True) as connection:
            connection.execute(statement)

    def rename_database(self, name: str, to: str) -> None:
        """Rename a database; nobody may be connected to it."""
        with psycopg.connect(self.super_url(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(_checked(name)), sql.Identifier(_checked(to))
                )
            )

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is connected to it; no error when it is not there."""
        with psycopg.connect(self.super_url(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                    sql.Identifier(_checked(name))
                )
            )


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise EmbeddedError(f"{name!r} is no database name: use a-z, 0-9 and _, at most 63.")
    return name


def _end_orphans(data: Path, timeout: float = 5.0) -> None:
    """End the children of a dead server: each works in its data directory (Linux; elsewhere they
    end by themselves, when they next look for their parent)."""
    deadline = time.monotonic() + timeout
    while (left := _working_in(data)) and time.monotonic() < deadline:
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _working_in(directory: Path) -> list[int]:
    """Processes named postgres whose working directory this is; zombies have none."""
    found, wanted = [], directory.resolve()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            is_server = (entry / "comm").read_text().startswith("postgres")
            if is_server and (entry / "cwd").resolve(strict=True) == wanted:
                found.append(int(entry.name))
    return found


def _runs_on(pid: int, data: Path) -> bool:
    """Whether ``pid`` is a live server on this data directory (a zombie has no command line)."""
    if Path("/proc/self/cmdline").exists():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        return os.fsencode(data) in command
    shown = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    return str(data) in shown.stdout
