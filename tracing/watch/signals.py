"""What an issuer is about to do, and what a bridge refuses: told to the rooms that it concerns.

A freeze that was submitted to an issuer's multisig is a tip-off: between that and the freeze the
thief can move. It is told inside the room, never wider than to its parties.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass

from tracing import freeze_events, issuers
from tracing.chains.errors import ChainError
from tracing.core import caip
from tracing.core.logs import BadLog, Log
from tracing.issuers.base import BridgeDenied, PendingSource
from tracing.models import Block, Exposure, Finding, Trace
from tracing.services.names import asset_names
from tracing.watch.findings import finding
from tracing.watch.source import ChainBlock, Source
from tracing.watch.views import GAS

logger = logging.getLogger(__name__)
MOST_SIGNALS = 50  # of one block
SignalEvent = freeze_events.FreezePending | freeze_events.BridgeDenied


@dataclass(frozen=True)
class Signal:
    """One address that a freeze was submitted for, or that a bridge refuses or takes again.

    ``asset``: what is to be frozen; "" for a bridge.
    """

    tx: str
    index: int
    address: str
    asset: str = ""
    bridge: str = ""
    is_denied: bool = False


def tellers(chain: str) -> frozenset[str]:
    """Contracts of a chain whose logs may be signals."""
    families = issuers.registry().values()
    pending = {one.contract for family in families for one in family.pending if one.chain == chain}
    return frozenset(pending).union(*(family.emitters for family in families))


def read(source: Source, block: ChainBlock) -> list[Signal]:
    """The signals of one block. A block without any costs nothing."""
    return [*_submitted(source, block), *_refused(block)][:MOST_SIGNALS]


def _submitted(source: Source, block: ChainBlock) -> list[Signal]:
    found: list[tuple[Log, PendingSource, bytes]] = []
    for one in (one for family in issuers.registry().values() for one in family.pending):
        if one.chain == block.movements.chain:
            asked = [(log, one.question(log)) for log in block.logs if log.address == one.contract]
            found += [(log, one, question) for log, question in asked if question]
    if not found:
        return []
    calls = [(one.contract, question) for _, one, question in found[:MOST_SIGNALS]]
    try:
        outputs = source.adapter.calls(calls, block.movements.hash, gas=GAS)
    except ChainError as error:
        logger.warning("a submission cannot be looked at: %s", error)
        return []
    return [
        Signal(log.tx, log.index, account, caip.erc20(one.chain, one.token))
        for (log, one, _), output in zip(found, outputs, strict=False)
        if (account := one.account(output))
    ]


def _refused(block: ChainBlock) -> list[Signal]:
    found = []
    for family in issuers.registry().values():
        for log in block.logs if family.emitters else ():
            if log.address not in family.emitters:
                continue
            try:
                seen = family.decode(log)
            except BadLog as error:
                logger.warning("log %s of %s is refused: %s", log.index, log.tx, error)
                continue
            found += [
                Signal(log.tx, log.index, one.address, "", family.name, one.is_denied)
                for one in seen
                if isinstance(one, BridgeDenied)
            ]
    return found


def save(block: Block, found: list[Signal], traces: list[Trace]) -> None:
    """A finding for each trace with value at the address: in that asset, or in any for a bridge."""
    for one in found:
        rows = Exposure.objects.filter(trace__in=traces, address=one.address, tainted__gt=0)
        rows = rows.filter(asset=one.asset) if one.asset else rows
        concerned = set(rows.values_list("trace_id", flat=True))
        event = _event(block, one)
        parts = f"{block.ident}|{one.tx}|{one.index}|{event.kind}|{one.address}"
        key = hashlib.sha256(parts.encode()).hexdigest()
        for trace in traces:
            is_told = Finding.objects.filter(trace=trace, key=key).exists()
            if trace.pk in concerned and not is_told:
                finding(trace, block, key, event.kind, event.content()).save()


def _event(block: Block, one: Signal) -> SignalEvent:
    if not one.asset:
        return freeze_events.BridgeDenied(
            chain=block.chain.caip2,
            block=block.number,
            block_hash=block.hash,
            tx=one.tx,
            address=one.address,
            bridge=one.bridge,
            is_denied=one.is_denied,
        )
    return freeze_events.FreezePending(
        chain=block.chain.caip2,
        block=block.number,
        block_hash=block.hash,
        tx=one.tx,
        asset=one.asset,
        symbol=asset_names([one.asset])[one.asset].symbol,
        address=one.address,
    )
