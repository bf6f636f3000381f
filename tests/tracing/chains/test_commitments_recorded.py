"""Real blocks of Ethereum hold together, and one digit changed anywhere in them is caught."""

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import rlp
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracing.chains.recorded import ERIGON, needs_recordings, recorded, result
from tests.tracing.chains.test_commitments import library_root
from tracing.chains.base import RawBlock
from tracing.chains.errors import BadAnswer, Contradicted
from tracing.chains.evm_checks import check_belonging, read_head
from tracing.chains.evm_commitments import NAMES, check, check_header
from tracing.chains.evm_header import FIELDS
from tracing.chains.quorum import LONGEST_ANSWER

pytestmark = needs_recordings

OLD, WITH_RECEIPTS, ALL_TYPES = (
    f"eth_getBlockByNumber/test_{number}.json" for number in ("02", "08", "14")
)
WITHDRAWN = "0xd7a0b38496064412a8d6b1f77bc30ada93e7b7a5"  # by a validator, sent nothing
RECEIPTS = "eth_getBlockReceipts/test_02.json"

TYPED = ("chainId", "yParity", "accessList")
DYNAMIC = (*TYPED, "maxFeePerGas", "maxPriorityFeePerGas")
COMMITTED = {
    "header": FIELDS,
    "tx": ("hash", "from", "to", "value", "nonce", "gas", "input", "type", "r", "s"),
    "0x0": ("v", "gasPrice"),
    "0x1": (*TYPED, "gasPrice"),
    "0x2": DYNAMIC,
    "0x3": (*DYNAMIC, "maxFeePerBlobGas", "blobVersionedHashes"),
    "receipt": ("type", "status", "cumulativeGasUsed", "transactionHash", "blockHash", "from"),
    "log": ("address", "topics", "data", "blockHash"),
    "withdrawal": ("index", "validatorIndex", "address", "amount"),
}


def raw(header: str, receipts: str | None = None) -> RawBlock:
    block = result(header)
    return RawBlock(read_head(block), block, None if receipts is None else result(receipts), None)


def headers() -> list[str]:
    """The recordings that hold a block: some are of blocks that the node did not have."""
    found = sorted((ERIGON / "eth_getBlockByNumber").glob("*.json"))
    names = [f"eth_getBlockByNumber/{path.name}" for path in found]
    return [name for name in names if json.loads(recorded(name))[0]["response"].get("result")]


@pytest.mark.parametrize("name", headers())
def test_header_of_every_age_hashes_to_its_hash(name: str) -> None:
    block = result(name)
    check_header(block, NAMES)
    wrong = block | {"timestamp": hex(int(block["timestamp"], 16) + 1)}
    with pytest.raises(Contradicted) as refusal:
        check_header(wrong, NAMES)
    found = refusal.value.contradiction
    assert (found.kind, found.number) == ("header-hash", int(block["number"], 16))
    assert (found.claimed, found.computed != found.claimed) == (block["hash"], True)
    assert wrong["timestamp"] in found.answer
    check_header(wrong, [])


@pytest.mark.parametrize(
    ("header", "receipts"), [(OLD, None), (WITH_RECEIPTS, RECEIPTS), (ALL_TYPES, None)]
)
def test_whole_block_holds_together(header: str, receipts: str | None) -> None:
    block = raw(header, receipts)
    check(block, NAMES)
    if block.receipts is not None:
        check_belonging(block.header, block.receipts)


Place = tuple[Any, str | int]  # where a value stands: its holder, and its name or place there


def values(block: RawBlock) -> Iterator[Place]:
    """Every hexadecimal value that a root, a hash or a signature vouches for."""
    yield from _in(block.header, COMMITTED["header"])
    for tx in block.header["transactions"]:
        yield from _in(tx, (*COMMITTED["tx"], *COMMITTED[tx["type"]]))
    for withdrawal in block.header.get("withdrawals", []):
        yield from _in(withdrawal, COMMITTED["withdrawal"])
    for receipt in block.receipts or ():
        yield from _in(receipt, COMMITTED["receipt"])
        for log in receipt["logs"]:
            yield from _in(log, COMMITTED["log"])


def _in(holder: Any, names: Any) -> Iterator[Place]:
    for name in names:
        value = holder[name] if isinstance(name, int) else holder.get(name)
        if isinstance(value, str) and value != "0x":
            yield holder, name
        elif isinstance(value, (list, dict)):
            yield from _in(value, range(len(value)) if isinstance(value, list) else value)


def refuses(block: RawBlock) -> BadAnswer | None:
    try:
        check_belonging(block.header, block.receipts or [])
        check(block, NAMES)
    except BadAnswer as refusal:
        return refusal
    return None


@settings(deadline=None, max_examples=150, derandomize=True)
@given(st.data())
@pytest.mark.parametrize("name", [WITH_RECEIPTS, ALL_TYPES])
def test_one_digit_changed_anywhere_is_caught(name: str, data: st.DataObject) -> None:
    block = loaded(name)
    holder, at = data.draw(st.sampled_from(places(name)))
    honest = holder[at]
    digit = data.draw(st.integers(2, len(honest) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789abcdef" if d != honest[digit]]))
    try:
        holder[at] = honest[:digit] + other + honest[digit + 1 :]
        assert refuses(block) is not None, (at, honest, holder[at])
    finally:
        holder[at] = honest


@cache
def loaded(name: str) -> RawBlock:
    return raw(name, RECEIPTS if name == WITH_RECEIPTS else None)


@cache
def places(name: str) -> list[Place]:
    return list(values(loaded(name)))


def test_every_kind_of_lie_is_named() -> None:
    """Each has its honest twin in the block that it was made of."""
    lies: list[tuple[str, Callable[[RawBlock], None]]] = [
        ("header-hash", lambda block: block.header.update(stateRoot="0x" + "1" * 64)),
        ("transaction-hash", lambda block: block.header["transactions"][3].update(value="0x1")),
        ("transactions-root", lambda block: block.header["transactions"].pop()),
        ("withdrawals-root", lambda block: block.header["withdrawals"][1].update(amount="0x1")),
        ("withdrawals-root", lambda block: block.header["withdrawals"].pop()),
        ("sender", lambda block: block.header["transactions"][0].update({"from": WITHDRAWN})),
        ("sender", lambda block: block.receipts[0].update({"from": WITHDRAWN})),
        ("receipts-root", lambda block: block.receipts[2].update(status="0x0")),
        ("receipts-root", lambda block: block.receipts[0]["logs"].pop()),
        (
            "receipts-root",
            lambda block: block.receipts[0]["logs"].append(block.receipts[1]["logs"][0]),
        ),
        ("receipts-root", lambda block: block.receipts[0]["logs"][0].update(data="0x" + "0" * 64)),
    ]
    honest = raw(WITH_RECEIPTS, RECEIPTS)
    for kind, lie in lies:
        block = copy.deepcopy(honest)
        lie(block)
        if kind == "transactions-root":
            block.receipts.pop()
        refusal = refuses(block)
        assert isinstance(refusal, Contradicted), kind
        found = refusal.contradiction
        assert (found.kind, found.number) == (kind, 18_000_000)
        assert found.claimed != found.computed
        assert 0 < len(found.answer) <= LONGEST_ANSWER
        check(block, [])
    assert refuses(honest) is None


def test_what_lags_or_lacks_is_refused_without_blame() -> None:
    def without_logs(block: RawBlock) -> None:
        for receipt in block.receipts:
            receipt["logs"] = []

    lacks: list[Callable[[RawBlock], None]] = [
        lambda block: block.receipts.clear(),
        lambda block: block.receipts.pop(),
        lambda block: block.receipts[0].update(blockHash="0x" + "2" * 64),
        lambda block: block.receipts[0]["logs"][0].update(blockHash="0x" + "2" * 64),
        lambda block: block.header["transactions"][0].update(blockHash="0x" + "2" * 64),
        lambda block: block.header["transactions"][0].pop("r"),
        lambda block: block.header["transactions"][0].update(type="0x7e"),
        lambda block: block.receipts[0].update(type="0x7e"),
        lambda block: block.receipts[0].pop("cumulativeGasUsed"),
        lambda block: block.header.pop("withdrawals"),
        lambda block: block.header.pop("mixHash"),
        lambda block: block.header.update(transactions=[]),
        lambda block: block.header.update(fieldOfTomorrow="0x1", timestamp="0x1"),
        lambda block: block.header.update(stateRoot="0x" + "0" * 64),
        lambda block: block.receipts[3].update(gasUsed="0x5209"),
        lambda block: block.receipts[3].update(effectiveGasPrice="0x1"),
        lambda block: block.receipts[3].update(contractAddress=WITHDRAWN),
        lambda block: block.receipts[3].update(to=WITHDRAWN),
        without_logs,
    ]
    honest = raw(WITH_RECEIPTS, RECEIPTS)
    for at, lack in enumerate(lacks):
        block = copy.deepcopy(honest)
        lack(block)
        refusal = refuses(block)
        assert refusal is not None, at
        assert not isinstance(refusal, Contradicted), at


def test_evidence_holds_nothing_but_hexadecimal_of_known_fields() -> None:
    block = copy.deepcopy(raw(WITH_RECEIPTS, RECEIPTS))
    secret = "https://node.example/v2/k3y"
    block.header["totalDifficulty"] = block.header["transactions"][0]["note"] = secret
    block.receipts[0]["logs"][0] |= {"data": "0x00", "note": secret, "topics": []}
    block.receipts[0]["transactionIndex"] = block.receipts[1]["root"] = secret
    refusal = refuses(block)
    assert isinstance(refusal, BadAnswer)
    block.receipts[1]["root"] = None
    refusal = refuses(block)
    assert isinstance(refusal, Contradicted)
    assert secret not in repr(refusal.contradiction)
    assert '"data":"0x00"' in refusal.contradiction.answer


def test_receipts_older_than_statuses_have_a_state_root() -> None:
    """Block 4,306,306 is older than Byzantium. Its header is not recorded: other people's code
    works its root out."""
    receipts = result("eth_getBlockReceipts/test_01.json")
    root = "0x" + library_root([library_receipt(receipt) for receipt in receipts]).hex()
    head = {"number": receipts[0]["blockNumber"], "hash": receipts[0]["blockHash"]}
    header = head | {"parentHash": head["hash"], "timestamp": "0x1", "receiptsRoot": root}
    block = RawBlock(read_head(header), header, receipts, None)
    check(block, ["receipts"])
    for receipt in receipts:
        del receipt["root"]
        receipt["status"] = "0x1"
    with pytest.raises(BadAnswer) as refusal:
        check(block, ["receipts"])
    assert not isinstance(refusal.value, Contradicted)


def library_receipt(receipt: dict[str, Any]) -> bytes:
    def raw_bytes(text: str) -> bytes:
        return bytes.fromhex(text[2:])

    logs = [
        [raw_bytes(log["address"]), [raw_bytes(t) for t in log["topics"]], raw_bytes(log["data"])]
        for log in receipt["logs"]
    ]
    gas, bloom = int(receipt["cumulativeGasUsed"], 16), raw_bytes(receipt["logsBloom"])
    return bytes(rlp.encode([raw_bytes(receipt["root"]), gas, bloom, logs]))
