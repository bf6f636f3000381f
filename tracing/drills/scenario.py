"""A scenario file as the rest of Holdfast reads it: typed, checked, in the core's words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tracing.core.types import AccountKey, AccountKind, AssetInfo, AssetRole

FOLDER = Path(__file__).parent


class UnknownDrillError(LookupError):
    """There is no drill of that name."""


@dataclass(frozen=True, slots=True)
class LabelFact:
    """A sourced label of the drill's directory. In force for blocks after ``after_block``."""

    name: str
    address: str
    kind: AccountKind
    service: str
    after_block: int = 0


@dataclass(frozen=True, slots=True)
class AssetFact:
    """An asset: what the core needs of it, what pages show, who can freeze it."""

    key: str
    info: AssetInfo
    symbol: str
    decimals: int
    threshold: int  # tainted base units from which a receiver is followed
    issuer: str | None  # slug of the service whose desk can freeze it


@dataclass(frozen=True, slots=True)
class ServiceFact:
    slug: str
    name: str
    kind: str
    organization: str | None


@dataclass(frozen=True, slots=True)
class OrganizationFact:
    """``capacity`` is a value of the room's closed list; ``part`` says it in words."""

    slug: str
    name: str
    capacity: str
    part: str
    confidential: bool
    in_public_record: bool
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeedFact:
    """What was stolen. The player knows the transaction once it is mined (``Progress.seeds``)."""

    key: str
    step: str
    receiver: str
    asset: str
    amount: int


@dataclass(frozen=True)
class Scenario:
    """One drill. ``document`` is the file as it is: what the player and the oracle take."""

    document: Mapping[str, Any]

    @property
    def slug(self) -> str:
        return str(self.document["slug"])

    @property
    def title(self) -> str:
        return str(self.document["title"])

    @property
    def notice(self) -> str:
        """The words of the watermark."""
        return str(self.document["notice"])

    @property
    def chain(self) -> str:
        return str(self.document["chain"]["caip2"])

    @property
    def height(self) -> int:
        """Number of the last block."""
        return len(self.document["blocks"])

    def address(self, name: str) -> str:
        """The address of an account of the script, in lower case."""
        return str(self.document["accounts"][name]["address"])

    def account(self, target: tuple[str, str] | list[str]) -> AccountKey:
        """An act's target, (account name, asset key), as the core's key."""
        name, asset = target
        return AccountKey(self.chain, self.address(name), self.assets[asset].info.asset)

    @cached_property
    def assets(self) -> dict[str, AssetFact]:
        """By the script's key (``rsETH``)."""
        table = self.document["assets"]
        return {key: self._asset(key, row, table) for key, row in table.items()}

    def _asset(self, key: str, row: Mapping[str, Any], table: Mapping[str, Any]) -> AssetFact:
        underlying, contract = row.get("underlying"), row["contract"]
        info = AssetInfo(
            asset=row["asset"],
            role=AssetRole(row["role"]),
            underlying=table[underlying]["asset"] if underlying else None,
            lender=row.get("lender"),
            contract=self.address(contract) if contract else None,
        )
        issuer, threshold = row.get("issuer"), int(row["threshold"])
        return AssetFact(key, info, row["symbol"], int(row["decimals"]), threshold, issuer)

    @cached_property
    def labels(self) -> list[LabelFact]:
        """Every sourced label, return address included (``after_block``: when it was accepted)."""
        return [
            LabelFact(
                name,
                row["address"],
                AccountKind(row["label"]),
                row["service"],
                int(row.get("label_after", 0)),
            )
            for name, row in self.document["accounts"].items()
            if "label" in row
        ]

    @cached_property
    def services(self) -> list[ServiceFact]:
        return [ServiceFact(**row) for row in self.document["services"]]

    @cached_property
    def organizations(self) -> list[OrganizationFact]:
        return [
            OrganizationFact(**{**row, "people": tuple(p["slug"] for p in row["people"])})
            for row in self.document["organizations"]
        ]

    @cached_property
    def seeds(self) -> list[SeedFact]:
        return [
            SeedFact(
                row["key"],
                row["step"],
                self.address(row["receiver"]),
                self.assets[row["asset"]].info.asset,
                int(row["amount"]),
            )
            for row in self.document["seeds"]
        ]

    @property
    def price_oracle(self) -> str:
        """The contract that answers getAssetPrice(address): dollars of 8 decimals a whole token."""
        return self.address("market")

    @cached_property
    def background_transfers(self) -> int:
        """Transactions of the background on the canonical chain; some make several transfers."""
        return sum(int(block["background"]) for block in self.document["blocks"])


def available() -> list[str]:
    """Slugs of the drills that are there."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load(slug: str) -> Scenario:
    """The drill of that name. Raises UnknownDrillError."""
    if not re.fullmatch(r"[a-z0-9-]+", slug) or slug not in available():
        raise UnknownDrillError(f"no drill {slug!r}; there are: {', '.join(available())}")
    return Scenario(json.loads((FOLDER / f"{slug}.json").read_text(encoding="utf-8")))
