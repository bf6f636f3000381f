"""The values of a directory file's rows: each checked and made canonical, or noted as a problem."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from tracing.core import caip
from tracing.core.errors import InvalidIdentifier
from tracing.core.types import AccountKind, AssetRole
from tracing.models.directory import DESK_CHANNELS
from tracing.services.assets import LONGEST_SYMBOL, MOST_DECIMALS

# RETURN, DUST and the rest come about in a room or in the engine: no file may declare them.
KINDS = tuple(
    kind.value
    for kind in (
        AccountKind.SERVICE,
        AccountKind.POOL,
        AccountKind.CROSSING,
        AccountKind.MIXER,
        AccountKind.CUSTODY,
    )
)
# A misspelt category would silently lose the desk that can freeze (tracing/watch/findings.py).
CATEGORIES = (
    *("exchange", "custodian", "issuer", "bridge", "mixer", "dex", "lender", "wrapper", "council"),
)
ROLES = tuple(role.value for role in AssetRole)
LONGEST = {"slug": 80, "name": 120, "symbol": LONGEST_SYMBOL, "source": 400}
LONGEST |= {"desk_contact": 200, "desk_wants": 500, "desk_source": 400}
MOST_HOLD_DAYS = 3650
MOST_UNITS = 1 << 256
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # of Unicode; NUL cannot be stored at all


@dataclass
class Cells:
    """Reads values. Each method answers something empty where it noted a problem.

    ``native``: the native asset of the chain, where the chain is known here.
    """

    known_slugs: set[str]
    native: str | None
    problems: list[str] = field(default_factory=list)
    chain: str = ""

    def problem(self, path: str, reason: str) -> None:
        self.problems.append(f"{path}: {reason}")

    def only(self, row: dict[str, Any], keys: set[str], path: str) -> None:
        for key in row:
            if key not in keys:
                self.problem(join(path, shown(key)), "This key is not known.")

    def text(self, row: dict[str, Any], key: str, path: str) -> str:
        value, most = row.get(key), LONGEST[key]
        if (
            isinstance(value, str)
            and value == value.strip()
            and 1 <= len(value) <= most
            and not any(unicodedata.category(char) in UNSEEN for char in value)
        ):
            return value
        self.problem(
            join(path, key),
            f"Write 1 to {most} characters, without blanks around them or unseen ones inside.",
        )
        return ""

    def desk(self, row: dict[str, Any], path: str, out: dict[str, Any]) -> None:
        """How the service's desk wants to be asked. What is left out stays; "" clears it."""
        if "desk_channel" in row:
            channel = row["desk_channel"]
            out["desk_channel"] = channel and self.choice(row, "desk_channel", path, DESK_CHANNELS)
        for key in ("desk_contact", "desk_wants", "desk_source"):
            if key in row:
                out[key] = row[key] and self.text(row, key, path)
        if "desk_hold_days" in row:
            days = row["desk_hold_days"]
            if days is not None and not (type(days) is int and 1 <= days <= MOST_HOLD_DAYS):
                self.problem(f"{path}.desk_hold_days", "Write a whole number of days, or null.")
            out["desk_hold_days"] = days
        if out.get("desk_channel") and not row.get("desk_source"):
            self.problem(f"{path}.desk_source", "Say where its desk published that.")

    def slug(self, row: dict[str, Any], path: str) -> str:
        value = row.get("slug")
        try:
            if isinstance(value, str) and len(value) <= LONGEST["slug"]:
                validate_slug(value)
                return value
        except ValidationError:
            pass
        self.problem(f"{path}.slug", "Write 1 to 80 letters, digits, '-' and '_'.")
        return ""

    def choice(self, row: dict[str, Any], key: str, path: str, values: tuple[str, ...]) -> str:
        value = row.get(key)
        if isinstance(value, str) and value in values:
            return value
        self.problem(f"{path}.{key}", f"{shown(value)} is none of {', '.join(values)}.")
        return ""

    def service(self, row: dict[str, Any], key: str, path: str) -> str:
        value = row.get(key)
        if isinstance(value, str) and value in self.known_slugs:
            return value
        self.problem(
            f"{path}.{key}", f"No service has the slug {shown(value)}, here or in the file."
        )
        return ""

    def address(self, row: dict[str, Any], key: str, path: str) -> str:
        value = row.get(key)
        if not isinstance(value, str):
            self.problem(f"{path}.{key}", "Write an address.")
            return ""
        if not self.chain:  # told already; without it no address can be judged
            return ""
        try:
            return caip.parse_address(self.chain, value)
        except InvalidIdentifier as error:
            self.problem(f"{path}.{key}", error.message)
            return ""

    def asset(self, row: dict[str, Any], path: str) -> tuple[str, str]:
        """The asset and the path of what names it."""
        if ("asset" in row) == ("contract" in row):
            self.problem(path, "Name the asset by asset (CAIP-19) or by contract, not by both.")
            return "", path
        if "contract" in row:
            contract = self.address(row, "contract", path)
            return (caip.erc20(self.chain, contract) if contract else ""), f"{path}.contract"
        return self.caip19(row, "asset", path), f"{path}.asset"

    def caip19(self, row: dict[str, Any], key: str, path: str) -> str:
        value, at = row.get(key), f"{path}.{key}"
        if not isinstance(value, str):
            self.problem(at, "Write the asset as CAIP-19, like eip155:1/slip44:60.")
            return ""
        try:
            asset = caip.parse_asset(value)
        except InvalidIdentifier as error:
            self.problem(at, error.message)
            return ""
        if self.chain and str(asset.chain) != self.chain:
            self.problem(at, f"It is on {asset.chain}, and this file is about {self.chain}.")
        elif asset.is_native and self.native and str(asset) != self.native:
            self.problem(at, f"The native asset of {self.chain} is {self.native}.")
        else:
            return str(asset)
        return ""

    def decimals(self, row: dict[str, Any], path: str) -> int:
        value = row.get("decimals")
        if type(value) is int and 0 <= value <= MOST_DECIMALS:  # True is an int as well
            return value
        self.problem(f"{path}.decimals", f"Write a whole number from 0 to {MOST_DECIMALS}.")
        return 0

    def threshold(self, row: dict[str, Any], path: str) -> int | None:
        value = row.get("follow_threshold")
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 78:
            units = int(value)
            if 1 <= units < MOST_UNITS:
                return units
        self.problem(f"{path}.follow_threshold", 'Write base units as a string, like "1000000".')
        return None


def join(path: str, key: str) -> str:
    """The place of a key in a row; the file itself has no path."""
    return f"{path}.{key}" if path else key


def shown(value: object) -> str:
    """A value of the file in a message: on one line, and not for long."""
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
