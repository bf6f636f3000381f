"""An Etherscan-compatible history tells the same transfers as the node, or nothing at all."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from config.embedded.node import Node
from tests.tracing.explorer import Explorer as Served
from tests.tracing.explorer import Row, refusal, saying

if TYPE_CHECKING:
    from tracing.chains.evm_explorer import Explorer
    from tracing.core.passed import Passed

pytestmark = pytest.mark.node

CHAIN = "eip155:31337"
RICH, THIEF, MULE = ("0x" + pair * 20 for pair in ("a1", "b0", "b1"))
HANDS, MOUTH, TOKEN, NFT, MULTI, WRAPPED = (
    "0x" + pair * 20 for pair in ("4a", "4b", "75", "76", "77", "78")
)
ETHER = 10**18
DEPOSIT = "e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c"
WITHDRAWAL = "7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65"
# calldata: a topic, an amount. Logs both with the caller; without value it pays the amount out.
WRAPPER = "0x6020356000523360003560206000a2346022576000600060006000602035335af1005b00".replace(
    " ", ""
)


def word(value: str | int) -> str:
    return f"{value:064x}" if isinstance(value, int) else value[2:].rjust(64, "0")


def log_call(contract: str, topics: list[str], data: str) -> tuple[str, int, str]:
    body = "".join(topic.removeprefix("0x").rjust(64, "0") for topic in topics)
    return contract, 0, f"0x{len(topics):02x}{body}{data}"


class Stage:
    """A node with a thief on it, who does everything that a history has an action for."""

    def __init__(self, node: Node) -> None:
        from tests.tracing.watch import puppet

        self.node = node
        node.call("anvil_reset")
        node.call("anvil_autoImpersonateAccount", True)
        codes = {HANDS: puppet.HAND, WRAPPED: WRAPPER}
        codes |= dict.fromkeys((MOUTH, TOKEN, NFT, MULTI), puppet.MOUTH)
        for address, code in codes.items():
            node.call("anvil_setCode", address, code)
        for address in (RICH, THIEF, MULE):
            node.call("anvil_setBalance", address, hex(10**6 * ETHER))

    def send(self, sender: str, to: str | None, value: int = 0, data: str = "0x") -> None:
        fields = {"from": sender, "value": hex(value), "input": data, "gas": "0x7a120"}
        fields |= {"gasPrice": "0x3b9aca00"} | ({} if to is None else {"to": to})
        self.node.call("eth_sendTransaction", fields)

    def mine(self) -> None:
        self.node.call("evm_mine")

    def act(self) -> None:
        """Six blocks with a bit of everything."""
        from tests.tracing.explorer import SINGLE, TRANSFER
        from tests.tracing.watch.puppet import pay, script

        self.send(RICH, THIEF, 5 * ETHER)
        self.send(RICH, THIEF, 5 * ETHER)  # the same again: two transactions
        self.mine()
        twice = script(pay(THIEF, ETHER), pay(THIEF, ETHER), pay(MULE, 1))
        self.send(RICH, HANDS, 2 * ETHER + 1, twice)  # the same twice in one transaction
        self.send(THIEF, None, 3, "0x")  # a creation that carries value
        self.mine()
        moves = [
            log_call(TOKEN, [TRANSFER, word(RICH), word(THIEF)], word(700)),
            log_call(TOKEN, [TRANSFER, word(0), word(THIEF)], word(9)),
            log_call(TOKEN, [TRANSFER, word(THIEF), word(0)], word(0)),
            log_call(NFT, [TRANSFER, word(RICH), word(THIEF), word(42)], ""),
            log_call(MULTI, [SINGLE, word(1), word(THIEF), word(MULE)], word(7) + word(30)),
        ]
        self.send(RICH, HANDS, 0, script(*moves))
        self.mine()
        self.mine()
        self.send(THIEF, WRAPPED, 4 * ETHER, f"0x{DEPOSIT}{word(4 * ETHER)}")
        self.send(THIEF, WRAPPED, 0, f"0x{WITHDRAWAL}{word(ETHER)}")
        self.send(THIEF, THIEF, 8)
        self.mine()
        # a call that fails as a whole moves nothing
        self.send(THIEF, HANDS, 1, script(pay(MULE, 1), pay(MULE, 10**30)))
        self.send(THIEF, MULE, 6 * ETHER)
        self.mine()

    def told_by_node(self, address: str, first: int, last: int) -> "list[Passed]":
        from tracing.chains.evm import EvmAdapter
        from tracing.core.passed import through

        adapter = EvmAdapter(CHAIN, self.node.url)
        found: list[Passed] = []
        for number in range(first, last + 1):
            block = adapter.decode(adapter.read_block(number))
            found += through(block, [address]).get(address, [])
        adapter.close()
        return sorted(found)

    @property
    def height(self) -> int:
        return int(self.node.call("eth_blockNumber"), 16)


@pytest.fixture
def stage(node: Node) -> Stage:
    made = Stage(node)
    made.act()
    return made


@pytest.fixture
def served(stage: Stage) -> Iterator[Served]:
    explorer = Served(stage.node)
    yield explorer
    explorer.close()


@pytest.fixture
def history(served: Served) -> "Iterator[Explorer]":
    from tracing.chains.evm_explorer import Explorer

    made = Explorer(CHAIN, served.url, wrapped=WRAPPED, pace=0)
    yield made
    made.close()


def kinds(rows: "list[Passed]") -> list[str]:
    return sorted({row.kind for row in rows})


@pytest.mark.parametrize("address", [THIEF, MULE, RICH])
def test_both_tell_the_same(stage: Stage, history: "Explorer", address: str) -> None:
    told = history.transfers(address, 0, stage.height)
    assert told == stage.told_by_node(address, 0, stage.height)
    if address == THIEF:
        assert kinds(told) == ["burn", "internal", "mint", "native", "nft", "token"]
        assert len(told) == 16


@pytest.mark.parametrize("most", [1, 2, 3, 7])
def test_short_pages_lose_nothing(
    stage: Stage, served: Served, history: "Explorer", most: int
) -> None:
    """A plan that gives less than was asked for does not say so."""
    served.most = most
    assert history.transfers(THIEF, 0, stage.height) == stage.told_by_node(THIEF, 0, stage.height)


def test_a_window_bounds_the_answer(stage: Stage, history: "Explorer") -> None:
    told = history.transfers(THIEF, 2, 3)
    assert told == stage.told_by_node(THIEF, 2, 3)
    assert {row.block for row in told} == {2, 3}


@pytest.mark.parametrize(
    "first",
    [
        429,
        refusal("Max rate limit reached, please use API Key for higher rate limit"),
        refusal("Max calls per sec rate limit reached (3/sec)"),
        {"status": "0", "message": "Too many requests. Increase limits", "result": None},
        refusal("Query Timeout occured. Please select a smaller result dataset"),
        refusal("Result window is too large, PageNo x Offset size must be less than 10000"),
    ],
)
def test_what_passes_is_waited_for_or_asked_in_pieces(
    stage: Stage, served: Served, history: "Explorer", first: Any
) -> None:
    served.moods = [saying(first)]
    assert history.transfers(THIEF, 0, stage.height) == stage.told_by_node(THIEF, 0, stage.height)


def retold(change: dict[str, str]) -> Any:
    def mood(query: dict[str, str], rows: list[Row]) -> Any:
        return {"status": "1", "message": "OK", "result": [row | change for row in rows]}

    return mood


def backwards(query: dict[str, str], rows: list[Row]) -> Any:
    return {"status": "1", "message": "OK", "result": rows[::-1]}


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        (saying(b"<html>"), "not JSON"),
        (saying(b"[]"), "not an object"),
        (saying({"status": "1", "message": "OK", "result": "soon"}), "not a list"),
        (saying(refusal("Max daily rate limit reached")), "no more answers today"),
        (saying(refusal("Invalid API Key secret-key")), "does not accept the key"),
        (saying(refusal("Error! Missing Or invalid Action name")), "does not offer"),
        (saying(refusal("Missing or unsupported chainid parameter")), "does not offer"),
        (saying(refusal("Something of its own secret-key")), "refused to answer"),
        (saying({"status": "2", "message": "not yet processed", "result": []}), "refused"),
        (saying(503), "HTTP 503"),
        (retold({"blockNumber": "999"}), "other blocks"),
        (retold({"blockNumber": "0x1"}), "no number"),
        (retold({"value": "-1"}), "no number"),
        (retold({"value": str(2**256)}), "too large"),
        (retold({"hash": "0x12"}), "not a hash"),
        (retold({"from": RICH, "to": MULE}), "another address"),
        (backwards, "order"),
    ],
)
def test_what_cannot_be_relied_on_is_refused_without_its_words(
    stage: Stage, served: Served, history: "Explorer", mood: Any, reason: str
) -> None:
    from tracing.chains.errors import ChainError

    served.moods = [mood]
    with pytest.raises(ChainError, match=reason) as refused:
        history.transfers(THIEF, 0, stage.height)
    assert "secret-key" not in f"{refused.value}{refused.value.__context__}{history._http!r}"


def test_pages_that_contradict_one_another_are_refused(
    stage: Stage, served: Served, history: "Explorer"
) -> None:
    """It had records of the last block, and has none when that block is asked for again."""
    from tracing.chains.errors import BadAnswer

    nothing = {"status": "0", "message": "No transactions found", "result": []}
    served.moods = [lambda query, rows: {"status": "1", "message": "OK", "result": rows}]
    served.moods += [saying(nothing)]
    with pytest.raises(BadAnswer, match="contradict"):
        history.transfers(THIEF, 0, stage.height)


def test_a_block_with_more_than_it_can_tell_is_refused(
    stage: Stage, served: Served, history: "Explorer"
) -> None:
    from tracing.chains.errors import BadAnswer

    def endless(query: dict[str, str], rows: list[Row]) -> Any:
        row = stage_row(served, query)
        return {"status": "1", "message": "OK", "result": [row] * int(query["offset"])}

    served.moods = [endless] * 40
    with pytest.raises(BadAnswer, match="the whole of block 1"):
        history.transfers(THIEF, 0, stage.height)


def stage_row(served: Served, query: dict[str, str]) -> Row:
    return served.records(query | {"startblock": "0", "endblock": "1"})[0]


def test_a_history_that_never_has_time_is_left(
    stage: Stage, served: Served, history: "Explorer"
) -> None:
    from tracing.chains.errors import RetryableChainError

    served.moods = [saying(refusal("Max rate limit reached"))] * 20
    with pytest.raises(RetryableChainError, match="slow down"):
        history.transfers(THIEF, 0, stage.height)


def test_it_is_asked_as_documented(stage: Stage, served: Served, history: "Explorer") -> None:
    history.transfers(THIEF, 0, 1)
    first = served.asked[0]
    assert first == {
        "apikey": "secret-key",
        "chainid": "31337",
        "module": "account",
        "action": "txlist",
        "address": THIEF,
        "sort": "asc",
        "startblock": "0",
        "endblock": "1",
        "page": "1",
        "offset": "1000",
    }
