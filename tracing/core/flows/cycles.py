"""Strongly connected parts of a small graph, in an order in which each comes before what it feeds.

Tarjan 1972, without recursion: a hostile table may chain a million rows in one block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def components(edges: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The parts of the graph of all nodes that occur, feeders first, each part sorted.

    Deterministic for a given order of ``edges`` and of each node's targets.
    """
    walk = _Tarjan(edges)
    for node in edges:
        if node not in walk.index:
            walk.visit(node)
    walk.found.reverse()
    return walk.found


class _Tarjan:
    def __init__(self, edges: Mapping[str, Sequence[str]]) -> None:
        self.edges = edges
        self.index: dict[str, int] = {}
        self.low: dict[str, int] = {}
        self.open: list[str] = []
        self.is_open: set[str] = set()
        self.found: list[list[str]] = []

    def visit(self, root: str) -> None:
        work = [self._enter(root)]
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in self.index:
                    work.append(self._enter(target))
                    break
                if target in self.is_open:
                    self.low[node] = min(self.low[node], self.index[target])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    self.low[parent] = min(self.low[parent], self.low[node])
                if self.low[node] == self.index[node]:
                    self._close(node)

    def _enter(self, node: str) -> tuple[str, Iterator[str]]:
        self.index[node] = self.low[node] = len(self.index)
        self.open.append(node)
        self.is_open.add(node)
        return node, iter(self.edges.get(node, ()))

    def _close(self, node: str) -> None:
        part: list[str] = []
        while not part or part[-1] != node:
            part.append(self.open.pop())
        self.is_open.difference_update(part)
        self.found.append(sorted(part))
