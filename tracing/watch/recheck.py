"""Freezes that no view has confirmed yet are asked about again, and those without events always."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tracing import freeze_events
from tracing.models import Block, Chain, ChainFreeze, Exposure, Trace
from tracing.services.names import asset_names
from tracing.watch import views
from tracing.watch.freezes import tell
from tracing.watch.lease import Lease
from tracing.watch.source import Source
from tracing.watch.tokens import FreezableToken

EVERY = timedelta(minutes=1)
MOST = 20  # rows of one turn
State = ChainFreeze.Confirmation


def recheck(chain: Chain, source: Source, lease: Lease) -> int:
    """Ask about the freezes that wait longest; returns how many got an answer.

    A freeze is asked about at its own block, and where that is no longer readable at the newest
    applied one: the row says which. One that shows in the view only is lifted when the view says
    so. Nothing is written without the lease.
    """
    now = timezone.now()
    due = ChainFreeze.objects.filter(
        Q(confirmation=State.SEEN) | Q(origin=ChainFreeze.Origin.VIEW),
        chain=chain,
        lifted_in__isnull=True,
        asked_at__lt=now - EVERY,
    ).exclude(block__state=Block.State.ORPHANED)
    rows = list(due.select_related("block", "chain").order_by("asked_at", "pk")[:MOST])
    newest = Block.objects.filter(chain=chain, hash=chain.cursor_hash).first()
    if not rows or newest is None:
        return 0
    found = [(row, *_answer(source, row, newest)) for row in rows]
    with transaction.atomic():
        for row, at, is_frozen in found:
            _settle(row, at, is_frozen)
        lease.write()
    return sum(is_frozen is not None for _, _, is_frozen in found)


def _answer(source: Source, row: ChainFreeze, newest: Block) -> tuple[Block, bool | None]:
    token = FreezableToken(row.asset, "", row.interface)
    is_by_view = row.origin == ChainFreeze.Origin.VIEW
    for block in (newest,) if is_by_view else (row.block, newest):
        said = views.ask(source, [(token, row.address)], block.hash).get((token, row.address))
        if said is not None:
            return block, said
    return newest, None


def _settle(row: ChainFreeze, at: Block, is_frozen: bool | None) -> None:
    is_by_view = row.origin == ChainFreeze.Origin.VIEW
    row.asked_at = timezone.now()
    if is_frozen is not None and is_by_view and not is_frozen:
        row.lifted_in = at
    elif is_frozen is not None and not is_by_view:
        row.confirmation = State.CONFIRMED if is_frozen else State.DENIED
        row.checked_in, row.asked_at = at, None
    row.save(update_fields=["asked_at", "lifted_in", "confirmation", "checked_in"])
    if is_frozen is None or (is_by_view and is_frozen):
        return
    event = freeze_events.FreezeChecked(
        chain=row.chain.caip2,
        block=at.number,
        block_hash=at.hash,
        asset=row.asset,
        symbol=asset_names([row.asset])[row.asset].symbol,
        address=row.address,
        is_frozen=is_frozen,
        frozen_in_block=row.block.number,
    )
    parts = [at.ident, event.kind, row.address, row.asset, row.block.hash, str(is_frozen)]
    exposed = Exposure.objects.filter(address=row.address, asset=row.asset)
    traces = Trace.objects.filter(pk__in=exposed.values("trace"), cursor_number__gte=at.number)
    tell(at, event, parts, traces)
