"""What the tables of a packet hold: one line per target, hop and field. CSV and XLSX share it."""

from __future__ import annotations

from typing import Any

from incidents.exports.packet.base import Sheet
from incidents.packets import fields
from incidents.packets.fields import TITLES

Row = dict[str, str]

HEAD = ("reference", "version", "manifest_sha256")
TARGET = (
    *("target", "desk", "chain", "address", "account_id", "asset", "contract", "symbol"),
    *("decimals", "units", "amount", "usd", "usd_price", "usd_price_at", "usd_price_source"),
    *("tx_into_address", "block", "block_hash", "block_at", "block_state", "block_standing"),
    *("label_method", "label_confidence", "ask", "ask_until", "requested_by", "only"),
)
HOP = (
    *("target", "path", "hop", "kind", "chain", "tx", "from", "to", "asset", "symbol", "units"),
    *("amount", "block", "block_hash", "block_at", "block_state", "block_standing", "estimated"),
)
FIELD = ("group", "field", "label", "value")
COPY = ("prepared_for", "copy")


def text(value: object) -> str:
    """A cell. What is not there is empty."""
    if value is None:
        return ""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def head(sheet: Sheet) -> Row:
    """What every line says of the packet that it belongs to."""
    told = sheet.manifest
    values = (told["reference"], told["version"], sheet.digest)
    return dict(zip(HEAD, map(text, values), strict=True))


def copy(sheet: Sheet) -> Row:
    """Whose copy it is."""
    return {"prepared_for": sheet.recipient, "copy": sheet.mark}


def targets(told: dict[str, Any]) -> list[Row]:
    """One line per account that is to be frozen."""
    return [_target(told, row) for row in told["targets"]]


def _target(told: dict[str, Any], row: dict[str, Any]) -> Row:
    usd = row["requested"]["usd"] or {}
    last = arrival(row)
    values = {
        "target": row["number"],
        "desk": told["desk"]["name"],
        "chain": row["chain"],
        "address": row["address"],
        "account_id": row["account_id"],
        "asset": row["asset"]["id"],
        "contract": row["asset"]["contract"],
        "symbol": row["asset"]["symbol"],
        "decimals": row["asset"]["decimals"],
        "units": row["requested"]["units"],
        "amount": row["requested"]["amount"],
        "usd": usd.get("value"),
        "usd_price": usd.get("price"),
        "usd_price_at": usd.get("price_at"),
        "usd_price_source": usd.get("price_source"),
        "tx_into_address": last.get("tx"),
        **{name: last.get(name) for name in ("block", "block_hash", "block_at")},
        **{name: last.get(name) for name in ("block_state", "block_standing")},
        "label_method": row["label"]["method"],
        "label_confidence": row["label"]["confidence"],
        "ask": told["fields"].get("ask_action"),
        "ask_until": told["fields"].get("ask_until"),
        "requested_by": told["parties"]["requested_by"],
        "only": told["parties"]["only"],
    }
    return {name: text(values[name]) for name in TARGET}


def arrival(row: dict[str, Any]) -> dict[str, Any]:
    """The hop by which the money reached the address last; {} where no path was recorded."""
    into = [hop for path in row["paths"] for hop in path["hops"] if hop["tx"] == path["tx"]]
    found: dict[str, Any] = into[-1] if into else {}
    return found


def hops(told: dict[str, Any]) -> list[Row]:
    """One line per hop of every path, the theft first."""
    return [
        {name: text({**hop, "target": row["number"], "path": p, "hop": h}[name]) for name in HOP}
        for row in told["targets"]
        for p, path in enumerate(row["paths"], 1)
        for h, hop in enumerate(path["hops"], 1)
    ]


def given(told: dict[str, Any]) -> list[Row]:
    """One line per field that says something."""
    return [
        {"group": TITLES[group], "field": field.name, "label": field.label, "value": value}
        for group, found in fields.grouped(told["fields"]).items()
        for field, value in found
    ]
