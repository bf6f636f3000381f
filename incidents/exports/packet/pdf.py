"""The packet on paper, set by Typst from a template of our own.

What the packet says is handed over as JSON and set as text: Typst never takes it for markup. The
template's folder is all that the compiler can read, and it fetches nothing: there are no packages,
and no fonts but those that come with it.
"""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import typst

from incidents.display import blocks
from incidents.display.addresses import short
from incidents.display.evidence import WORDS
from incidents.exports.packet import rows
from incidents.exports.packet.base import PacketExport, Sheet
from incidents.packets import fields, watermark
from incidents.packets.kinds import Group

ROOT = Path(__file__).parent / "typst"
TEMPLATE = ROOT / "packet.typ"
_METHODS = {
    "deterministic": "A source says so, or the asset's own contract can freeze it there.",
    "inferred": "Inferred from what the address forwards to this desk",
    "stated": "A party says so.",
}
_FIRST = (Group.ASK, Group.INCIDENT)  # what a desk asks first


@cache
def _fonts() -> typst.Fonts:
    """Those that come with Typst: the same on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def compiler() -> typst.Compiler:
    """One that may read the template's folder and nothing else."""
    return typst.Compiler(
        _template(),
        root=str(ROOT),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        package_path=str(ROOT / "none"),
        package_cache_path=str(ROOT / "none"),
    )


class PacketPdf(PacketExport):
    """PDF 1.7."""

    slug: ClassVar[str] = "pdf"
    name: ClassVar[str] = "PDF"
    media_type: ClassVar[str] = "application/pdf"

    def render(self, sheet: Sheet) -> bytes:
        made = compiler().compile(
            format="pdf",
            sys_inputs={"packet": json.dumps(told(sheet))},
            timestamp=datetime.fromisoformat(sheet.manifest["drawn_up_at"]).astimezone(UTC),
        )
        if not isinstance(made, bytes):
            raise TypeError("Typst gave no file")
        return made


def told(sheet: Sheet) -> dict[str, Any]:
    """What the template sets, in its words."""
    manifest = sheet.manifest
    groups = fields.grouped(manifest["fields"])
    order = [*(g for g in _FIRST if g in groups), *(g for g in groups if g not in _FIRST)]
    return {
        **{k: manifest[k] for k in ("reference", "version", "marking", "request", "correction")},
        **{k: rows.text(manifest[k]) for k in ("supersedes", "approved_as")},
        "drawn_up_at": said(manifest["drawn_up_at"]),
        "not_after": said(manifest["not_after"]),
        "desk": manifest["desk"]["name"],
        "requested_by": manifest["parties"]["requested_by"],
        "affected": manifest["parties"]["affected"],
        "only": manifest["parties"]["only"],
        "check": manifest["check"],
        "digest": sheet.digest,
        "recipient": sheet.recipient,
        "mark": sheet.mark,
        "notes": watermark.notes(sheet.mark) if sheet.mark else [],
        "stamp": sheet.stamp or ("DRILL" if manifest["is_drill"] else ""),
        "ask": _ask(manifest["fields"]),
        "targets": [_target(row) for row in manifest["targets"]],
        "groups": [
            {
                "title": fields.TITLES[g],
                "rows": [[f.label, fields.said(f, v)] for f, v in groups[g]],
            }
            for g in order
        ],
    }


def said(moment: str) -> str:
    """A moment for people: "2026-04-18 17:35:00 UTC"."""
    return moment.replace("T", " ").replace("Z", " UTC")


def _ask(given: dict[str, str]) -> str:
    action = dict(fields.ACTIONS).get(given.get("ask_action", ""), "")
    until = f", until {said(given['ask_until'])}" if given.get("ask_until") else ""
    return f"{action}{until}" if action else ""


def _target(row: dict[str, Any]) -> dict[str, Any]:
    last, asked, label = rows.arrival(row), row["requested"], row["label"]
    sure = f" ({label['confidence']} % sure)." if label["method"] == "inferred" else ""
    usd = asked["usd"]
    return {
        **{k: row[k] for k in ("number", "chain", "address", "account_id", "withdrawn")},
        "contract": rows.text(row["asset"]["contract"]),
        "asset": row["asset"]["id"],
        "symbol": row["asset"]["symbol"],
        "decimals": str(row["asset"]["decimals"]),
        "units": asked["units"],
        "amount": asked["amount"],
        "usd": f"{usd['value']} US dollars, at {usd['price']} ({usd['price_source']}, "
        f"{said(usd['price_at'])})"
        if usd
        else "",
        "tx": last.get("tx", ""),
        "block": _block(last) if last else "",
        "label": _METHODS[label["method"]] + sure,
        "paths": [
            {"amount": p["amount"], "hops": [_hop(h) for h in p["hops"]]} for p in row["paths"]
        ],
    }


def _block(hop: dict[str, Any]) -> str:
    if hop["block"] is None:
        return ""
    state = blocks.words(hop["block_state"], hop["block_standing"])
    at = f", {said(hop['block_at'])}" if hop["block_at"] else ""
    return f"{hop['block']}{at}{f' ({state})' if state else ''}"


def _hop(hop: dict[str, Any]) -> dict[str, Any]:
    return {
        **{k: hop[k] for k in ("chain", "tx", "from", "to", "amount", "symbol", "estimated")},
        **{f"{k}_short": short(hop[k]) for k in ("tx", "from", "to")},
        "word": WORDS.get(hop["kind"], hop["kind"]),
        "block": _block(hop),
        "at": said(hop["block_at"]),
    }
