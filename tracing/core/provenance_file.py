"""Provenance as a document: what is exported, and what `provenance --replay` reads.

The digest covers the account, its amounts, policy, seeds and lines: it shows that a file changed by
mistake. Whoever changes a file on purpose can write a new digest; what they cannot write is another
chain, so every line names its transaction and the hash of its block.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from tracing.core.provenance import SEED, Amounts, Line, ListRefused, replay
from tracing.core.types import AccountKey, Origin

FORMAT = "holdfast-provenance-1"
_COVERED = ("format", "policy", "account", "amounts", "seeds", "lines")


class AccountJSON(TypedDict):
    chain: str
    address: str
    asset: str


class LineJSON(TypedDict):
    """A line as it is exported. Amounts are strings in base units, ``at`` is UTC."""

    n: int
    key: str
    prev: str
    kind: str
    tx: str
    block: int | None
    block_hash: str
    block_state: str
    at: str
    sender: AccountJSON | None
    receiver: AccountJSON | None
    amount_out: str
    amount_in: str
    seed: str
    origin_asset: str
    origin_amount: str
    depth: int
    estimated: bool


class AmountsJSON(TypedDict):
    units: str
    origins: dict[str, str]


class NotADocument(ValueError):
    """The file is no provenance document of this format."""


def account_json(key: AccountKey) -> AccountJSON:
    return {"chain": key.chain, "address": key.address, "asset": key.asset}


def account_from(row: Mapping[str, Any]) -> AccountKey:
    return AccountKey(str(row["chain"]), str(row["address"]), str(row["asset"]))


def amounts_json(amounts: Amounts) -> AmountsJSON:
    return {
        "units": str(amounts.units),
        "origins": {asset: str(amount) for asset, amount in sorted(amounts.origins.items())},
    }


def line_from(row: Mapping[str, Any]) -> Line:
    """The line of its JSON.

    :raises NotADocument: a field is missing or of another type.
    """
    try:
        sender, receiver = row["sender"], row["receiver"]
        return Line(
            str(row["key"]),
            str(row["prev"]),
            str(row["kind"]),
            int(row["n"]),
            account_from(sender) if sender else None,
            account_from(receiver) if receiver else None,
            int(row["amount_out"]),
            int(row["amount_in"]),
            Origin(str(row["seed"]), str(row["origin_asset"]), int(row["origin_amount"])),
            int(row["depth"]),
            bool(row["estimated"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotADocument("A line of the file has a field missing or malformed.") from error


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of what the number rests on, over JSON with sorted keys and without spaces."""
    covered = {name: document.get(name) for name in _COVERED}
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def replayed(document: Mapping[str, Any]) -> Amounts:
    """The account's amounts, from the document's lines alone.

    :raises NotADocument: it is none. :raises ListRefused: its lines do not hang together.
    """
    _check_shape(document)
    lines = [line_from(row) for row in document["lines"]]
    return replay(lines, account_from(document["account"]))


def differences(document: Mapping[str, Any]) -> list[str]:
    """Why the document does not stand, in sentences; empty: its lines give its number.

    :raises NotADocument: it is none.
    """
    _check_shape(document)
    found: list[str] = []
    try:
        amounts = amounts_json(replayed(document))
    except ListRefused as error:
        found.append(str(error))
    else:
        stated = document["amounts"]
        if amounts["units"] != str(stated.get("units")):
            found.append(
                f"The lines give {amounts['units']} base units; the file states "
                f"{stated.get('units')}."
            )
        if amounts["origins"] != stated.get("origins"):
            found.append("The lines give other amounts of what was stolen than the file states.")
    found += _wrong_seeds(document["seeds"], document["lines"])
    if digest(document) != document.get("digest"):
        found.append("The digest does not fit: the file was changed after it was written.")
    return found


def _wrong_seeds(
    seeds: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Seed lines that are not what the document says was stolen."""
    stated = {str(seed.get("key")): seed for seed in seeds}
    wrong = []
    for row in lines:
        if row.get("kind") != SEED:
            continue
        seed = stated.get(str(row.get("seed")), {})
        same = (row.get("tx"), row.get("origin_asset")) == (seed.get("tx"), seed.get("asset"))
        if not same or int(row["origin_amount"]) > int(seed.get("amount", 0)):
            wrong.append(f"Line {row.get('n')} is not one of the seeds that the file states.")
    return wrong


def _check_shape(document: Mapping[str, Any]) -> None:
    shapes = {"lines": list, "seeds": list, "account": dict, "amounts": dict}
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NotADocument(f"This is no file of the format {FORMAT}.")
    for name, shape in shapes.items():
        if not isinstance(document.get(name), shape):
            raise NotADocument(f"The file has no {name}.")
    if not all(isinstance(row, dict) for row in [*document["lines"], *document["seeds"]]):
        raise NotADocument("A line or seed of the file is malformed.")
    try:
        account_from(document["account"])
    except KeyError as error:
        raise NotADocument("The file does not name its account.") from error
