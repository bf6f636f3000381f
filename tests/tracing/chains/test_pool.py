"""What a pool believes: a quorum of operators, counted over real endpoints that lie, lag and fail.
Nobody's silence ever makes the others count for more."""

import time
from collections.abc import Iterator

import pytest

from config.embedded.node import Node
from tests.tracing.chains.pools import (
    OTHER,
    Crowd,
    crowd_of,
    forged_trace,
    on_a_fork,
    richer,
    untraced,
)
from tracing.chains.errors import NotYet, RetryableChainError, WrongChain
from tracing.chains.pool_member import Pace
from tracing.chains.quorum import Agreement, Standing

pytestmark = pytest.mark.node


@pytest.fixture
def two(node: Node) -> Iterator[Crowd]:
    with crowd_of(node, 2) as crowd:
        yield crowd


@pytest.fixture
def three(node: Node) -> Iterator[Crowd]:
    with crowd_of(node, 3) as crowd:
        yield crowd


def vouched(crowd: Crowd, number: int, quorum: int = 2) -> Agreement:
    agreement = crowd.pool(quorum).read_block(number).agreement
    assert agreement is not None
    return agreement


def test_a_block_on_which_a_quorum_agrees_is_verified(two: Crowd) -> None:
    number = two.pay()
    agreement = vouched(two, number)
    assert agreement.standing is Standing.VERIFIED
    assert agreement.operators == ("a", "b")
    assert agreement.digest.hash == two.hash(number)
    assert (two.notes.out, two.notes.failures, two.notes.disagreements) == ([], [], [])


def test_one_endpoint_is_asked_as_often_as_without_a_pool(node: Node) -> None:
    from tracing.chains.evm import EvmAdapter

    with crowd_of(node, 1) as crowd:
        number, (liar,) = crowd.pay(), crowd.liars
        pool, alone = crowd.pool(quorum=1), EvmAdapter("eip155:31337", liar.url)
        counts = []
        for adapter in (alone, pool):
            liar.asked.clear()
            adapter.check_chain()
            assert adapter.head() is not None
            assert adapter.header(number) is not None
            raw = adapter.read_block(number)
            adapter.balances([], raw.head.hash)
            counts.append(list(liar.asked))
        assert counts[0] == counts[1]
        assert raw.agreement is not None
        assert (raw.agreement.standing, raw.agreement.operators) == (Standing.SINGLE, ("a",))


def test_an_operator_that_is_down_lowers_the_standing_and_not_the_quorum(two: Crowd) -> None:
    number = two.pay()
    two.liars[1].status = 503
    pool = two.pool()
    agreement = pool.read_block(number).agreement
    assert agreement is not None
    assert (agreement.standing, agreement.operators) == (Standing.UNVERIFIED, ("a",))
    assert pool.quorum == 2
    two.liars[1].honest()
    time.sleep(0.5)  # its rest is over
    agreement = pool.read_block(number).agreement
    assert agreement is not None
    assert (agreement.standing, agreement.operators) == (Standing.VERIFIED, ("a", "b"))


def test_a_quorum_that_has_too_few_endpoints_is_never_reached(two: Crowd) -> None:
    assert vouched(two, two.pay(), quorum=3).standing is Standing.UNVERIFIED


def test_two_endpoints_of_one_operator_are_one_voice(two: Crowd) -> None:
    number = two.pay()
    for operators, standing in (
        (["a", "b"], Standing.VERIFIED),
        (["a", "a"], Standing.UNVERIFIED),
        (["Acme", " acme "], Standing.UNVERIFIED),
    ):
        agreement = two.pool(operators=operators).read_block(number).agreement
        assert agreement is not None
        assert agreement.standing is standing


def test_a_slow_operator_costs_patience_and_no_more(two: Crowd) -> None:
    number = two.pay()
    pool = two.pool(pace=Pace(patience=0.4))
    pool.check_chain()
    two.liars[1].delay = 2.0
    started = time.monotonic()
    agreement = pool.read_block(number).agreement
    assert 0.3 < time.monotonic() - started < 1.2
    assert agreement is not None
    assert agreement.standing is Standing.UNVERIFIED


def test_an_operator_that_gets_the_block_a_moment_later_is_waited_for(two: Crowd) -> None:
    number = two.pay()
    seen: list[float] = []

    def late(params: list[object], block: object) -> object:
        seen.append(time.monotonic())
        return block if seen[-1] - seen[0] > 0.3 else None

    two.liars[1].lies["eth_getBlockByNumber"] = late
    assert vouched(two, number).standing is Standing.VERIFIED
    assert two.notes.failures == []  # to lag is no fault


def test_a_forged_transaction_is_outvoted_and_its_teller_quarantined(three: Crowd) -> None:
    number = three.pay()
    three.liars[0].lies["eth_getBlockByNumber"] = richer
    pool = three.pool()
    raw = pool.read_block(number)
    assert raw.agreement is not None
    assert (raw.agreement.standing, raw.agreement.operators) == (Standing.VERIFIED, ("b", "c"))
    assert raw.header["transactions"][0]["value"] == "0x7"
    wait_for(lambda: bool(three.notes.out))
    assert three.notes.out == [(0, "contents")]
    agreement = pool.read_block(number).agreement
    assert agreement is not None
    assert agreement.operators == ("b", "c")


def test_evidence_holds_what_was_told_and_nothing_that_is_meant_to_break_it(three: Crowd) -> None:
    number = three.pay()
    junk: list[object] = []
    for _ in range(400):
        junk = [junk]

    def cunning(params: list[object], block: object) -> object:
        found = richer(params, block)
        return found and found | {"junk": junk, "note": "https://node/C4N4RY", "https://C4N4RY": ""}

    three.liars[0].lies["eth_getBlockByNumber"] = cunning
    pool = three.pool()
    pool.read_block(number)
    wait_for(lambda: bool(three.notes.out))
    assert three.notes.out == [(0, "contents")]
    evidence = three.notes.quarantined[0][1].answer
    assert '"value":"0x8"' in evidence
    assert "C4N4RY" not in evidence


def test_where_honest_nodes_may_differ_nobody_is_quarantined_for_contents(three: Crowd) -> None:
    number = three.pay()
    three.liars[0].lies["eth_getBlockByNumber"] = richer
    pool = three.pool(is_comparable=False)
    agreement = pool.read_block(number).agreement
    assert agreement is not None
    assert agreement.operators == ("b", "c")
    time.sleep(0.3)
    assert (three.notes.out, three.notes.disagreements) == ([], [(0, "contents")])


def test_a_single_wrong_answer_is_no_reason_for_quarantine(three: Crowd) -> None:
    number, told = three.pay(), []

    def once(params: list[object], block: object) -> object:
        told.append(number)
        return richer(params, block) if len(told) == 1 else block

    three.liars[0].lies["eth_getBlockByNumber"] = once
    pool = three.pool()
    agreement = pool.read_block(number).agreement
    assert agreement is not None
    assert agreement.operators == ("b", "c")
    wait_for(lambda: len(told) > 1)
    time.sleep(0.2)
    assert three.notes.out == []


def test_one_against_one_nobody_is_believed_and_nobody_blamed(two: Crowd) -> None:
    number = two.pay()
    two.liars[0].lies["eth_getBlockByNumber"] = richer
    agreement = vouched(two, number)
    assert agreement.standing is Standing.UNVERIFIED
    assert len(agreement.operators) == 1
    time.sleep(0.2)
    assert two.notes.out == []


@pytest.mark.parametrize("count", [2, 3])
def test_a_forged_trace_is_never_verified(node: Node, count: int) -> None:
    with crowd_of(node, count) as crowd:
        number = crowd.pay()
        crowd.liars[0].lies["trace_block"] = forged_trace
        pool = crowd.pool()
        raw = pool.read_block(number)
        assert raw.agreement is not None
        if count == 2:
            assert raw.agreement.standing is Standing.LOGS
            assert raw.agreement.operators == ("a", "b")
            return
        assert raw.agreement.standing is Standing.VERIFIED
        inner = [t for t in raw.traces or [] if t["traceAddress"]]
        assert [t["action"]["value"] for t in inner] == ["0x7"]
        assert (crowd.notes.out, crowd.notes.disagreements) == ([], [(0, "traces")])


def test_without_tracers_logs_are_verified_and_native_movements_are_not(three: Crowd) -> None:
    for liar in three.liars:
        untraced(liar)
    agreement = vouched(three, three.pay())
    assert agreement.standing is Standing.LOGS
    assert agreement.digest.traces == ""


def test_one_tracer_among_several_is_told_but_not_verified(three: Crowd) -> None:
    for liar in three.liars[:2]:
        untraced(liar)
    raw = three.pool().read_block(three.pay())
    assert raw.agreement is not None
    assert raw.agreement.standing is Standing.LOGS
    assert raw.agreement.digest.traces
    assert raw.traces


def test_the_branch_of_more_operators_wins_and_among_equals_ours(three: Crowd) -> None:
    number = three.pay()
    true = three.hash(number)
    on_a_fork(three.liars[0], true)
    raw = three.pool().read_block(number)
    assert raw.agreement is not None
    assert (raw.head.hash, raw.agreement.standing) == (true, Standing.VERIFIED)
    three.liars[2].status = 503
    for ours in (true, OTHER):
        pool = three.pool()
        pool.follow(number, ours)
        raw = pool.read_block(number)
        head = pool.header(number)
        assert raw.agreement is not None
        assert head is not None
        assert (raw.head.hash, head.hash) == (ours, ours)
        assert raw.agreement.standing is Standing.UNVERIFIED
    assert three.notes.out == []  # another branch is no lie


def test_a_review_shows_every_view_with_its_operators(three: Crowd) -> None:
    number = three.pay()
    on_a_fork(three.liars[0], three.hash(number))
    views = three.pool().review(number)
    assert [(view.digest.hash, view.operators, view.standing) for view in views] == [
        (three.hash(number), ("b", "c"), Standing.VERIFIED),
        (OTHER, ("a",), Standing.UNVERIFIED),
    ]
    assert three.pool().review(number + 9) == []
    assert three.pool().operators_of(number, OTHER) == ("a",)
    assert three.pool().operators_of(number, three.hash(number)) == ("b", "c")


def test_an_endpoint_of_another_chain_is_quarantined(three: Crowd) -> None:
    number = three.pay()
    three.liars[0].lies["eth_chainId"] = lambda *_: "0x1"
    pool = three.pool()
    pool.check_chain()
    assert three.notes.out == [(0, "wrong-chain")]
    assert (three.notes.quarantined[0][1].claimed) == "eip155:1"
    agreement = pool.read_block(number).agreement
    assert agreement is not None
    assert agreement.operators == ("b", "c")

    answers = iter(["0x1"])  # once is an accident
    three.liars[0].lies["eth_chainId"] = lambda _, true: next(answers, true)
    three.pool().check_chain()
    assert three.notes.out == []

    for liar in three.liars:
        liar.lies["eth_chainId"] = lambda *_: "0x1"
    pool = three.pool()
    with pytest.raises(WrongChain):
        pool.check_chain()
    with pytest.raises(RetryableChainError, match="quarantine"):
        pool.read_block(number)


def test_a_block_that_nobody_has_is_asked_for_later(two: Crowd) -> None:
    number = two.mine()
    pool = two.pool()
    with pytest.raises(NotYet):
        pool.read_block(number + 1)
    assert two.notes.failures == []
    assert pool.read_block(number).head.number == number


def test_nobody_that_answers_is_an_error_without_addresses(two: Crowd) -> None:
    number = two.mine()
    for liar in two.liars:
        liar.status = 503
    with pytest.raises(RetryableChainError, match="HTTP 503") as refusal:
        two.pool().read_block(number)
    assert "127.0.0.1" not in f"{refusal.value!r}{two.pool()!r}{two.pool().members!r}"


def wait_for(is_so: object, seconds: float = 3.0) -> None:
    until = time.monotonic() + seconds
    while not is_so() and time.monotonic() < until:  # type: ignore[operator]
        time.sleep(0.02)
