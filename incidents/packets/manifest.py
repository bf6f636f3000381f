"""The manifest: what a packet says, as canonical JSON (RFC 8785). This is what is signed.

Amounts are strings in base units beside the same amount in whole units; times are UTC to the
second; addresses of EVM chains are in EIP-55. Text of parties and chains is data: without control
characters, never markup, never a formula.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from typing import Any, TypedDict

import rfc8785

from incidents.display.text import cut, visible
from incidents.models import FreezeRequest, FreezeTarget
from incidents.packets.kinds import moment_text
from incidents.ports import BlockMark
from tracing.core import caip
from tracing.core.amounts import format_amount
from tracing.core.errors import InvalidIdentifier

FORMAT = "holdfast-freeze-request"
FORMAT_VERSION = 1
LONGEST_SYMBOL = 40
LONGEST_TEXT = 500

Marks = Mapping[tuple[str, str], BlockMark]  # by CAIP-2 and block hash


class PartiesJSON(TypedDict):
    """Who stands behind a request. ``only``: the sentence that says that one party does alone."""

    requested_by: str
    affected: list[str]
    only: str | None


@dataclass(frozen=True)
class Edition:
    """What one version has apart from what the request says."""

    version: int
    drawn_up_at: datetime
    not_after: datetime
    site: str  # https://...: where its keys and its check page are
    namespace: str  # of SSH signatures over it
    parties: PartiesJSON
    approved_as: str | None = None  # digest of the same text before one party went on alone
    supersedes: str | None = None  # digest of what was issued before
    reason: str = ""  # why that is superseded


def build(request: FreezeRequest, edition: Edition, marks: Marks) -> dict[str, Any]:
    """The manifest of a request as it stands. ``marks``: how old its blocks are, and who vouches
    for them; what is in none keeps the mark that its evidence was drawn up with."""
    targets = list(request.targets.all())
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "reference": request.reference,
        "request": str(request.public_id),
        "version": edition.version,
        "drawn_up_at": moment_text(edition.drawn_up_at),
        "not_after": moment_text(edition.not_after),
        "marking": request.marking,
        "is_drill": request.incident.is_drill,
        "desk": {"name": plain(request.desk_name), "slug": request.desk_slug},
        "parties": edition.parties,
        "approved_as": edition.approved_as,
        "supersedes": edition.supersedes,
        "correction": edition.reason or None,
        "check": {
            "page": f"{edition.site}/check/",
            "keys": f"{edition.site}/.well-known/holdfast/",
            "ssh_namespace": edition.namespace,
        },
        "fields": dict(sorted(request.fields.items())),
        "targets": [_target(row, n, marks) for n, row in enumerate(targets, 1)],
    }


def encode(manifest: Mapping[str, Any]) -> bytes:
    """RFC 8785."""
    return rfc8785.dumps(dict(manifest))


def decode(body: bytes) -> dict[str, Any]:
    """What `encode` wrote."""
    read: dict[str, Any] = json.loads(body)
    return read


def digest_of(body: bytes) -> str:
    """SHA-256, in lower case hex: what approvals and signatures are about."""
    return hashlib.sha256(body).hexdigest()


_EDITION = (
    *("version", "drawn_up_at", "not_after", "approved_as", "supersedes", "correction"),
    *("check", "is_drill"),
)


def essence(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What two versions are compared by. A block that grew older changes nothing; one that is
    orphaned does."""
    kept = {name: value for name, value in manifest.items() if name not in _EDITION}
    kept["parties"] = manifest["parties"]["requested_by"]  # who else sits there is no change of it
    kept["targets"] = [
        {**target, "paths": [_ageless(path) for path in target["paths"]]}
        for target in manifest["targets"]
    ]
    return kept


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Where two manifests say something else, as dotted names, in order."""
    return list(_differing(essence(one), essence(other), ""))


def _differing(one: Any, other: Any, at: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from _differing(one.get(name), other.get(name), f"{at}.{name}" if at else name)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True), 1):
            yield from _differing(*pair, f"{at}.{number}")
    elif one != other:
        yield at


def _ageless(path: Mapping[str, Any]) -> dict[str, Any]:
    hops = [
        {**hop, "block_state": hop["block_state"] == "orphaned", "block_standing": ""}
        for hop in path["hops"]
    ]
    return {**path, "hops": hops}


def blocks_of(targets: Iterable[FreezeTarget]) -> set[tuple[str, str]]:
    """CAIP-2 and hash of every block that the evidence names."""
    return {
        (hop.get("chain", target.chain), hop["block_hash"])
        for target in targets
        for part in target.evidence.values()
        for hop in part.get("hops") or []
        if hop.get("block_hash")
    }


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    """Somebody else's text in one line. What cannot be seen, or would turn the line round, is
    written as its code point."""
    return cut(visible(" ".join(text.split())), longest)


def shown(chain: str, address: str) -> str:
    """An address as people write it."""
    try:
        return caip.display_address(chain, address) if address else ""
    except (InvalidIdentifier, ValueError):
        return plain(address)


def _target(row: FreezeTarget, number: int, marks: Marks) -> dict[str, Any]:
    contract = caip.contract_of(row.asset)
    parts = list(row.evidence.values())
    return {
        "number": number,
        "id": str(row.public_id),
        "account": f"{row.chain}:{shown(row.chain, row.address)}",
        "chain": row.chain,
        "address": shown(row.chain, row.address),
        "account_id": plain(row.account_id),
        "asset": {
            "id": row.asset,
            "contract": shown(row.chain, contract) if contract else None,
            "symbol": plain(row.symbol, LONGEST_SYMBOL),
            "decimals": row.decimals,
        },
        "requested": {
            "units": str(row.requested),
            "amount": format_amount(row.requested, row.decimals),
            "usd": _usd(row),
        },
        "label": _label(parts),
        "paths": [_path(row, part, marks) for part in parts if not part.get("withdrawn")],
        "withdrawn": [
            {"units": str(part["amount"]), "reason": plain(str(part["withdrawn"]))}
            for part in parts
            if part.get("withdrawn")
        ],
    }


def _usd(row: FreezeTarget) -> dict[str, str] | None:
    """What was asked for in US dollars, rounded to cents, with where the price comes from."""
    if not row.usd_price:
        return None
    exact = Context(prec=200)
    value = exact.multiply(Decimal(row.usd_price), Decimal(row.requested))
    value = exact.scaleb(value, -row.decimals)
    return {
        "value": str(exact.quantize(value, Decimal("0.01"))),
        "price": row.usd_price,
        "price_at": moment_text(row.usd_price_at) if row.usd_price_at else "",
        "price_source": plain(row.usd_price_source),
    }


def _label(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """How the address came to be called the desk's: by a source ("deterministic"), by what it
    forwards ("inferred", with percent), or because a party says so ("stated")."""
    sure = [int(part.get("inferred", 0)) for part in parts if not part.get("withdrawn")]
    if not sure:
        return {"method": "stated", "confidence": None}
    if 0 in sure:
        return {"method": "deterministic", "confidence": None}
    return {"method": "inferred", "confidence": max(sure)}


def _path(row: FreezeTarget, part: dict[str, Any], marks: Marks) -> dict[str, Any]:
    hops = [_hop(hop, row, marks) for hop in part.get("hops") or []]
    into = [hop for hop in hops if hop["to"] == shown(row.chain, row.address)]
    return {
        "units": str(part["amount"]),
        "amount": format_amount(int(part["amount"]), row.decimals),
        "tx": into[-1]["tx"] if into else "",
        "hops": hops,
    }


def _hop(hop: Mapping[str, Any], row: FreezeTarget, marks: Marks) -> dict[str, Any]:
    chain = hop.get("chain", row.chain)
    mark = marks.get((chain, hop.get("block_hash", "")))
    decimals = int(hop.get("decimals", row.decimals))
    sender = hop.get("from_address", hop.get("from", ""))
    receiver = hop.get("to_address", hop.get("to", ""))
    return {
        "kind": hop.get("kind", "transfer"),
        "chain": chain,
        "tx": hop["tx"],
        "from": shown(chain, sender),
        "to": shown(chain, receiver),
        "asset": hop.get("asset", row.asset),
        "symbol": plain(hop.get("symbol", row.symbol), LONGEST_SYMBOL),
        "units": str(hop["amount"]),
        "amount": format_amount(int(hop["amount"]), decimals),
        "block": hop.get("block"),
        "block_hash": hop.get("block_hash", ""),
        "block_at": _time(hop.get("at", "")),
        "block_state": mark.state if mark else hop.get("block_state", ""),
        "block_standing": mark.standing if mark else hop.get("block_standing", ""),
        "estimated": bool(hop.get("estimated", False)),
    }


def _time(text: str) -> str:
    return moment_text(datetime.fromisoformat(text)) if text else ""
