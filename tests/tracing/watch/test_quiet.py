"""Blocks that are passed together leave the rows that they leave one by one."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.strait import Strait
    from tests.tracing.watch.town import Town
    from tracing.drills.fingerprint import Fingerprint

pytestmark = [pytest.mark.node, pytest.mark.django_db]
MULE = "0xabcd" + "11" * 16 + "7890"
LIKE = "0xabcd" + "22" * 16 + "7890"


def nothing(town: "Town", blocks: int) -> None:
    """Strangers pay each other, some blocks are empty."""
    from tests.tracing.watch.town import STRANGER

    for number in range(blocks):
        for at in range(number % 3):
            town.send(STRANGER, f"0x{0xC100 + at:040x}", 1 + number)
        town.mine()


def story(town: "Town") -> None:
    """A bit of everything that a block can say, with quiet blocks between."""
    from tests.tracing.watch.test_freezes import freeze, stolen
    from tests.tracing.watch.test_tokens import call
    from tests.tracing.watch.town import COUNCIL, EXCHANGE, STRANGER, THIEF

    token = stolen(town)
    town.follow()
    nothing(town, 9)
    freeze(town, token, account=STRANGER)  # nobody's business, and still noted
    nothing(town, 4)
    call(town, THIEF, "StableToken", token, "transfer", MULE, 400)
    nothing(town, 3)
    call(town, STRANGER, "StableToken", token, "transferFrom", THIEF, LIKE, 0)
    nothing(town, 5)
    freeze(town, token, account=MULE)
    freeze(town, token, account=MULE, method="unBlacklist")
    nothing(town, 3)
    town.move_by_state(STRANGER, COUNCIL, 5)
    town.mine()
    nothing(town, 2)
    call(town, MULE, "StableToken", token, "transfer", EXCHANGE, 100)
    nothing(town, 7)


def applied(
    town: "Town", monkeypatch: pytest.MonkeyPatch, together: int
) -> "tuple[Fingerprint, int]":
    """What is in the database after the rest of the chain was applied, and in how many steps that
    was; then it is undone."""
    from django.db import transaction

    from tracing.drills.fingerprint import fingerprint
    from tracing.models import Block
    from tracing.watch import ingest

    monkeypatch.setattr(ingest, "MOST_TOGETHER", together)
    before = transaction.savepoint()
    town.take_over()
    steps = 0
    while town.watcher.step(town.source):
        steps += 1
    town.check()
    found = fingerprint(town.incident, town.chain.caip2)
    rows = Block.objects.order_by("number").values_list("number", "hash", "custody", "state")
    found["blocks"] = [str(row) for row in rows]
    transaction.savepoint_rollback(before)
    return found, steps


def test_rows_are_those_of_one_block_after_another(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    story(town)
    together, few = applied(town, monkeypatch, 128)
    alone, many = applied(town, monkeypatch, 1)
    assert together == alone
    assert few < many - 10
    for section, least in (("hops", 2), ("freezes", 2), ("leads", 1), ("arrivals", 2)):
        assert len(together[section]) >= least, section


def test_landings_of_blocks_that_say_nothing_are_kept(strait: "Strait") -> None:
    """A crossing is looked for among what landed before anybody knew of it."""
    from tests.tracing.watch.town import ETHER, STRANGER
    from tracing.models import Landing

    strait.follow()
    for number in range(6):
        strait.leave(STRANGER, (number + 1) * ETHER)
        strait.arrive(STRANGER, (number + 1) * ETHER)
        strait.far.mine(number % 2)
    steps = 0
    while strait.far.watcher.step(strait.far.source):
        steps += 1
    assert steps < 9
    rows = Landing.objects.filter(chain=strait.far.chain).order_by("block__number")
    assert [row.amount for row in rows] == [(n + 1) * ETHER for n in range(6)]
    assert [row.block.hash for row in rows] == [
        block_hash
        for number, block_hash in strait.far.on_chain()
        if strait.far.node.call("eth_getBlockByNumber", hex(number), False)["transactions"]
    ][-6:]


def test_branch_that_was_read_ahead_and_left_is_not_applied(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, THIEF

    trace = town.trace(town.steal(100 * ETHER))
    town.follow()
    nothing(town, 30)
    assert town.watcher.step(town.source)  # some are applied, more were read
    town.drop(25)
    town.send(THIEF, MULE, ETHER)
    nothing(town, 30)
    town.follow()
    assert town.held(trace)[MULE] == ETHER
    town.check()


@pytest.mark.parametrize("at", [1, 2, 3])
def test_nothing_is_half_done_when_it_is_broken_off(
    town: "Town", monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    from tests.tracing.watch.town import ETHER, THIEF
    from tracing.models import Block, Chain, Trace
    from tracing.watch.lease import Lease

    trace = town.trace(town.steal(100 * ETHER))
    town.follow()
    nothing(town, 8)
    town.send(THIEF, MULE, ETHER)
    nothing(town, 8)
    advance: Callable[..., None] = Lease.advance
    calls = []

    def killed(*args: Any, **changes: Any) -> None:
        calls.append(1)
        if len(calls) == at:
            raise KeyboardInterrupt
        advance(*args, **changes)

    monkeypatch.setattr(Lease, "advance", killed)
    with pytest.raises(KeyboardInterrupt):
        town.follow()
    cursor = Chain.objects.get(pk=town.chain.pk).cursor_number
    assert Block.objects.filter(chain=town.chain).order_by("number").last().number == cursor  # type: ignore[union-attr]
    assert Trace.objects.get(pk=trace.pk).cursor_number == cursor
    town.take_over()
    town.follow()
    assert town.held(trace)[MULE] == ETHER
    town.check()
