"""A long queue of lots as a balanced tree, so that any part of it moves in O(log n).

Without it 100,000 lots of dust, swept from address to address, cost 100,000 steps a sweep. Trees
are never changed, only made anew along one path, so that two queues may share parts. Lots are
integers as in ``queues``: an amount, below zero where it is stolen.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

LONG = 512  # a queue with more lots than this is a rope; more than three leaves
LEAF = 128  # lots side by side in one leaf


class Leaf:
    """A run of lots. ``units`` counts all of them, ``tainted`` the stolen ones."""

    __slots__ = ("count", "lots", "tainted", "units")
    height = 0

    def __init__(self, lots: Sequence[int]) -> None:
        self.lots = lots
        self.count = len(lots)
        total = sum(lots)
        self.units = sum(map(abs, lots))
        self.tainted = (self.units - total) // 2


class Node:
    """Two trees, the left one older; their heights differ by one at most (AVL)."""

    __slots__ = ("count", "height", "left", "right", "tainted", "units")
    height: int
    count: int
    units: int
    tainted: int

    def __init__(self, left: Tree, right: Tree) -> None:
        self.left = left
        self.right = right
        self.height = (left.height if left.height > right.height else right.height) + 1
        self.count = left.count + right.count
        self.units = left.units + right.units
        self.tainted = left.tainted + right.tainted


Tree = Leaf | Node


def join(left: Tree, right: Tree) -> Tree:
    """One tree of two, in O(difference of their heights)."""
    if isinstance(left, Node) and left.height > right.height + 1:
        return _balanced(left.left, join(left.right, right))
    if isinstance(right, Node) and right.height > left.height + 1:
        return _balanced(join(left, right.left), right.right)
    if isinstance(left, Leaf) and isinstance(right, Leaf) and left.count + right.count <= LEAF:
        return Leaf([*left.lots, *right.lots])
    return Node(left, right)


def _balanced(left: Tree, right: Tree) -> Tree:
    """A node of two trees whose heights differ by two at most."""
    if isinstance(left, Node) and left.height > right.height + 1:
        inner = left.right
        if isinstance(inner, Node) and inner.height > left.left.height:
            return Node(Node(left.left, inner.left), Node(inner.right, right))
        return Node(left.left, Node(inner, right))
    if isinstance(right, Node) and right.height > left.height + 1:
        inner = right.left
        if isinstance(inner, Node) and inner.height > right.right.height:
            return Node(Node(left, inner.left), Node(inner.right, right.right))
        return Node(Node(left, inner), right.right)
    return Node(left, right)


def split(tree: Tree, units: int) -> tuple[Tree, Tree]:
    """The oldest ``units`` and the rest, 0 < units < tree.units, in O(log n); may cut one lot."""
    if isinstance(tree, Leaf):
        return _split_leaf(tree, units)
    left, right = tree.left, tree.right
    if units < left.units:
        first, rest = split(left, units)
        return first, join(rest, right)
    if units > left.units:
        first, rest = split(right, units - left.units)
        return join(left, first), rest
    return left, right


def _split_leaf(leaf: Leaf, units: int) -> tuple[Tree, Tree]:
    ends = list(accumulate(map(abs, leaf.lots)))
    place = bisect_left(ends, units)
    lots = leaf.lots
    over = ends[place] - units
    if not over:
        return Leaf(lots[: place + 1]), Leaf(lots[place + 1 :])
    lot = lots[place]
    kept, rest = (lot - over, over) if lot > 0 else (lot + over, -over)
    return Leaf([*lots[:place], kept]), Leaf([rest, *lots[place + 1 :]])


def build(lots: Sequence[int]) -> Tree:
    """A balanced tree of at least one lot."""
    trees: list[Tree] = [Leaf(lots[at : at + LEAF]) for at in range(0, len(lots), LEAF)]
    while len(trees) > 1:
        pairs = zip(trees[::2], trees[1::2], strict=False)
        joined = [join(left, right) for left, right in pairs]
        trees = joined + trees[len(joined) * 2 :]
    return trees[0]


def lots_of(tree: Tree) -> Iterator[int]:
    """Every lot, oldest first."""
    work = [tree]
    while work:
        top = work.pop()
        if isinstance(top, Leaf):
            yield from top.lots
        else:
            work += (top.right, top.left)


class Rope:
    """A queue: the oldest lots ready to leave, the tree, and the newest ones as they come.

    Beside ``take`` it does what the kernel does with the end of a deque.
    """

    __slots__ = ("head", "tail", "tree")

    def __init__(
        self, tree: Tree | None, head: Iterable[int] = (), tail: Iterable[int] = ()
    ) -> None:
        self.head = deque(head)
        self.tree = tree
        self.tail = list(tail)

    def __len__(self) -> int:
        return len(self.head) + (self.tree.count if self.tree else 0) + len(self.tail)

    def __iter__(self) -> Iterator[int]:
        yield from self.head
        if self.tree:
            yield from lots_of(self.tree)
        yield from self.tail

    def __getitem__(self, place: int) -> int:
        """The newest lot: ``place`` is -1, and the rope is not empty."""
        if not self.tail:
            self._pull()
        return self.tail[place]

    def __setitem__(self, place: int, lot: int) -> None:
        """Instead of the newest lot, which was asked for before."""
        self.tail[place] = lot

    def append(self, lot: int) -> None:
        """A lot as the newest."""
        self.tail.append(lot)
        if len(self.tail) > LEAF:
            self._push(Leaf(self.tail))
            self.tail = []

    def appendleft(self, lot: int) -> None:
        """A lot as the oldest."""
        self.head.appendleft(lot)

    @property
    def tainted(self) -> int:
        inside = self.tree.tainted if self.tree else 0
        return inside - sum(lot for lot in (*self.head, *self.tail) if lot < 0)

    def extend(self, tree: Tree) -> None:
        """A whole tree as the newest."""
        if self.tail:
            self._push(Leaf(self.tail))
            self.tail = []
        self._push(tree)

    def take(self, units: int) -> tuple[list[int], Tree | None]:
        """The oldest ``units``: single lots, then a tree. There are as many units at least."""
        loose: list[int] = []
        head = self.head
        while units:
            if not head:
                tree = self.tree
                if tree is not None and units >= tree.units:
                    self.tree = None
                    if units > tree.units:
                        return self._rest(loose, tree, units - tree.units)
                    return loose, tree
                if tree is not None and units > _first(tree).units:
                    taken, self.tree = split(tree, units)
                    return loose, taken
                self._refill()
                head = self.head
            lot = head[0]
            size = lot if lot > 0 else -lot
            if size > units:
                head[0] = lot - units if lot > 0 else lot + units
                loose.append(units if lot > 0 else -units)
                break
            loose.append(head.popleft())
            units -= size
        return loose, None

    def _rest(self, loose: list[int], tree: Tree, units: int) -> tuple[list[int], Tree]:
        """What the tree does not cover comes out of the newest lots."""
        tail = Leaf(self.tail)
        if units == tail.units:
            self.tail = []
            return loose, join(tree, tail)
        taken, left = _split_leaf(tail, units)
        self.tail = list(left.lots) if isinstance(left, Leaf) else []
        return loose, join(tree, taken)

    def _refill(self) -> None:
        """The next leaf becomes the head; the tail where there is no tree."""
        if self.tree is None:
            self.head, self.tail = deque(self.tail), []
            return
        leaf = _first(self.tree)
        self.head = deque(leaf.lots)
        self.tree = None if leaf is self.tree else split(self.tree, leaf.units)[1]

    def _pull(self) -> None:
        """The newest lot of the tree, or of the head where there is no tree, becomes the tail."""
        tree = self.tree
        if tree is None:
            self.tail = [self.head.pop()]
            return
        lot = _last(tree).lots[-1]
        size = abs(lot)
        self.tail = [lot]
        self.tree = split(tree, tree.units - size)[0] if size < tree.units else None

    def _push(self, tree: Tree) -> None:
        self.tree = join(self.tree, tree) if self.tree else tree


def _first(tree: Tree) -> Leaf:
    while isinstance(tree, Node):
        tree = tree.left
    return tree


def _last(tree: Tree) -> Leaf:
    while isinstance(tree, Node):
        tree = tree.right
    return tree


def move_long(queues: list[deque[int] | Rope], frm: int, to: int, units: int, left: int) -> int:
    """Move units out of a long queue and leave ``left``; how many pieces were handled one by one.

    Queues that are long after it are ropes, the others deques; a whole part of a rope is one piece.
    """
    queue, into = queues[frm], queues[to]
    if not left and not into:
        queues[frm], queues[to] = into, queue
        return 1
    rope = _as_rope(queue)
    loose, tree = rope.take(units)
    queues[frm] = rope if len(rope) > LONG else deque(rope)
    if tree is None or tree.count <= LEAF:
        loose.extend(lots_of(tree) if tree else ())
    elif loose:
        tree, loose = join(Leaf(loose), tree), []
    for lot in loose:
        if into and (into[-1] > 0) == (lot > 0):
            into[-1] += lot
        else:
            into.append(lot)
    if tree is None or tree.count <= LEAF:
        return len(loose)
    whole = _as_rope(into)
    whole.extend(tree)
    queues[to] = whole if len(whole) > LONG else deque(whole)
    return 1


def _as_rope(queue: deque[int] | Rope) -> Rope:
    if isinstance(queue, Rope):
        return queue
    lots = list(queue)
    return Rope(build(lots)) if len(lots) > LEAF else Rope(None, tail=lots)
