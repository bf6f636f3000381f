"""What a fault is, and the faults in what a node believes of the chain's head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.liars.blocks import Block
from tests.liars.people import CHAIN_ID

if TYPE_CHECKING:
    from tests.liars.operators import Operator

Json = Any
Line = tuple[Block, ...]


@dataclass
class RpcError(Exception):
    """What a node answers instead of a result."""

    code: int
    message: str


@dataclass
class Call:
    """One request to one node. ``block``: what it turned out to be about."""

    operator: Operator
    method: str
    params: Sequence[Json]
    line: Line
    client: str
    block: Block | None = None


@dataclass(frozen=True)
class Reply:
    """An HTTP answer. ``raw`` instead of ``body``: bytes that are sent as they are.

    ``drip``: seconds between two bytes. ``announced``: a length that is claimed, and never sent.
    ``hangs_up``: the connection ends without an answer.
    """

    body: Json
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    drip: float = 0.0
    announced: int | None = None
    hangs_up: bool = False


class Fault:
    """One way of being wrong. Each hook gives back what it was given where it does nothing.

    ``slug`` names it. ``bends``: it changes the chain that the node tells of.
    """

    slug = ""
    bends = False

    def begin(self, operator: Operator) -> None:
        """It is switched on now."""

    def line(self, operator: Operator, line: Line, client: str) -> Line:
        """The chain that is told of."""
        return line

    def result(self, call: Call, result: Json) -> Json:
        """One result. Shared answers are copied before they are changed."""
        return result

    def reply(self, operator: Operator, request: Json, reply: Reply) -> Reply:
        """The whole HTTP answer."""
        return reply


class StaleHead(Fault):
    """The node is ``by`` blocks behind."""

    slug, bends = "stale-head", True

    def __init__(self, by: int = 3) -> None:
        self.by = by

    def line(self, operator: Operator, line: Line, client: str) -> Line:
        return line[max(0, len(line) - 1 - self.by)].line


class FrozenHead(Fault):
    """The node's head stays where it was when this began, whatever becomes of the chain."""

    slug, bends = "frozen-head", True

    def begin(self, operator: Operator) -> None:
        self.at = operator.line()[-1]

    def line(self, operator: Operator, line: Line, client: str) -> Line:
        return self.at.line


class FakeBranch(Fault):
    """A branch of its own from ``depth`` blocks below the head, always higher than the truth.

    Its blocks are real in all but that nobody else has them: every root and hash can be recomputed.
    """

    slug, bends = "fake-branch", True

    def __init__(self, depth: int = 1, more: int = 2, name: str = "") -> None:
        self.depth, self.more, self.name = depth, more, name
        self.tip: Block | None = None

    def begin(self, operator: Operator) -> None:
        world, line = operator.world, operator.line()
        self.name = self.name or world.new_branch("fake")
        fork = line[max(0, len(line) - 1 - self.depth)]
        self.tip = world.sprout(fork, 1, self.name)

    def line(self, operator: Operator, line: Line, client: str) -> Line:
        assert self.tip is not None
        missing = line[-1].number + self.more - self.tip.number
        if missing > 0:
            self.tip = operator.world.sprout(self.tip, missing, self.name)
        return self.tip.line


class MixedForks(Fault):
    """Two nodes behind one address take turns: one has the truth, one stays on ``other``."""

    slug, bends = "mixed-forks", True

    def __init__(self, other: Block) -> None:
        self.other = other
        self.turn = 0

    def line(self, operator: Operator, line: Line, client: str) -> Line:
        self.turn += 1
        return self.other.line if self.turn % 2 else line


class WrongChainId(Fault):
    """The node serves another chain than it should, or says so."""

    slug = "wrong-chain-id"

    def result(self, call: Call, result: Json) -> Json:
        if call.method == "eth_chainId":
            return hex(CHAIN_ID + 1)
        return str(CHAIN_ID + 1) if call.method == "net_version" else result


class TwoFaced(Fault):
    """Another fault, for one client only: everybody else gets the truth."""

    slug = "two-faced"

    def __init__(self, inner: Fault, victim: str) -> None:
        self.inner, self.victim = inner, victim
        self.bends = inner.bends

    def begin(self, operator: Operator) -> None:
        self.inner.begin(operator)

    def line(self, operator: Operator, line: Line, client: str) -> Line:
        return self.inner.line(operator, line, client) if client == self.victim else line

    def result(self, call: Call, result: Json) -> Json:
        return self.inner.result(call, result) if call.client == self.victim else result


class HonestUntil(Fault):
    """Another fault, from the height ``number`` on: trust is earned first."""

    slug = "honest-until"

    def __init__(self, number: int, inner: Fault) -> None:
        self.number, self.inner = number, inner
        self.bends = inner.bends

    def begin(self, operator: Operator) -> None:
        self.inner.begin(operator)

    def line(self, operator: Operator, line: Line, client: str) -> Line:
        if line[-1].number <= self.number:
            return line
        return self.inner.line(operator, line, client)

    def result(self, call: Call, result: Json) -> Json:
        if call.block is None or call.block.number <= self.number:
            return result
        return self.inner.result(call, result)


def told_of(reply: Reply, **changes: Any) -> Reply:
    """The same answer, sent in another way."""
    return replace(reply, **changes)
