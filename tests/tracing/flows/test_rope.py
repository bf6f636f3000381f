"""Long queues: the same lots as a plain list, and few steps however many lots there are."""

import random
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import examples
from tests.tracing.flows import reference
from tests.tracing.flows.test_kernels import table
from tracing.core.flows import queues, rope
from tracing.core.flows.queues import fifo
from tracing.core.flows.rope import Leaf, Node, Tree, build, join, lots_of, split
from tracing.core.policies.names import PolicyName

LOTS = st.lists(st.integers(-9, 9).filter(bool), min_size=1, max_size=80)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ropes from the tenth lot on, so that short tables have them."""
    monkeypatch.setattr(rope, "LEAF", 2)
    monkeypatch.setattr(rope, "LONG", 9)
    monkeypatch.setattr(queues, "LONG", 9)


def check(tree: Tree) -> int:
    """Every sum and height of a tree is right; answers its height."""
    if isinstance(tree, Leaf):
        assert 0 < tree.count == len(tree.lots)
        return 0
    left, right = check(tree.left), check(tree.right)
    assert abs(left - right) <= 1
    assert tree.height == max(left, right) + 1
    lots = list(lots_of(tree))
    assert tree.count == len(lots)
    assert tree.units == sum(map(abs, lots))
    assert tree.tainted == -sum(lot for lot in lots if lot < 0)
    return tree.height


@pytest.mark.usefixtures("small")
def test_trees_are_joined_and_split_in_balance() -> None:
    @examples(1000)
    @given(LOTS, LOTS, st.data())
    def hold(first: list[int], second: list[int], data: st.DataObject) -> None:
        tree = join(build(first), build(second))
        check(tree)
        assert list(lots_of(tree)) == first + second
        if tree.units > 1:
            cut = data.draw(st.integers(1, tree.units - 1))
            left, right = split(tree, cut)
            check(left)
            check(right)
            assert (left.units, right.units) == (cut, tree.units - cut)
            assert left.tainted + right.tainted == tree.tainted

    hold()


@pytest.mark.usefixtures("small")
def test_long_queues_equal_the_reference() -> None:
    """Tables in which few accounts hand on many small lots."""

    @examples(1000)
    @given(st.randoms(use_true_random=False))
    def hold(chance: random.Random) -> None:
        rows = []
        for _ in range(120):
            frm, to = chance.choice([(0, 2), (1, 2), (2, 3), (3, 4), (4, 2), (3, 2), (0, 3)])
            rows.append((frm, to, chance.randint(1, 4) if frm < 2 else chance.randint(1, 40)))
        outcome = fifo(table(rows, {0}))
        expected = reference.trace(table(rows, {0}), PolicyName.FIFO)
        assert (outcome.tainted, outcome.minted, outcome.opened) == expected

    hold()


def test_fragments_are_swept_in_few_steps() -> None:
    """Alternating dust, swept on and on: whole, and all but one unit."""
    lots = 20_000
    rows = [(at % 2, 2, 1) for at in range(lots)]
    sweeps = [(2 + at, 3 + at, lots - at // 2) for at in range(50)]
    outcome = fifo(table(rows + sweeps, {0}, 60))
    assert outcome.lots_moved < lots + 50 * 4
    assert sum(outcome.tainted) == outcome.minted == lots // 2


def test_tree_stays_flat() -> None:
    tree = build([1, -1] * 50_000)
    for _ in range(200):
        left, right = split(tree, 33_333)
        tree = join(right, left)
    assert isinstance(tree, Node)
    assert tree.height <= 16
    assert tree.units == 100_000


def test_rope_acts_like_a_queue() -> None:
    queue, plain = rope.Rope(None, tail=[1]), deque([1])
    for lot in [-2, 3, *[4, -5] * 200]:
        queue.append(lot)
        plain.append(lot)
    queue.appendleft(7)
    plain.appendleft(7)
    assert (list(queue), len(queue)) == (list(plain), len(plain))
    assert queue.tainted == 2 + 5 * 200
