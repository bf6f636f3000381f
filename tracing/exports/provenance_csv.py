"""The lines of a provenance document as CSV, for a spreadsheet. The JSON has more."""

import csv
import io
from collections.abc import Mapping
from typing import Any, ClassVar

from tracing.core.amounts import format_amount
from tracing.exports.base import ProvenanceExport

COLUMNS = (
    "line", "what", "block", "block_hash", "block_state", "time_utc", "tx", "chain", "from", "to",
    "amount_out", "symbol_out", "base_units_out", "asset_out", "amount_in", "symbol_in",
    "base_units_in", "asset_in", "of_the_theft", "symbol_stolen", "base_units_of_the_theft",
    "asset_stolen", "seed", "hops_from_the_theft", "estimated", "labels_of_receiver", "policy",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before what could be."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


class ProvenanceCsv(ProvenanceExport):
    """One row a line, amounts as decimals and in base units."""

    slug: ClassVar[str] = "csv"
    media_type: ClassVar[str] = "text/csv"

    def render(self, document: Mapping[str, Any]) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        labels = _labels(document)
        for line in document["lines"]:
            writer.writerow([safe(cell) for cell in _row(line, document, labels)])
        return out.getvalue().encode()


def _labels(document: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """What an address is called, by whom and when."""
    found: dict[tuple[str, str], str] = {}
    for label in document["labels"]:
        place = (label["chain"], label["address"])
        told = f"{label['name']} ({label['source']}, {label['dated']}, {label['confidence']})"
        found[place] = f"{found[place]}; {told}" if place in found else told
    return found


def _row(
    line: Mapping[str, Any], document: Mapping[str, Any], labels: Mapping[tuple[str, str], str]
) -> list[object]:
    sender, receiver = line["sender"] or {}, line["receiver"] or {}
    chain = receiver.get("chain") or sender.get("chain", "")
    place = (receiver.get("chain", ""), receiver.get("address", ""))
    return [
        *(line["n"], line["kind"], line["block"], line["block_hash"], line["block_state"]),
        *(line["at"], line["tx"], chain, sender.get("address", ""), receiver.get("address", "")),
        *_amount(line["amount_out"], sender.get("asset", ""), document),
        *_amount(line["amount_in"], receiver.get("asset", ""), document),
        *_amount(line["origin_amount"], line["origin_asset"], document),
        *(line["seed"], line["depth"], "estimated" if line["estimated"] else ""),
        *(labels.get(place, ""), document["policy"]["version"]),
    ]


def _amount(base_units: str, asset: str, document: Mapping[str, Any]) -> tuple[str, str, str, str]:
    if not asset:
        return "", "", "", ""
    name = document["assets"].get(asset, {"symbol": "", "decimals": 0})
    shown = format_amount(int(base_units), name["decimals"])
    return shown, name["symbol"], base_units, asset
