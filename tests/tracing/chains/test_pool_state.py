"""Heights, finality and state through a pool: what one operator says alone counts for no quorum."""

import time
from collections.abc import Iterator

import pytest

from config.embedded.node import Node
from tests.tracing.chains.pools import (
    CHAIN,
    OTHER,
    RECEIVER,
    A,
    Crowd,
    crowd_of,
    on_a_fork,
)
from tests.tracing.watch.liar import Refusal
from tracing.chains.errors import RateLimited, RetryableChainError
from tracing.core.types import AccountKey

pytestmark = pytest.mark.node

ETH = f"{CHAIN}/slip44:60"
KEYS = [AccountKey(CHAIN, RECEIVER, ETH), AccountKey(CHAIN, A, ETH)]
REFUSED = Refusal(-32000, "logs are not for everybody")
PRUNED = Refusal(-32000, "missing trie node 1234 (path 00)")


@pytest.fixture
def three(node: Node) -> Iterator[Crowd]:
    with crowd_of(node, 3) as crowd:
        yield crowd


def frozen_at(crowd: Crowd, place: int, number: int) -> None:
    """This endpoint's newest block stays where it is."""
    stale = crowd.node.call("eth_getBlockByNumber", hex(number), False)

    def lie(params: list[object], block: object) -> object:
        return stale if params[0] in ("latest", "safe", "finalized") else block

    crowd.liars[place].lies["eth_getBlockByNumber"] = lie


def ahead(params: list[object], block: object) -> object:
    """A head that does not exist."""
    if params[0] == "latest" and isinstance(block, dict):
        return block | {"number": hex(10**9), "hash": OTHER}
    return block


def test_the_head_is_the_highest_and_the_agreed_one_the_quorums(three: Crowd) -> None:
    for _ in range(3):
        top = three.mine()
    frozen_at(three, 0, top - 2)
    frozen_at(three, 1, top - 1)
    for quorum, agreed in ((1, top), (2, top - 1), (3, top - 2), (4, None)):
        pool = three.pool(quorum)
        heads = {one.operator: one.head.number for one in pool.heads()}
        assert heads == {"a": top - 2, "b": top - 1, "c": top}
        assert pool.agreed_head() == agreed
        head = pool.head()
        assert head is not None
        assert head.number == top
    # finality is counted from what a quorum calls final, not from what the highest says
    finals = {pool.quorum: pool.agreed_head("finalized") for pool in three.pools}
    assert finals[4] is None
    assert finals[1] is not None
    assert finals[3] is not None
    assert finals[1] >= finals[3]


def test_two_endpoints_of_one_operator_do_not_make_a_height_agreed(three: Crowd) -> None:
    top = three.mine()
    frozen_at(three, 2, top - 1)
    assert three.pool(2, operators="aab").agreed_head() == top - 1
    assert three.pool(2, operators="abc").agreed_head() == top


def test_a_head_that_does_not_exist_holds_nobody_for_long(three: Crowd) -> None:
    top = three.mine()
    three.liars[0].lies["eth_getBlockByNumber"] = ahead
    pool = three.pool()
    head = pool.head()
    assert head is not None
    assert head.number == 10**9
    assert pool.agreed_head() == top
    with pytest.raises(RetryableChainError):
        pool.read_block(top + 1)
    assert [key for key, _ in three.notes.failures] == [0]
    head = pool.head()
    assert head is not None
    assert head.number == top  # whoever promised the block rests
    assert pool.read_block(top).head.number == top


def test_who_contradicts_a_final_block_twice_is_quarantined(three: Crowd) -> None:
    number = three.pay()
    true = three.hash(number)
    assert three.pool().refute(number, true) == ()
    on_a_fork(three.liars[1], true)
    pool = three.pool()
    assert pool.refute(number, true) == ("b",)
    assert three.notes.out == [(1, "final-block")]
    found = three.notes.quarantined[0][1]
    assert (found.number, found.claimed, found.computed) == (number, OTHER, true)
    assert pool.operators_of(number, true) == ("a", "c")


def test_balances_are_those_of_a_quorum(three: Crowd) -> None:
    number = three.pay()
    raw = three.pool().read_block(number)
    honest = three.pool(1).balances(KEYS, raw.head.hash)
    assert honest[KEYS[0]]
    three.liars[0].lies["eth_getBalance"] = lambda *_: "0x1"
    pool = three.pool()
    pool.read_block(number)
    assert pool.balances(KEYS, raw.head.hash) == honest
    assert three.pool().balances([], raw.head.hash) == {}


def test_balances_of_many_blocks_are_voted_on_together(three: Crowd) -> None:
    numbers = [three.pay(wei) for wei in (3, 4, 5)]
    blocks = [three.hash(number) for number in numbers]
    for quorum in (1, 3):
        pool = three.pool(quorum)
        pool.read_blocks(numbers)  # whoever vouches for one of them vouches for all
        alone = [pool.balances(KEYS, at) for at in blocks]
        requests: list[bytes] = []
        for liar in three.liars:
            liar.mood = lambda answer, seen=requests: seen.append(answer) or answer
        assert pool.balances_at([(KEYS, at) for at in blocks]) == alone
        assert len({held[KEYS[0]] for held in alone}) == 3
        assert len(requests) == quorum
    mixed = [([], blocks[0]), (KEYS, three.hash(numbers[0] - 1)), (KEYS, blocks[2])]
    assert pool.balances_at(mixed)[0] == {}
    assert pool.balances_at(mixed)[2] == alone[2]
    assert pool.balances_at([]) == []
    with_liar = three.pool()
    for number in numbers:
        with_liar.read_block(number)
    three.liars[0].lies["eth_getBalance"] = lambda *_: "0x1"
    assert with_liar.balances_at([(KEYS, at) for at in blocks]) == alone


def test_the_past_of_many_addresses_is_that_of_each(three: Crowd) -> None:
    """Of whoever tells it first: that one says nothing is no reason to know nothing."""
    number = three.pay()
    wanted = [A, RECEIVER, *(f"0x{at:040x}" for at in range(12))]
    pool = three.pool()
    alone = [pool.token_history(address, number, 100) for address in wanted]
    assert None not in alone
    assert pool.token_histories(wanted, number, 100) == alone
    three.liars[0].lies["eth_getLogs"] = three.liars[1].lies["eth_getLogs"] = lambda *_: REFUSED
    assert three.pool().token_histories(wanted, number, 100) == alone
    three.liars[2].lies["eth_getLogs"] = lambda *_: REFUSED
    assert three.pool().token_histories(wanted, number, 100) == [None] * len(wanted)
    assert three.pool().token_histories([], number, 100) == []
    for liar in three.liars:
        liar.status = 503
    with pytest.raises(RetryableChainError):
        three.pool().token_histories(wanted, number, 100)


def test_operators_that_disagree_about_balances_are_not_believed(node: Node) -> None:
    with crowd_of(node, 2) as crowd:
        number = crowd.pay()
        pool = crowd.pool()
        raw = pool.read_block(number)
        crowd.liars[0].lies["eth_getBalance"] = lambda *_: "0x1"
        with pytest.raises(RetryableChainError, match="disagree"):
            pool.balances(KEYS, raw.head.hash)
        crowd.liars[0].honest()
        assert pool.balances(KEYS, raw.head.hash)[KEYS[0]]


def test_state_needs_as_many_operators_as_vouch_for_the_block(node: Node) -> None:
    with crowd_of(node, 2) as crowd:
        number = crowd.pay()
        pool = crowd.pool()
        raw = pool.read_block(number)
        crowd.liars[1].status = 503
        with pytest.raises(RetryableChainError):
            pool.balances(KEYS, raw.head.hash)  # both vouched for it, and one cannot be asked
        alone = crowd.pool()
        assert alone.read_block(number).agreement is not None  # unverified, and says so
        assert alone.balances(KEYS, raw.head.hash)[KEYS[0]]


def test_who_tells_a_block_is_needed_for_the_state_before_it_too(node: Node) -> None:
    """Else a thief floods the honest between the block and its opening balances."""
    with crowd_of(node, 2) as crowd:
        number = crowd.pay()
        pool = crowd.pool()
        before = pool.read_block(number).head.parent_hash
        assert pool.balances(KEYS, before)[KEYS[1]]
        crowd.liars[0].lies["eth_getBalance"] = lambda *_: "0x1"
        crowd.liars[1].status = 503
        for _ in range(3):  # also once nobody else may be asked
            with pytest.raises(RetryableChainError):
                pool.balances(KEYS, before)


def test_who_has_dropped_old_state_is_no_voice_about_it(three: Crowd) -> None:
    number = three.pay()
    for liar in three.liars[:2]:
        liar.lies["eth_getBalance"] = lambda *_: PRUNED
    pool = three.pool()
    raw = pool.read_block(number)
    assert pool.balances(KEYS, raw.head.hash) == three.pool(1).balances(KEYS, raw.head.hash)
    for liar in three.liars:
        liar.lies["eth_getBalance"] = lambda *_: PRUNED
    assert pool.balances(KEYS, raw.head.hash) == dict.fromkeys(KEYS)


def test_code_and_calls_are_compared_too(three: Crowd) -> None:
    from tests.tracing.chains.pools import PAYER

    number = three.pay()
    three.liars[0].lies["eth_getCode"] = lambda *_: "0x"
    three.liars[0].lies["eth_call"] = lambda *_: "0x" + "ff" * 32
    pool = three.pool()
    raw = pool.read_block(number)
    at = raw.head.hash
    assert pool.has_code([PAYER, A], at) == {PAYER: True, A: False}
    assert pool.acting([PAYER, RECEIVER], at) == {PAYER}
    assert pool.delegated([PAYER], at) == set()
    assert pool.call(PAYER, b"", at) == b""
    assert pool.calls([(PAYER, b""), (A, b"")], at, gas=100_000) == [b"", b""]


def test_one_source_fails_over_and_is_never_called_verified(three: Crowd) -> None:
    number = three.pay()
    pool = three.pool(1)
    assert pool.read_block(number).agreement == three.pool(1).read_block(number).agreement
    three.liars[0].status = three.liars[1].status = 503
    pool = three.pool(1)
    raw = pool.read_block(number)
    assert raw.agreement is not None
    assert (raw.agreement.standing.value, raw.agreement.operators) == ("single", ("c",))
    assert pool.balances(KEYS, raw.head.hash)[KEYS[0]]


def test_an_endpoint_that_asks_to_be_left_alone_is_left_alone(node: Node) -> None:
    with crowd_of(node, 2) as crowd:
        number, (limited, other) = crowd.pay(), crowd.liars
        limited.status, limited.headers = 429, {"Retry-After": "2"}
        pool = crowd.pool(1)
        for _ in range(3):
            pool.read_block(number)
        limited.honest()
        limited.asked.clear()
        pool.heads()
        assert limited.asked == []
        other.status = 503
        with pytest.raises(RetryableChainError):
            pool.read_block(number)
        assert limited.asked == []
        time.sleep(2.1)
        assert pool.read_block(number).head.number == number
        assert limited.asked != []


def test_alone_it_is_left_alone_too(node: Node) -> None:
    with crowd_of(node, 1) as crowd:
        number, (limited,) = crowd.pay(), crowd.liars
        limited.status, limited.headers = 429, {"Retry-After": "1"}
        pool = crowd.pool(1)
        with pytest.raises(RateLimited):
            pool.read_block(number)
        limited.honest()
        with pytest.raises(RetryableChainError):
            pool.read_block(number)
        assert limited.asked == []
        time.sleep(1.1)
        assert pool.read_block(number).head.number == number


def test_blocks_read_together_are_those_read_alone(three: Crowd) -> None:
    numbers = [three.pay(wei) for wei in (3, 4, 5)]
    three.liars[1].status = 503
    for quorum in (1, 2):
        pool = three.pool(quorum)
        together = pool.read_blocks(numbers)
        alone = [three.pool(quorum).read_block(number) for number in numbers]
        assert [raw.head for raw in together] == [raw.head for raw in alone]  # type: ignore[union-attr]
        standings = {raw.agreement.standing.value for raw in together}  # type: ignore[union-attr]
        assert standings == {"single" if quorum == 1 else "verified"}
    missing = three.pool().read_blocks([numbers[-1], numbers[-1] + 1])
    assert missing[0].head.number == numbers[-1]  # type: ignore[union-attr]
    assert isinstance(missing[1], RetryableChainError)
