"""Rows of one transaction: who passes value through in it holds nothing.

The same rule as in docs/taint.md, as far as a table lets it be known: a router or aggregator that
receives and sends in one transaction is left out, and its payers pay its recipients.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tracing.core.flows.order import key
from tracing.core.flows.table import Flow


def net(flows: Iterable[Flow]) -> list[Flow]:
    """The rows with those of one transaction joined through whoever receives and sends in it.

    What somebody receives in a transaction covers what they send in it first, in order of the rows'
    hashes, addresses and amounts; only the difference touches their balance. Rows without a hash
    stay as they are. Nobody's balance changes otherwise.
    """
    by_tx: dict[tuple[int | None, int | None, str], list[Flow]] = {}
    out: list[Flow] = []
    for flow in flows:
        if flow.tx:
            by_tx.setdefault((flow.block, flow.time, flow.tx), []).append(flow)
        else:
            out.append(flow)
    for rows in by_tx.values():
        out.extend(rows if len(rows) == 1 else _joined(rows))
    return out


def _joined(rows: Sequence[Flow]) -> Iterable[Flow]:
    rows = [row for row in rows if row.amount and row.frm != row.to]
    for middle in sorted({row.frm for row in rows} & {row.to for row in rows}):
        rows = _through(sorted(rows, key=key), middle)
    return rows


def _through(rows: Sequence[Flow], middle: str) -> list[Flow]:
    """Payers of ``middle`` pay its recipients, as far as both go."""
    kept = [row for row in rows if middle not in (row.frm, row.to)]
    incoming = deque(row for row in rows if row.to == middle)
    outgoing = deque(row for row in rows if row.frm == middle)
    while incoming and outgoing:
        first, last = incoming[0], outgoing[0]
        both = min(first.amount, last.amount)
        if first.frm != last.to:  # paid back within the transaction: nothing moved
            kept.append(_paid(first, last, both))
        for queue, row in ((incoming, first), (outgoing, last)):
            if row.amount == both:
                queue.popleft()
            else:
                queue[0] = replace(row, amount=row.amount - both)
    return [*kept, *incoming, *outgoing]


def _paid(first: Flow, last: Flow, amount: int) -> Flow:
    """From the payer of one row to the recipient of the other. (A constructor: ``replace`` takes
    ten times as long.)"""
    return Flow(
        first.line,
        first.time,
        first.block,
        first.tx,
        first.frm,
        last.to,
        amount,
        first.frm_label,
        last.to_label,
    )
