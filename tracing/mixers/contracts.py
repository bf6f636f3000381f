"""The contracts of mixers, with the source of each (facts.json)."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

POOL = "pool"
_UNSURE = "unverified"  # in a note: the source says so itself


@dataclass(frozen=True, slots=True)
class Contract:
    """One row. ``denomination`` in whole units of ``symbol``, as written; "" where it has none."""

    mixer: str
    chain: str
    address: str
    role: str  # pool, router, registry, entrypoint
    name: str
    symbol: str
    denomination: str
    decimals: int | None
    source: str
    note: str

    @property
    def is_sure(self) -> bool:
        """Whether its source stands behind it: what is not sure makes no sink."""
        return _UNSURE not in self.note


@functools.cache
def contracts() -> tuple[Contract, ...]:
    """Every row, in the order of the file."""
    facts = json.loads(Path(__file__).with_name("facts.json").read_text("utf-8"))
    return tuple(_contract(row) for row in facts["contracts"])


@functools.cache
def of_chain(chain: str) -> Mapping[str, Contract]:
    """The contracts of a chain whose sources stand behind them, by address."""
    return {one.address: one for one in contracts() if one.chain == chain and one.is_sure}


def _contract(row: dict[str, str]) -> Contract:
    address, decimals = row["address"], row["decimals"]
    return Contract(
        mixer=row["mixer"],
        chain=row["chain"],
        address=address.lower() if address.startswith("0x") else address,
        role=row["role"],
        name=row["name"],
        symbol=row["symbol"],
        denomination=row["denomination"],
        decimals=None if decimals is None else int(decimals),
        source=row["source"],
        note=row["note"],
    )
