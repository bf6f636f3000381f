"""The made-up chain holds what real chains promise, and the project reads it as it was meant."""

import pytest
import rlp
from eth_account import Account
from eth_utils import keccak
from trie import HexaryTrie

from tests.liars import people, shapes
from tests.liars.blocks import Block, receipts, root
from tests.liars.chain import THEFT, World, account_proof, movements
from tests.liars.operators import Operator
from tests.liars.served import Served
from tests.liars.server import Server
from tracing.chains.base import RawBlock
from tracing.chains.evm import EvmAdapter


def grown(seed: int, count: int = 40) -> World:
    world = World(seed)
    world.mine(count)
    return world


def test_a_seed_gives_one_chain_and_another_seed_another() -> None:
    assert grown(7).head.hash == grown(7).head.hash
    assert grown(7).head.hash != grown(8).head.hash


def test_hashes_roots_and_signatures_can_be_recomputed() -> None:
    world = grown(3)
    assert sum(len(block.transactions) for block in world.head.line) > 30
    for block in world.head.line:
        assert keccak(rlp.encode(block.fields)) == block.hash
        assert block.fields[0] == block.parent_hash
        assert block.fields[4] == root([tx.raw for tx in block.transactions])
        assert block.fields[5] == root(receipts(block.transactions))
        for tx in block.transactions:
            assert keccak(tx.raw) == tx.hash
            assert Account.recover_transaction(tx.raw).lower() == tx.sender


def test_balances_are_the_sum_of_movements_and_proven_by_the_state_root() -> None:
    world = grown(4)
    held = dict(world.head.line[0].state.native)
    for block in world.head.line[1:]:
        for moved in (one for some in block.moved.values() for one in some):
            if moved.asset == people.NATIVE:
                for who, sign in ((moved.frm, -1), (moved.to, 1)):
                    held[who] = held.get(who, 0) + sign * moved.amount
        tips = sum(tx.outcome.gas * 10**8 for tx in block.transactions)
        held[people.FEES] = held.get(people.FEES, 0) + tips
        held.pop("", None)  # fees go out, withdrawals come in
        assert {who: value for who, value in block.state.native.items() if value} == {
            who: value for who, value in held.items() if value
        }
    for who in (people.THIEF, people.TOKEN, "0x" + "99" * 20):
        nodes = [rlp.decode(node) for node in account_proof(world.head, who)]
        key = keccak(bytes.fromhex(who[2:]))
        account = HexaryTrie.get_from_proof(world.head.fields[3], key, nodes)
        value = int.from_bytes(rlp.decode(account)[1]) if account else 0
        assert value == world.head.state.native.get(who, 0)


@pytest.mark.parametrize("depth", [1, 7, 32, 64])
def test_the_truth_is_reorganised_to_any_depth(depth: int) -> None:
    world = grown(5, 70)
    before = world.head
    world.reorganise(depth, more=2)
    assert world.head.number == before.number + 2
    common = [one for one, other in zip(before.line, world.head.line, strict=False) if one is other]
    assert common[-1].number == before.number - depth
    with pytest.raises(ValueError, match="the theft stays"):
        world.reorganise(world.head.number - THEFT + 1)


@pytest.mark.parametrize(("tracer", "by_block"), [("flat", True), ("nested", False), ("", True)])
def test_the_project_decodes_what_the_ledger_did(
    server: Server, tracer: str, *, by_block: bool
) -> None:
    world = grown(6, 60)
    node = Operator("one", world, Served(), tracer=tracer, has_block_receipts=by_block)
    server.operators = {"one": node}
    adapter = EvmAdapter(people.CHAIN, server.url("one"), timeout=5)
    kinds = set()
    for block in world.head.line:
        raw = adapter.read_block(block.number)
        wanted = movements(block)
        kinds |= {moved.kind for some in wanted.values() for moved in some}
        if not tracer:
            wanted = {
                tx: [moved for moved in some if moved.kind != "internal"]
                for tx, some in wanted.items()
            }
        assert decoded(adapter, raw) == {tx: some for tx, some in wanted.items() if some}
    assert kinds == {"fee", "native", "internal", "token", "withdrawal"}
    adapter.close()


def decoded(adapter: EvmAdapter, raw: RawBlock) -> dict[str, list[tuple[object, ...]]]:
    return {
        tx.tx: sorted(
            (m.kind.value, m.asset, m.frm or "", m.to or "", m.amount) for m in tx.movements
        )
        for tx in adapter.decode(raw).transactions
        if tx.movements
    }


def test_balances_code_and_calls_are_answered_at_any_block(server: Server) -> None:
    from tracing.core.types import AccountKey

    world = grown(9)
    server.operators = {"one": Operator("one", world, Served())}
    adapter = EvmAdapter(people.CHAIN, server.url("one"), timeout=5)
    keys = [
        AccountKey(people.CHAIN, who, asset)
        for who in (people.THIEF, people.MULE_A)
        for asset in (people.NATIVE, people.TOKEN_ASSET)
    ]
    for block in (world.head, world.head.line[10]):
        found = adapter.balances(keys, block.name)
        for key in keys:
            held = block.state.native if key.asset == people.NATIVE else block.state.token
            assert found[key] == held.get(key.address, 0)
        assert adapter.has_code([people.SPLITTER, people.THIEF], block.name) == {
            people.SPLITTER: True,
            people.THIEF: False,
        }
    adapter.close()


def test_an_orphan_is_known_by_its_hash_and_the_future_is_not(server: Server) -> None:
    world = grown(10, 10)
    node = Operator("one", world, Served(), held=world.head)
    server.operators = {"one": node}
    adapter = EvmAdapter(people.CHAIN, server.url("one"), timeout=5)
    orphan: Block = world.head
    world.reorganise(2, more=3)
    assert adapter.header_by_hash(world.head.name) is None
    node.held = None
    assert adapter.header(orphan.number).hash != orphan.name
    assert adapter.header_by_hash(orphan.name).hash == orphan.name
    assert shapes.light_block(world.head)["hash"] == adapter.head().hash
    adapter.close()
