"""How a number of a trace came about, for a viewer: the list of transfers that reproduces it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

from incidents import access
from incidents.access import Actor
from incidents.exceptions import BadInput, NotFound, WrongState
from tracing.core import provenance as core
from tracing.core.provenance import Amounts, Line, TooLong
from tracing.core.provenance_file import FORMAT, account_json, amounts_json, digest
from tracing.core.state import AccountRow
from tracing.core.types import (
    BURN_ADDRESS,
    CROSSING_ADDRESS,
    FEE_ADDRESS,
    AccountKey,
    AccountKind,
    HopKind,
    Origin,
)
from tracing.models import Block, Crossing, Exposure, Hop, Seed, Trace
from tracing.services import labels, names

MOST_LINES = 20_000
WITHOUT_ADDRESS = frozenset({BURN_ADDRESS, CROSSING_ADDRESS, FEE_ADDRESS})
POOLED = frozenset({"poison", "haircut"})  # their lots merge: accounts lead back, not lots
# Hops whose kind tells what the receiver is.
_TELLING = frozenset(
    kind.value
    for kind in (
        HopKind.ARRIVAL, HopKind.CROSSING, HopKind.MIX, HopKind.CUSTODY, HopKind.RETURN,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One line with where it stands on its chain; ``block`` is absent for an adjustment."""

    line: Line
    tx: str = ""
    block: Block | None = None


def exposures(trace: Trace, chain: str, address: str) -> list[Exposure]:
    """What a trace has at an address, one row per asset."""
    rows = Exposure.objects.filter(trace=trace, chain=chain, address=address)
    return list(rows.order_by("asset"))


def document(
    viewer: Actor, trace: Trace, chain: str, address: str, asset: str = ""
) -> dict[str, Any]:
    """The provenance document of one exposure of a trace that the viewer may see.

    Without ``asset`` the only one that the trace has there.

    :raises NotFound: the trace has nothing there. :raises BadInput: several assets, none named.
    :raises WrongState: the list would be longer than MOST_LINES.
    """
    rows = [row for row in exposures(trace, chain, address) if asset in ("", row.asset)]
    if not rows:
        raise NotFound
    if len(rows) > 1:
        raise BadInput("Several assets are there: name one.", field="asset")
    row = rows[0]
    key = AccountKey(row.chain, row.address, row.asset)
    try:
        told = _told(viewer, trace, key, row)
    except TooLong as error:
        raise WrongState(f"{error} Ask for an account nearer to the theft.") from error
    return _document(viewer, trace, key, row, told)


# --- the list -----------------------------------------------------------------------------------


class _Rows:
    """core.provenance.Hops over the rows of one trace; remembers the row of every line."""

    def __init__(self, viewer: Actor, trace: Trace) -> None:
        self.trace = trace
        self.told: dict[str, Told] = {}
        self.viewer = viewer
        # What addresses are to this viewer, as far as lines have told of them.
        self.kinds: dict[str, AccountKind | None] = {}

    def named(self, keys: Collection[str]) -> list[Line]:
        return self._lines(key__in=list(keys))

    def after(self, keys: Collection[str], frm: AccountKey) -> list[Line]:
        return self._lines(prev_key__in=list(keys), from_address=frm.address, from_asset=frm.asset)

    def into(self, to: AccountKey, seeds: Collection[str]) -> list[Line]:
        return self._lines(to_address=to.address, to_asset=to.asset, seed_key__in=list(seeds))

    def out_of(self, frm: AccountKey, seeds: Collection[str]) -> list[Line]:
        return self._lines(from_address=frm.address, from_asset=frm.asset, seed_key__in=list(seeds))

    def _lines(self, **conditions: Any) -> list[Line]:
        found = Hop.objects.filter(trace=self.trace, **conditions).select_related("block")
        rows = list(found.order_by("block__number", "pk"))
        self._learn({row.to_address for row in rows if row.kind in _TELLING})
        lines = []
        for row in rows:
            line = self._line(row)
            self.told[row.key] = Told(line, row.tx, row.block)
            lines.append(line)
        return lines

    def _learn(self, addresses: set[str]) -> None:
        new = addresses - self.kinds.keys()
        if new:
            known = names.kinds_of_trace(self.trace, self.viewer, new)
            self.kinds.update((address, known.get(address)) for address in new)

    def _line(self, row: Hop) -> Line:
        chain = self.trace.chain.caip2
        kind = row.kind
        if kind in _TELLING and self.kinds.get(row.to_address) is AccountKind.FOLLOWED:
            kind = HopKind.TRANSFER.value
        return Line(
            row.key,
            row.prev_key,
            kind,
            row.pk,
            AccountKey(chain, row.from_address, row.from_asset) if row.from_asset else None,
            AccountKey(chain, row.to_address, row.to_asset),
            row.amount_from,
            row.amount_to,
            Origin(row.seed_key, row.origin_asset, row.origin_amount),
            row.depth,
            row.is_estimated,
        )


def _told(viewer: Actor, trace: Trace, key: AccountKey, row: Exposure) -> list[Told]:
    expected, vias, seeds = _expected(row.state)
    hops = _Rows(viewer, trace)
    lines = core.gather(
        hops,
        key,
        expected,
        vias=vias,
        seeds=seeds,
        pooled=_is_pooled(trace),
        most=MOST_LINES,
    )
    return _with_parents(viewer, trace, [hops.told.get(x.key, Told(x)) for x in lines])


def _is_pooled(trace: Trace) -> bool:
    return trace.policy in POOLED


def _expected(state: AccountRow) -> tuple[Amounts, set[str], set[str]]:
    """The account's number, the hops that brought its lots ("" left out), and their seeds."""
    lots = [lot for lot in (*state["lots"], *state["dust"]) if "seed" in lot]
    origins: dict[str, int] = {}
    for lot in lots:
        asset = lot["origin_asset"]
        origins[asset] = origins.get(asset, 0) + int(lot["origin_amount"])
    vias = {lot.get("via") or "" for lot in lots}
    amounts = Amounts(
        sum(int(lot["amount"]) for lot in lots), {a: n for a, n in origins.items() if n}
    )
    return amounts, set() if "" in vias else vias, {lot["seed"] for lot in lots}


# --- legs: the list goes on in the trace that the value came from -------------------------------


def _with_parents(viewer: Actor, trace: Trace, told: list[Told]) -> list[Told]:
    """The list of a leg with the list of its crossing before it, back to the theft.

    A parent that the viewer may not see is left out: the list then begins where the leg does.
    """
    crossing = _crossing(viewer, trace)
    keys = {one.line.prev for one in told if one.line.kind == core.SEED} - {""}
    told = _named_apart(trace, told)
    if crossing is None or not keys:
        return told
    parent = crossing.trace
    hops = _Rows(viewer, parent)
    escrows = {line.to for line in hops.named(keys)}
    if len(escrows) != 1 or (escrow := escrows.pop()) is None:
        return told
    lines = core.gather_hops(hops, escrow, keys, pooled=_is_pooled(parent), most=MOST_LINES)
    before = _with_parents(viewer, parent, [hops.told.get(line.key, Told(line)) for line in lines])
    return before + _crossed(told, escrow, crossing)


def _crossing(viewer: Actor, trace: Trace) -> Crossing | None:
    if trace.crossing_id is None:
        return None
    parents = access.visible(viewer, Trace.scoped.filter(incident=trace.incident))
    return (
        Crossing.objects.filter(pk=trace.crossing_id, trace__in=parents)
        .select_related("trace__chain", "trace__incident")
        .first()
    )


def _crossed(told: Sequence[Told], escrow: AccountKey, crossing: Crossing) -> list[Told]:
    """A leg's lines; each seed takes from the escrow what of its lot went in with the crossing."""
    went_in: dict[str, int] = {}
    for lot in crossing.lots:
        via = _name(crossing.trace, lot["via"])
        went_in[via] = went_in.get(via, 0) + int(lot["amount"])
    found = []
    for one in told:
        line = one.line
        if line.kind == core.SEED:
            prev = _name(crossing.trace, line.prev)
            out = went_in.pop(prev, 0)
            line = replace(line, kind=core.CROSSED, frm=escrow, amount_out=out, prev=prev)
        found.append(replace(one, line=line))
    return found


def _named_apart(trace: Trace, told: Iterable[Told]) -> list[Told]:
    """A leg's lines with the leg's name before their keys: one transaction may be in two traces of
    one list. What its seeds come from is named by the trace that it is of."""
    found = []
    for one in told:
        line = replace(one.line, key=_name(trace, one.line.key))
        if line.prev and line.kind != core.SEED:
            line = replace(line, prev=_name(trace, line.prev))
        found.append(replace(one, line=line))
    return found


def _name(trace: Trace, key: str) -> str:
    return key if trace.crossing_id is None else f"{trace.public_id}/{key}"


# --- the document -------------------------------------------------------------------------------


def _document(
    viewer: Actor, trace: Trace, key: AccountKey, row: Exposure, told: list[Told]
) -> dict[str, Any]:
    accounts = {key} | {a for one in told for a in (one.line.frm, one.line.to) if a is not None}
    assets = {a.asset for a in accounts} | {one.line.origin.asset for one in told} - {""}
    found: dict[str, Any] = {
        "format": FORMAT,
        "incident": trace.incident.slug,
        "trace": str(trace.public_id),
        "marking": trace.marking,
        "policy": {"name": trace.policy, "version": trace.policy_version},
        "applied_to": {"chain": trace.chain.caip2, "block": trace.cursor_number},
        "account": account_json(key),
        "amounts": amounts_json(_expected(row.state)[0]),
        "seeds": _seeds(viewer, trace, told),
        "lines": [_line_json(n, one) for n, one in enumerate(told, 1)],
        "assets": {
            caip19: {"symbol": name.symbol, "decimals": name.decimals}
            for caip19, name in sorted(names.asset_names(assets).items())
        },
        "labels": _labels(viewer, trace, accounts),
        "history_incomplete": _incomplete(viewer, trace, accounts),
        "again": {
            "command": "python manage.py provenance --replay FILE.json",
            "api": f"/api/v1/incidents/{trace.incident.slug}/traces/{trace.public_id}"
            f"/provenance/{key.chain}:{key.address}/?asset={key.asset}",
        },
    }
    return found | {"digest": digest(found)}


def _line_json(number: int, one: Told) -> dict[str, Any]:
    line, block = one.line, one.block
    return {
        "n": number,
        "key": line.key,
        "prev": line.prev,
        "kind": line.kind,
        "tx": one.tx,
        "block": block.number if block else None,
        "block_hash": block.hash if block else "",
        "block_state": block.state if block else "",
        "at": block.timestamp.astimezone(UTC).isoformat() if block else "",
        "sender": account_json(line.frm) if line.frm else None,
        "receiver": account_json(line.to) if line.to else None,
        "amount_out": str(line.amount_out),
        "amount_in": str(line.amount_in),
        "seed": line.origin.seed,
        "origin_asset": line.origin.asset,
        "origin_amount": str(line.origin.amount),
        "depth": line.depth,
        "estimated": line.estimated,
    }


def _seeds(viewer: Actor, trace: Trace, told: Iterable[Told]) -> list[dict[str, str]]:
    """What was stolen, as far as the list goes back to it."""
    first = {one.line.origin.seed: one for one in told if one.line.kind == core.SEED}
    traces = access.visible(viewer, Trace.scoped.filter(incident=trace.incident))
    seeds = Seed.objects.filter(trace__in=traces, key__in=first).select_related("trace__chain")
    rows = {row.key: row for row in seeds}
    found = []
    for key, one in sorted(first.items()):
        row = rows.get(key)
        found.append(
            {
                "key": key,
                "chain": row.trace.chain.caip2 if row else trace.chain.caip2,
                "tx": row.tx if row else one.tx,
                "victim": row.victim if row else "",
                "receiver": row.receiver if row else (one.line.to.address if one.line.to else ""),
                "asset": row.asset if row else one.line.origin.asset,
                "amount": str(row.amount if row else one.line.origin.amount),
            }
        )
    return found


def _labels(viewer: Actor, trace: Trace, accounts: Iterable[AccountKey]) -> list[dict[str, str]]:
    """Every label of an address on the way that the viewer may see, with source and date."""
    places: dict[str, set[str]] = {}
    for key in accounts:
        places.setdefault(key.chain, set()).add(key.address)
    return [
        {
            "chain": chain,
            "address": row.address,
            "name": row.name or (row.service.name if row.service else row.category),
            "service": row.service.slug if row.service else "",
            "source": row.source,
            "dated": row.dated.isoformat(),
            "confidence": row.confidence,
        }
        for chain, addresses in sorted(places.items())
        for row in labels.rows(chain, viewer, trace.incident, addresses).order_by("address", "pk")
    ]


def _incomplete(
    viewer: Actor, trace: Trace, accounts: Collection[AccountKey]
) -> list[dict[str, Any]]:
    """Accounts on the way whose opening balance is an assumption: more left them than was known to
    be there, and what lacked counts as clean and oldest."""
    traces = access.visible(viewer, Trace.scoped.filter(incident=trace.incident))
    rows = Exposure.objects.filter(
        trace__in=traces,
        is_history_incomplete=True,
        address__in={key.address for key in accounts},
    )
    found = {AccountKey(row.chain, row.address, row.asset) for row in rows} & set(accounts)
    ordered = sorted(found, key=lambda key: (key.chain, key.address, key.asset))
    return [{**account_json(key)} for key in ordered]
