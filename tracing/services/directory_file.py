"""What a directory file must say: every row read and checked before one of them is written.

Each problem names its place and its reason (``labels[3].address: ...``), and all are told at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from incidents.exceptions import BadInput
from tracing import issuers
from tracing.core import caip
from tracing.core.errors import InvalidIdentifier
from tracing.core.types import AssetRole
from tracing.services.directory import DESK_FIELDS
from tracing.services.directory_cells import CATEGORIES, KINDS, ROLES, Cells, shown

MOST_PROBLEMS = 50

_KEYS = {
    "services": {"slug", "name", "kind", "category", "oracle", "source", *DESK_FIELDS},
    "assets": {"asset", "contract", "symbol", "decimals", "role", "underlying", "lender"}
    | {"issuer", "freeze_interface", "follow_threshold", "is_rebasing", "source"},
    "labels": {"address", "service", "name", "source"},
}
_TOP = {"source", "dated", "chain", *_KEYS}


class BadDirectoryFile(BadInput):
    """Nothing was written. ``problems`` has a line for each, MOST_PROBLEMS of them at most."""

    code = "bad_directory_file"

    def __init__(self, problems: list[str]) -> None:
        more = len(problems) - MOST_PROBLEMS
        self.problems = problems[:MOST_PROBLEMS]
        rest = [f"... and {more} more."] if more > 0 else []
        super().__init__("\n".join([*self.problems, *rest]))


@dataclass(frozen=True)
class DirectoryFile:
    """A file that may be imported. Rows hold canonical values, and only what the file states."""

    source: str
    dated: date
    chain: str
    services: dict[str, dict[str, Any]]  # by slug
    assets: dict[str, dict[str, Any]]  # by CAIP-19
    labels: dict[str, dict[str, Any]]  # by address


def read(
    data: object, *, known_slugs: set[str], native: str | None, chain_here: bool
) -> DirectoryFile:
    """The checked contents of a file.

    ``native`` is the native asset of the file's chain where the chain is known here. Raises
    BadDirectoryFile.
    """
    reader = _Reader(known_slugs, native)
    found = reader.file(data, chain_here)
    if found is None or reader.problems:
        raise BadDirectoryFile(reader.problems)
    return found


def chain_of(data: object) -> str:
    """The chain that a file names, canonical; "" where it names none."""
    text = data.get("chain") if isinstance(data, dict) else None
    try:
        return str(caip.parse_chain(text)) if isinstance(text, str) else ""
    except InvalidIdentifier:
        return ""


class _Reader(Cells):
    def file(self, data: object, chain_here: bool) -> DirectoryFile | None:
        if not isinstance(data, dict):
            self.problem("file", "Write one JSON object with source, dated, chain and rows.")
            return None
        self.only(data, _TOP, "")
        self.chain = self.chain_named(data, chain_here)
        source = self.text(data, "source", "")
        dated = self.date(data)
        services = self.services(data)
        self.known_slugs = self.known_slugs | set(services)
        assets = self.assets(data)
        labels = self.labels(data)
        if not (services or assets or labels or self.problems):
            self.problem("file", "There is no row in it.")
        if dated is None:
            return None
        return DirectoryFile(source, dated, self.chain, services, assets, labels)

    # -- the head

    def chain_named(self, data: dict[str, Any], chain_here: bool) -> str:
        chain = chain_of(data)
        if not chain:
            self.problem("chain", "Write the chain as namespace:reference, like eip155:1.")
        elif not chain_here:
            self.problem(
                "chain",
                f"{chain} is not known here. Have it watched first: manage.py watch_chain {chain} "
                "--name ... --url ...",
            )
        return chain

    def date(self, data: dict[str, Any]) -> date | None:
        value = data.get("dated")
        try:
            if isinstance(value, str) and len(value) == len("2026-01-31"):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.problem("dated", "Write the day on which the list was made, like 2026-01-31.")
        return None

    # -- rows

    def services(self, data: dict[str, Any]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for path, row in self.rows(data, "services"):
            out = {
                "name": self.text(row, "name", path),
                "kind": self.choice(row, "kind", path, KINDS),
                "category": self.choice(row, "category", path, CATEGORIES),
            }
            if "oracle" in row:
                out["oracle"] = row["oracle"] and self.address(row, "oracle", path)
            self.desk(row, path, out)
            self.keep(found, self.slug(row, path), out, f"{path}.slug")
        return found

    def assets(self, data: dict[str, Any]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for path, row in self.rows(data, "assets"):
            asset, where = self.asset(row, path)
            out = {
                "symbol": self.text(row, "symbol", path),
                "decimals": self.decimals(row, path),
                "contract": caip.contract_of(asset) or "" if asset else "",
            }
            self.options(row, path, out)
            self.keep(found, asset, out, where)
        return found

    def options(self, row: dict[str, Any], path: str, out: dict[str, Any]) -> None:
        """What an asset may leave out: then what is known of it stays."""
        if "role" in row:
            out["role"] = self.choice(row, "role", path, ROLES)
            if out["role"] in (AssetRole.RECEIPT, AssetRole.DEBT):
                for key in ("underlying", "lender"):
                    if not row.get(key):
                        self.problem(f"{path}.{key}", f"A {out['role']} token needs it.")
        if "underlying" in row:
            out["underlying"] = row["underlying"] and self.caip19(row, "underlying", path)
        for key in ("lender", "issuer"):
            if key in row:
                out[key] = self.service(row, key, path) if row[key] else None
        if "freeze_interface" in row:
            out["freeze_interface"] = row["freeze_interface"] and self.interfaces(row, path)
        if "follow_threshold" in row:
            out["follow_threshold"] = self.threshold(row, path)
        if "is_rebasing" in row:
            out["is_rebasing"] = row["is_rebasing"] is True
            if not isinstance(row["is_rebasing"], bool):
                self.problem(f"{path}.is_rebasing", "Write true or false.")

    def interfaces(self, row: dict[str, Any], path: str) -> str:
        """Slugs of tracing/issuers with commas, or "none"."""
        value = row["freeze_interface"]
        if isinstance(value, str) and issuers.is_named(value):
            return value
        known = ", ".join((*sorted(issuers.registry()), issuers.NONE))
        self.problem(f"{path}.freeze_interface", f"{shown(value)} is none of {known}.")
        return ""

    def labels(self, data: dict[str, Any]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for path, row in self.rows(data, "labels"):
            out = {"service": self.service(row, "service", path)}
            for key in ("name", "source"):
                if key in row:
                    out[key] = self.text(row, key, path)
            self.keep(found, self.address(row, "address", path), out, f"{path}.address")
        return found

    def rows(self, data: dict[str, Any], section: str) -> Iterator[tuple[str, dict[str, Any]]]:
        rows = data.get(section, [])
        if not isinstance(rows, list):
            self.problem(section, "Write a list of rows.")
            return
        for index, row in enumerate(rows):
            path = f"{section}[{index}]"
            if not isinstance(row, dict):
                self.problem(path, "Write a row as a JSON object.")
                continue
            self.only(row, _KEYS[section], path)
            if section != "labels" and "source" in row:  # a label keeps its own, others show it
                self.text(row, "source", path)
            yield path, row

    def keep(
        self, found: dict[str, dict[str, Any]], key: str, out: dict[str, Any], at: str
    ) -> None:
        if key and key in found:
            self.problem(at, f"{key} is in this file already.")
        elif key:
            found[key] = out
