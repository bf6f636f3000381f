"""Deposit addresses in the watcher: who forwards to an exchange, and what reaches it later."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tracing import events
from tracing.core.inference.deposits import DepositAddress, Flow, infer
from tracing.core.state import TraceState
from tracing.core.types import AccountKey, BlockEffects, BlockMovements, HopKind, MovementKind
from tracing.models import Arrival, Block, Exposure, Hop, Lead, Seed, Service, Trace, Transfer
from tracing.services import leads, names
from tracing.watch.directory import Directory
from tracing.watch.findings import Way, finding, ways

if TYPE_CHECKING:
    from tracing.watch.leads import Known

EXCHANGES = frozenset({"exchange"})
MOST_FLOWS = 2_000  # movements of one address that are weighed
MOST_CANDIDATES = 50  # addresses of one block
# How lists call a customer's address: "Example deposit 3", "example_dep1".
_DEPOSIT = re.compile(r"(?<![a-z])dep(?:osits?)?(?![a-z])", re.IGNORECASE)
_CAME = (HopKind.TRANSFER, HopKind.CONVERSION, HopKind.LOAN)


def save(
    trace: Trace,
    row: Block,
    block: BlockMovements,
    state: TraceState,
    effects: BlockEffects,
    directory: Directory,
    known: Known,
) -> list[str]:
    """Note new deposit addresses and arrivals at known ones; answers the addresses over the bound.

    Inference reads rows only: the block's transfers and exposures are written already.
    """
    over, weighed = [], {}
    candidates = _candidates(trace, block, state, directory, known)
    arriving = _arriving(effects, known)
    for address in sorted({*candidates, *(way.to.address for way, _ in arriving)}):
        flows = _flows(trace, row, address, directory)
        if len(flows) > MOST_FLOWS:
            over.append(address)
        else:
            opening = _opening(block.chain, address, state, flows)
            weighed[address] = infer(flows, opening)
    for address in candidates:
        found = weighed.get(address)
        if found is not None:
            _note(trace, row, address, found, directory)
    for way, lead in arriving:
        if weighed.get(way.to.address) is not None:  # what it did since speaks for it still
            _arrive(trace, row, lead, way.to.asset, way.amount_to, way.tx, is_first=False)
    return over


def _arriving(effects: BlockEffects, known: Known) -> list[tuple[Way, Lead]]:
    """What reached addresses that were taken for deposit addresses before this block."""
    found = []
    for way in ways(effects.hops):
        lead = known.deposits.get(way.to.address)
        if lead is not None and lead.service is not None and way.kind in _CAME:
            found.append((way, lead))
    return found


def _candidates(
    trace: Trace, block: BlockMovements, state: TraceState, directory: Directory, known: Known
) -> list[str]:
    """Unlabelled followed addresses that pay a labelled exchange in this block. What received the
    stolen value in the theft itself is the thief's: it took part in the attack. (The receiver of a
    leg did not.)"""
    followed = state.followed(block.chain)
    paying = {
        movement.frm
        for tx in block.transactions
        for movement in tx.movements
        if movement.frm in followed
        and movement.kind is not MovementKind.FEE
        and _exchange(directory, movement.to, trace) is not None
    }
    found = {frm for frm in paying if frm and directory.label_at(frm, trace) is None}
    found -= known.deposits.keys()
    if found and trace.crossing_id is None:
        found -= set(Seed.objects.filter(trace=trace).values_list("receiver", flat=True))
    return sorted(found)[:MOST_CANDIDATES]


def _exchange(directory: Directory, address: str | None, trace: Trace) -> Service | None:
    """The exchange whose wallet this is. Its customers' deposit addresses are none: who pays one
    of them pays in, and need be nothing of the exchange's himself."""
    label = directory.label_at(address, trace) if address else None
    if label is None or label.service is None or label.service.category not in EXCHANGES:
        return None
    return None if _DEPOSIT.search(label.name) else label.service


def _flows(trace: Trace, row: Block, address: str, directory: Directory) -> list[Flow]:
    """The address's movements since this trace exposed it, oldest first, in known assets."""
    exposed = Exposure.objects.filter(trace=trace, chain=trace.chain.caip2, address=address)
    first = min(exposed.values_list("first_block", flat=True), default=row.number)
    moved = Transfer.objects.filter(
        block__chain=trace.chain, block__number__gte=first, block__number__lte=row.number
    ).exclude(block__state=Block.State.ORPHANED)
    assets = {*directory.assets, *exposed.values_list("asset", flat=True)}
    # Made-up tokens and transfers of nothing cost nothing: they must not push others off the list.
    moved = moved.filter(asset__in=assets, amount__gt=0).select_related("block")
    moved = moved.exclude(kind=MovementKind.FEE.value)
    mine = moved.filter(from_address=address) | moved.filter(to_address=address)
    newest = list(mine.order_by("-block__number", "-position")[: MOST_FLOWS + 1])
    directory.know(one.to_address for one in newest)
    return [
        _flow(one, address, directory, trace)
        for one in reversed(newest)
        if one.from_address != one.to_address
    ]


def _flow(row: Transfer, address: str, directory: Directory, trace: Trace) -> Flow:
    is_out = row.from_address == address
    other = row.to_address if is_out else row.from_address
    service = _exchange(directory, other, trace) if is_out else None
    return Flow(
        at=int(row.block.timestamp.timestamp()),
        tx=row.tx,
        asset=row.asset,
        amount=int(row.amount),
        is_out=is_out,
        other=other,
        desk=service.slug if service else "",
    )


def _opening(chain: str, address: str, state: TraceState, flows: Iterable[Flow]) -> dict[str, int]:
    """What was there before the flows: what is there now, without what they brought. Fees only
    make it less."""
    opening = {}
    for asset in state.followed(chain).get(address, ()):
        account = state.accounts[AccountKey(chain, address, asset)]
        balance = sum(lot.amount for lot in account.lots)
        moved = sum(f.amount * (1 if f.is_out else -1) for f in flows if f.asset == asset)
        opening[asset] = max(0, balance + moved)
    return opening


def _note(
    trace: Trace, row: Block, address: str, found: DepositAddress, directory: Directory
) -> None:
    service = _exchange(directory, found.wallet, trace)
    chain = trace.chain.caip2
    lead, is_new = leads.note(
        trace,
        Lead.Kind.DEPOSIT_ADDRESS,
        f"deposit:{chain}:{address}",
        chain,
        address,
        service=service,
        confidence=found.confidence,
        evidence={
            "wallet": found.wallet,
            "share": found.share,
            "forwards": [
                {"tx": flow.tx, "asset": flow.asset, "amount": str(flow.amount), "at": flow.at}
                for flow in found.forwards
            ],
            "txs": sorted({flow.tx for flow in found.forwards}),
        },
        block=row,
    )
    if not is_new or lead.state != Lead.State.OPEN:
        return
    last = found.forwards[-1]
    for asset in sorted({flow.asset for flow in found.forwards}):
        amount = sum(
            Hop.objects.filter(
                trace=trace, to_address=address, to_asset=asset, kind__in=_CAME
            ).values_list("amount_to", flat=True)
        )
        if amount:
            _arrive(trace, row, lead, asset, int(amount), last.tx, is_first=True)


def _arrive(
    trace: Trace, row: Block, lead: Lead, asset: str, amount: int, tx: str, *, is_first: bool
) -> None:
    """The arrival that a request is drafted from, and the finding that tells of it."""
    assert lead.service is not None  # noqa: S101 - only leads with a service come here
    parts = ["inferred", row.ident, tx, lead.chain, lead.address, asset]
    key = hashlib.sha256("|".join(parts).encode()).hexdigest()
    arrival, is_new = Arrival.objects.get_or_create(
        trace=trace,
        key=f"inferred:{key}",
        defaults={
            "service": lead.service,
            "block_number": row.number,
            "block_hash": row.hash,
            "tx": tx,
            "chain": lead.chain,
            "address": lead.address,
            "asset": asset,
            "amount": amount,
        },
    )
    if not is_new:
        return
    name = names.asset_names([asset])[asset]
    event = events.DepositAddressSeen(
        chain=lead.chain,
        block=row.number,
        block_hash=row.hash,
        tx=tx,
        asset=asset,
        symbol=name.symbol,
        decimals=name.decimals,
        amount=str(amount),
        from_address="",
        to_address=lead.address,
        service=lead.service.name,
        service_slug=lead.service.slug,
        confidence=lead.confidence,
        is_first=is_first,
    )
    payload: dict[str, Any] = event.content() | {"arrival": arrival.key}
    finding(trace, row, f"lead:{arrival.key}", event.kind, payload).save()
