"""A request in the order of a desk's own form: what is typed or pasted there, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incidents.display.addresses import show
from incidents.models import FreezeRequest, FreezeTarget
from incidents.packets.fields import FIELDS
from incidents.packets.kinds import given
from tracing.core.amounts import format_amount


@dataclass(frozen=True)
class Line:
    """One field. ``target``: the number of the target that it is about; 0: the whole request."""

    label: str
    value: str
    target: int = 0


def lines(
    request: FreezeRequest, targets: Sequence[FreezeTarget], names: Iterable[str]
) -> list[Line]:
    """The fields in the given order; those of targets once for each. "" where nothing is known."""
    rows = []
    for name in names:
        field = FIELDS.get(name)
        if field is None:
            continue
        if not field.is_derived:
            rows.append(Line(field.label, _said(request, name)))
        elif name == "trace_path":
            rows.append(Line(field.label, "in the files"))
        else:
            many = len(targets) > 1
            rows += [
                Line(field.label, _of_target(request, target, name), number if many else 0)
                for number, target in enumerate(targets, 1)
            ]
    return rows


def _said(request: FreezeRequest, name: str) -> str:
    value = given(request.fields, FIELDS[name])
    return dict(FIELDS[name].choices).get(value, value)


def _of_target(request: FreezeRequest, target: FreezeTarget, name: str) -> str:
    into = _into(target)
    values = {
        "target_venue": request.desk_name,
        "target_chain": target.chain,
        "target_asset": f"{target.symbol} ({target.asset})",
        "target_address": show(f"{target.chain}:{target.address}").full,
        "target_tx": ", ".join(dict.fromkeys(hop["tx"] for hop in into)),
        "target_amount": f"{format_amount(target.requested, target.decimals)} {target.symbol}",
        "target_usd": target.usd_price and f"{target.usd_price} per {target.symbol}",
        "target_block": ", ".join(dict.fromkeys(str(h["block"]) for h in into if "block" in h)),
        "target_account": target.account_id,
    }
    return values.get(name, "")


def _into(target: FreezeTarget) -> list[dict[str, str]]:
    parts = [part for part in target.evidence.values() if not part.get("withdrawn")]
    hops = [hop for part in parts for hop in part.get("hops") or []]
    return [h for h in hops if h.get("tx") and target.address in (h.get("to_address"), h.get("to"))]
