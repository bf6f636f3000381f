"""The order in which the rows of a table are applied.

Rows are in order of their block (of their time where the table has no blocks). Rows of one block
have no finer order in a table, so they are put in one in which value can flow through them: what an
address receives in a block comes before what it sends, except around a cycle, where whoever value
has reached pays first what it can. The order depends on the rows alone, not on that of the file.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from tracing.core.flows.cycles import components
from tracing.core.flows.table import Flow

Key = tuple[str, str, str, int]


def when(flow: Flow) -> int:
    """Block, or else time."""
    return flow.block if flow.block is not None else flow.time or 0


def key(flow: Flow) -> Key:
    """What tells rows of one block apart; rows with one key are alike."""
    return (flow.tx, flow.frm, flow.to, flow.amount)


def in_order(flows: Iterable[Flow], sources: Collection[str]) -> list[Flow]:
    """All rows, as they are applied. ``sources`` are reached from the beginning."""
    rows = sorted(flows, key=lambda flow: (when(flow), *key(flow)))
    walk = _Walk(sources)
    ordered: list[Flow] = []
    for _, group in groupby(rows, key=when):
        ordered.extend(walk.block(list(group)))
    return ordered


class _Walk:
    """Balances and reach, as far as they decide who can pay around a cycle."""

    def __init__(self, sources: Collection[str]) -> None:
        self.reached = set(sources)
        self.balance: dict[str, int] = {}

    def block(self, rows: list[Flow]) -> list[Flow]:
        if len(rows) == 1 or {row.frm for row in rows}.isdisjoint({row.to for row in rows}):
            for row in rows:
                self._apply(row)
            return rows
        return list(self._sorted(rows))

    def _sorted(self, rows: list[Flow]) -> Iterator[Flow]:
        """Senders in an order in which each has received before it sends; rows that move nothing to
        anybody else come last."""
        outgoing: dict[str, list[Flow]] = {}
        for row in rows:
            if row.amount and row.frm != row.to:
                outgoing.setdefault(row.frm, []).append(row)
        for part in components({frm: [r.to for r in own] for frm, own in outgoing.items()}):
            if len(part) > 1:
                members = set(part)
                inside = {m: [r for r in outgoing[m] if r.to in members] for m in part}
                for member in part:
                    outgoing[member] = [r for r in outgoing[member] if r.to not in members]
                for row in _Round(self, inside).rows():
                    yield self._apply(row)
            for member in part:
                for row in outgoing.get(member, ()):
                    yield self._apply(row)
        yield from (row for row in rows if not row.amount or row.frm == row.to)

    def _apply(self, row: Flow) -> Flow:
        held = self.balance.get(row.frm, 0)
        self.balance[row.frm] = max(0, held - row.amount)
        self.balance[row.to] = self.balance.get(row.to, 0) + row.amount
        if row.frm in self.reached and row.amount:
            self.reached.add(row.to)
        return row


class _Round:
    """Rows around a cycle: the smallest first, by whoever is reached and can pay it."""

    def __init__(self, walk: _Walk, inside: dict[str, list[Flow]]) -> None:
        self.walk = walk
        self.left = {
            member: sorted(rows, key=lambda row: (row.amount, key(row)), reverse=True)
            for member, rows in inside.items()
        }
        # Best first: reached and able, reached, anybody. Stale entries are looked at again.
        self.heap = [self._entry(member) for member in sorted(inside)]
        heapq.heapify(self.heap)

    def rows(self) -> Iterator[Flow]:
        while self.heap:
            entry = heapq.heappop(self.heap)
            member = entry[1]
            if not self.left[member]:
                continue
            now = self._entry(member)
            if now != entry:
                heapq.heappush(self.heap, now)
                continue
            row = self.left[member].pop()
            yield row
            for changed in (member, row.to):
                if self.left[changed]:
                    heapq.heappush(self.heap, self._entry(changed))

    def _entry(self, member: str) -> tuple[int, str]:
        if member not in self.walk.reached:
            return 2, member
        row = self.left[member][-1]
        return int(self.walk.balance.get(member, 0) < row.amount), member
