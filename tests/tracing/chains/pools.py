"""Several endpoints over one real node, each as honest as it is told to be, and a pool of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from config.embedded.node import Node
from tests.tracing.watch.liar import Liar
from tracing.chains.evm import EvmAdapter
from tracing.chains.pool import Pool
from tracing.chains.pool_member import Member, Pace
from tracing.chains.quorum import Contradiction

CHAIN = "eip155:31337"
A = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"  # anvil's first account
PAYER = "0x" + "d7" * 20
RECEIVER = "0x" + "e7" * 20
# Short, for tests; patience is as long as on a slow machine it must be.
PACE = Pace(patience=1.0, review=2.0, state=1.5, again=0.05, first_rest=0.2, longest_rest=0.4)
# Sends what it is sent on to RECEIVER, and logs: PUSH0 x4 CALLVALUE PUSH20 GAS CALL, LOG0, STOP
PASSES_ON = "0x5f5f5f5f3473" + "e7" * 20 + "5af15f5fa000"
OTHER = "0x" + "99" * 32


class Notes:
    """A recorder that keeps everything in lists."""

    def __init__(self) -> None:
        self.failures: list[tuple[int, str]] = []
        self.quarantined: list[tuple[int, Contradiction]] = []
        self.disagreements: list[tuple[int, str]] = []
        self.lessons: dict[int, dict[str, Any]] = {}

    def answered(self, key: int, *, seconds: float, head: int | None) -> None: ...

    def failed(self, key: int, reason: str, *, errors: int, rest: float) -> None:
        self.failures.append((key, reason))

    def learnt(self, key: int, learnt: Mapping[str, Any]) -> None:
        self.lessons[key] = dict(learnt)

    def disagrees(self, key: int, what: str) -> None:
        self.disagreements.append((key, what))

    def contradicted(self, key: int, found: Contradiction) -> None:
        self.quarantined.append((key, found))

    def settle(self, *, is_last: bool = False) -> None: ...

    @property
    def out(self) -> list[tuple[int, str]]:
        """Who is in quarantine, and for what."""
        return [(key, found.kind) for key, found in self.quarantined]


class Crowd:
    """Endpoints of one node. The first's key is 0; operators are named a, b, c ..."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.liars: list[Liar] = []
        self.pools: list[Pool] = []
        self.notes = Notes()

    def liar(self) -> Liar:
        """One more endpoint, honest so far."""
        found = Liar(self.node.url)
        self.liars.append(found)
        return found

    def pool(
        self, quorum: int = 2, *, pace: Pace = PACE, timeout: float = 5.0, **options: Any
    ) -> Pool:
        """A pool of all endpoints so far. ``operators``: their names, if not a, b, c."""
        operators = options.pop("operators", "abcdefgh")
        members = [
            Member(key, operators[key], EvmAdapter(CHAIN, liar.url, timeout=timeout))
            for key, liar in enumerate(self.liars)
        ]
        self.notes = Notes()
        options.setdefault("recorder", self.notes)
        found = Pool(CHAIN, members, quorum=quorum, pace=pace, **options)
        self.pools.append(found)
        return found

    def pay(self, wei: int = 7) -> int:
        """A block with a payment that goes through a contract, which logs it; its height."""
        self.node.call("anvil_setCode", PAYER, PASSES_ON)
        asked = {
            "from": A,
            "to": PAYER,
            "value": hex(wei),
            "gas": "0x186a0",
            "gasPrice": "0x77359400",
        }
        self.node.call("eth_sendTransaction", asked)
        return self.mine()

    def mine(self) -> int:
        """One more block; its height."""
        self.node.call("evm_mine")
        return int(self.node.call("eth_blockNumber"), 16)

    def hash(self, number: int) -> str:
        return str(self.node.call("eth_getBlockByNumber", hex(number), False)["hash"])


@contextmanager
def crowd_of(node: Node, count: int) -> Iterator[Crowd]:
    """So many endpoints, all of them honest so far."""
    crowd = Crowd(node)
    for _ in range(count):
        crowd.liar()
    yield crowd
    for pool in crowd.pools:
        pool.close()
    for liar in crowd.liars:
        liar.close()


# -- lies ------------------------------------------------------------------------------------------


def richer(_: list[Any], block: Any) -> Any:
    """The payment was larger: a forged transaction under the true hash."""
    for tx in (block or {}).get("transactions", []):
        if isinstance(tx, dict):
            tx["value"] = hex(int(tx["value"], 16) + 1)
    return block


def forged_trace(_: list[Any], traces: Any) -> Any:
    """The internal payment was larger."""
    for trace in traces or []:
        if trace.get("traceAddress"):
            trace["action"]["value"] = "0x63"
    return traces


def untraced(liar: Liar) -> None:
    """An endpoint that has no tracer."""
    from tests.tracing.watch.liar import Refusal

    for method in ("trace_block", "debug_traceBlockByHash"):
        liar.lies[method] = lambda *_: Refusal(-32601, "Method not found")


def on_a_fork(liar: Liar, true_hash: str, other: str = OTHER) -> None:
    """Wherever a block was called by its hash it has another: a fork of its own."""

    def ask(body: bytes) -> bytes:
        return Liar.ask(liar, body.replace(other.encode(), true_hash.encode()))

    liar.ask = ask  # type: ignore[method-assign]
    liar.mood = lambda answer: answer.replace(true_hash.encode(), other.encode())
