"""Issuer freezes: events of freezable tokens become ChainFreeze rows and findings."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable

from tracing import events, issuers
from tracing.core.logs import BadLog, Log
from tracing.issuers.base import FreezeSeen
from tracing.models import Asset, Block, ChainFreeze, Exposure, Finding, Trace
from tracing.watch.directory import Directory

logger = logging.getLogger(__name__)


def save(block: Block, logs: Iterable[Log], directory: Directory, traces: list[Trace]) -> None:
    """Note every freeze and release of known tokens; tell the rooms whose money it concerns."""
    tokens = {row.contract: row for row in directory.assets.values() if row.freeze_interface}
    for log in logs:
        asset = tokens.get(log.address)
        if asset is None:
            continue
        for seen in _read(asset.freeze_interface, log):
            _note(block, asset, log.tx, seen)
            for trace in traces:
                _tell(block, asset, log.tx, seen, trace)


def _read(slugs: str, log: Log) -> list[FreezeSeen]:
    """A log that only claims to be an event of its token says nothing, and stops nothing."""
    try:
        return [one for one in issuers.decode(slugs, log) if isinstance(one, FreezeSeen)]
    except BadLog as error:
        logger.warning("log %s of %s is refused: %s", log.index, log.tx, error)
        return []


def _note(block: Block, asset: Asset, tx: str, seen: FreezeSeen) -> None:
    if seen.is_frozen:
        ChainFreeze.objects.get_or_create(
            chain_id=block.chain_id,
            asset=asset.caip19,
            address=seen.address,
            tx=tx,
            block=block,
        )
    else:
        # A backfill comes by after the chain: what was frozen later is not lifted by this.
        ChainFreeze.objects.filter(
            asset=asset.caip19,
            address=seen.address,
            lifted_in__isnull=True,
            block__number__lte=block.number,
        ).update(lifted_in=block)


def _tell(block: Block, asset: Asset, tx: str, seen: FreezeSeen, trace: Trace) -> None:
    exposed = Exposure.objects.filter(trace=trace, address=seen.address, asset=asset.caip19)
    if not exposed.exists():
        return
    event = events.FrozenOnChain(
        chain=trace.chain.caip2,
        block=block.number,
        block_hash=block.hash,
        tx=tx,
        asset=asset.caip19,
        symbol=asset.symbol,
        address=seen.address,
        lifted=not seen.is_frozen,
    )
    parts = [block.ident, tx, event.kind, seen.address, asset.caip19, str(seen.is_frozen)]
    key = hashlib.sha256("|".join(parts).encode()).hexdigest()
    Finding.objects.get_or_create(
        trace=trace,
        key=key,
        defaults={
            "incident_id": trace.incident_id,
            "kind": event.kind,
            "payload": event.content(),
            "block_number": block.number,
            "block_hash": block.hash,
        },
    )
