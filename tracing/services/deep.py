"""What a chain's endpoints say of blocks that were applied, against the rows that came of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing

from django.db.models import Q, QuerySet

from tracing.chains.base import ChainAdapter, RawBlock
from tracing.chains.errors import ChainError
from tracing.core.types import MovementKind
from tracing.models import Block, Chain, Trace, Transfer
from tracing.models.trace import STANDS
from tracing.services import endpoints, replay
from tracing.services.gaps import Flaw

# Not in any block: what the watcher concluded from balances.
_CONCLUDED = (MovementKind.STATE.value, MovementKind.ADJUSTMENT.value)
_Row = tuple[int, str, str, str, str, str, int]


def read_again(chain: Chain, first: int | None, last: int | None) -> Iterator[Flaw]:
    """Every canonical block once more: hash, digests, and the transfers that were kept of it.

    Yields what differs, block by block. An endpoint that fails ends it, with a flaw that says so.
    """
    with closing(endpoints.adapter_for(chain)) as adapter:
        try:
            adapter.check_chain()
            for row in _blocks(chain, first, last).iterator(chunk_size=100):
                yield from _compared(row, adapter)
        except ChainError as error:
            yield Flaw("unread", None, f"the endpoints gave no usable answer: {error}")


def replayed(chain: Chain) -> Iterator[Flaw]:
    """Every trace of the chain applied afresh from its first block: accounts that differ."""
    traces = Trace.objects.filter(STANDS, chain=chain).select_related("chain", "incident")
    for trace in traces.order_by("pk"):
        try:
            for text in replay.differences_of(trace):
                yield Flaw("replay", trace.cursor_number, f"trace {trace.public_id}: {text}")
        except ChainError as error:
            yield Flaw("unread", None, f"trace {trace.public_id} could not be replayed: {error}")


def _blocks(chain: Chain, first: int | None, last: int | None) -> QuerySet[Block]:
    bounds = Q() if first is None else Q(number__gte=first)
    bounds &= Q() if last is None else Q(number__lte=last)
    rows = Block.objects.filter(bounds, chain=chain).exclude(state=Block.State.ORPHANED)
    return rows.order_by("number")


def _compared(row: Block, adapter: ChainAdapter) -> Iterator[Flaw]:
    raw = adapter.read_block(row.number)
    if raw.head.hash != row.hash:
        said = f"block {row.number} is {row.hash} here and {raw.head.hash} at the endpoints"
        yield Flaw("hash", row.number, said)
        return
    digest = adapter.digest(raw)
    for name, kept, found in (
        ("contents", row.contents_digest, digest.contents),
        ("traces", row.traces_digest, digest.traces),
    ):
        if kept and found and kept != found:
            said = f"block {row.number}: its {name} are others than when it was applied"
            yield Flaw("digest", row.number, said)
    yield from _transfers(row, adapter, raw)


def _transfers(row: Block, adapter: ChainAdapter, raw: RawBlock) -> Iterator[Flaw]:
    """Of each transaction that was kept, all movements and no others."""
    rows = Transfer.objects.filter(block=row).exclude(kind__in=_CONCLUDED)
    kept: set[_Row] = {
        (t.position, t.tx, t.kind, t.asset, t.from_address, t.to_address, t.amount) for t in rows
    }
    known = {transfer[1] for transfer in kept}
    found: set[_Row] = {
        (m.position, tx.tx, m.kind.value, m.asset, m.frm or "", m.to or "", m.amount)
        for tx in adapter.decode(raw).transactions
        if tx.tx in known
        for m in tx.movements
    }
    yield from _differ(row.number, sorted(kept - found), "is kept and not in the block")
    yield from _differ(row.number, sorted(found - kept), "is in the block and not kept")


def _differ(number: int, rows: Iterable[_Row], words: str) -> Iterator[Flaw]:
    for position, tx, kind, *_ in rows:
        said = f"block {number}: movement {position} ({kind}) of {tx} {words}"
        yield Flaw("transfer", number, said)
