"""The tokens whose freeze interface is known, with the source of each row (facts.json)."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

VERIFIED = "verified_in_source"
NO_FREEZE = "no_freeze_function"


@dataclass(frozen=True, slots=True)
class Token:
    """One row. ``address`` as its chain writes it, hex in lower case; "" where the source has none.

    ``status``: how far the source goes; whatever is not VERIFIED or NO_FREEZE is to be asked.
    """

    symbol: str
    issuer: str
    chain: str
    address: str
    decimals: int
    interfaces: tuple[str, ...]
    status: str
    source: str
    note: str


@functools.cache
def tokens() -> tuple[Token, ...]:
    """Every row, in the order of the file."""
    facts = json.loads(Path(__file__).with_name("facts.json").read_text("utf-8"))
    return tuple(_token(row) for row in facts["tokens"])


def known(chain: str, contract: str) -> Token | None:
    """The row of a contract; None: the sources say nothing of it."""
    return _by_place().get((chain, contract)) if contract else None


@functools.cache
def _by_place() -> dict[tuple[str, str], Token]:
    return {(token.chain, token.address): token for token in tokens()}


def _token(row: dict[str, str]) -> Token:
    address = row["address"]
    return Token(
        symbol=row["symbol"],
        issuer=row["issuer"],
        chain=row["chain"],
        address=address.lower() if address.startswith("0x") else address,
        decimals=int(row["decimals"]),
        interfaces=tuple(row["interfaces"]),
        status=row["status"],
        source=row["source"],
        note=row["note"],
    )
