"""A provenance document as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.display.evidence import WORDS
from incidents.ports import AssetName
from tracing.core.provenance import CROSSED, SEED, UNEXPLAINED
from tracing.services.provenance import WITHOUT_ADDRESS

_WORDS = WORDS | {
    "fee": "Paid as a fee",
    "dust": "Sent, below the threshold",
    CROSSED: "Came out of the bridge",
    "adjustment": "Balance changed by itself",
    UNEXPLAINED: "Rounding that no transfer explains",
}


@dataclass(frozen=True)
class Side:
    """One end of a line. ``name`` of the asset is hostile; ``address`` is blank for a sink
    without one, whose ``word`` says what it is."""

    chain: str
    address: str
    word: str
    amount: int
    name: AssetName


@dataclass(frozen=True)
class ShownLine:
    """One line of the list."""

    number: int
    word: str
    block: int | None
    state: str
    at: datetime | None
    tx: str
    sender: Side | None
    receiver: Side | None
    is_conversion: bool
    origin_amount: int
    origin: AssetName
    depth: int
    is_estimated: bool
    labels: list[Mapping[str, str]]
    is_incomplete: bool


def lines(document: Mapping[str, Any], most: int) -> list[ShownLine]:
    """The first ``most`` lines, in order."""
    labels: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    for label in document["labels"]:
        labels.setdefault((label["chain"], label["address"]), []).append(label)
    incomplete = {tuple(sorted(row.items())) for row in document["history_incomplete"]}
    return [_line(row, document, labels, incomplete) for row in document["lines"][:most]]


def number(document: Mapping[str, Any]) -> dict[str, Any]:
    """The account's number and what it stands for."""
    account = document["account"]
    return {
        "account": account,
        "address": "" if account["address"] in WITHOUT_ADDRESS else account["address"],
        "name": _name(document, account["asset"]),
        "units": int(document["amounts"]["units"]),
        "origins": [
            {"amount": int(amount), "name": _name(document, asset)}
            for asset, amount in document["amounts"]["origins"].items()
        ],
        "seeds": [
            {**seed, "amount": int(seed["amount"]), "name": _name(document, seed["asset"])}
            for seed in document["seeds"]
        ],
    }


def _line(
    row: Mapping[str, Any],
    document: Mapping[str, Any],
    labels: Mapping[tuple[str, str], list[Mapping[str, str]]],
    incomplete: set[tuple[tuple[str, str], ...]],
) -> ShownLine:
    sender = _side(row["sender"], row["amount_out"], document) or _victim(row, document)
    receiver = _side(row["receiver"], row["amount_in"], document)
    return ShownLine(
        number=row["n"],
        word=_WORDS.get(row["kind"], row["kind"]),
        block=row["block"],
        state=row["block_state"],
        at=datetime.fromisoformat(row["at"]) if row["at"] else None,
        tx=row["tx"],
        sender=sender,
        receiver=receiver,
        is_conversion=bool(row["sender"] and row["receiver"])
        and row["sender"]["asset"] != row["receiver"]["asset"],
        origin_amount=int(row["origin_amount"]),
        origin=_name(document, row["origin_asset"]),
        depth=row["depth"],
        is_estimated=row["estimated"],
        labels=labels.get((receiver.chain, receiver.address), []) if receiver else [],
        is_incomplete=bool(row["sender"]) and tuple(sorted(row["sender"].items())) in incomplete,
    )


def _victim(row: Mapping[str, Any], document: Mapping[str, Any]) -> Side | None:
    """From whom a seed was taken, where that is known."""
    if row["kind"] != SEED:
        return None
    for seed in document["seeds"]:
        if seed["key"] == row["seed"] and seed["victim"]:
            name = _name(document, seed["asset"])
            return Side(seed["chain"], seed["victim"], "", int(row["amount_in"]), name)
    return None


def _side(
    account: Mapping[str, str] | None, amount: str, document: Mapping[str, Any]
) -> Side | None:
    if account is None:
        return None
    bare = account["address"] in WITHOUT_ADDRESS
    return Side(
        account["chain"],
        "" if bare else account["address"],
        account["address"] if bare else "",
        int(amount),
        _name(document, account["asset"]),
    )


def _name(document: Mapping[str, Any], asset: str) -> AssetName:
    known = document["assets"].get(asset)
    return AssetName(known["symbol"], known["decimals"]) if known else AssetName("", 0)
