"""One operator's node: what it has of the chain, and how it answers each method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.liars.blocks import Block
from tests.liars.chain import World
from tests.liars.faults import Call, Fault, Reply, RpcError
from tests.liars.methods import METHODS
from tests.liars.served import TRUE, Served

Json = Any
# Methods whose answers a block's view is made of, and the part that each of them is.
_PARTS = {
    "eth_getBlockByNumber": "block",
    "eth_getBlockByHash": "block",
    "eth_getBlockReceipts": "receipts",
    "trace_block": "traces",
    "debug_traceBlockByHash": "traces",
    "debug_traceBlockByNumber": "traces",
}


@dataclass
class Operator:
    """Honest and well until told otherwise. ``tracer``: flat, nested, or "" for none."""

    name: str
    world: World
    served: Served
    tracer: str = "flat"
    has_block_receipts: bool = True
    faults: dict[str, Fault] = field(default_factory=dict)
    held: Block | None = None  # does not follow the truth: its head stays this one

    def do(self, *faults: Fault) -> None:
        """Begin with these faults, from the next answer on."""
        for fault in faults:
            fault.begin(self)
            self.faults = self.faults | {fault.slug: fault}

    def stop(self, *slugs: str) -> None:
        """End these faults; without a name all of them."""
        gone = set(slugs or self.faults)
        self.faults = {slug: one for slug, one in self.faults.items() if slug not in gone}

    def line(self) -> tuple[Block, ...]:
        """The chain as this node believes it to be, honestly."""
        return (self.held or self.world.head).line

    def respond(self, request: Json, client: str) -> Reply:
        """The HTTP answer to one request or a batch."""
        self.served.count()
        calls = request if isinstance(request, list) else [request]
        answers = [self._entry(call, client) for call in calls]
        reply = Reply(answers if isinstance(request, list) else answers[0])
        for fault in tuple(self.faults.values()):
            changed = fault.reply(self, request, reply)
            if changed is not reply:
                self.served.note_lie(fault.slug)
            reply = changed
        return reply

    def _entry(self, asked: Json, client: str) -> Json:
        entry = {"jsonrpc": "2.0", "id": asked.get("id")}
        try:
            return entry | {"result": self._result(asked["method"], asked["params"], client)}
        except RpcError as error:
            return entry | {"error": {"code": error.code, "message": error.message}}

    def _result(self, method: str, params: Sequence[Json], client: str) -> Json:
        faults = tuple(self.faults.values())
        honest = self.line()
        line = honest
        for fault in faults:
            line = fault.line(self, line, client)
        call = Call(self, method, params, line, client)
        if line is not honest and line[-1] is not honest[-1]:
            for fault in faults:
                if fault.bends:
                    self.served.note_lie(fault.slug)
        result, version = self.honest(call), TRUE
        for fault in faults:
            changed = fault.result(call, result)
            if changed is not result:
                version = fault.slug
                self.served.note_lie(fault.slug)
            result = changed
        self._note(call, result, version)
        return result

    def _note(self, call: Call, result: Json, version: str) -> None:
        if call.block is None or result is None:
            return
        if call.method in _PARTS and (_PARTS[call.method] != "block" or call.params[1]):
            self.served.note(self.name, _PARTS[call.method], call.block.name, version)
        if call.method == "eth_getTransactionReceipt":
            self.served.note(self.name, call.params[0], call.block.name, version)

    # -- what an honest node says ----------------------------------------------------------------

    def honest(self, call: Call) -> Json:
        """The true answer on ``call.line``; ``call.block`` is the block that it is about.

        :raises RpcError: the node does not offer the method, or not this block's state.
        """
        handler = METHODS.get(call.method)
        if handler is None:
            raise RpcError(-32601, f"the method {call.method} does not exist/is not available")
        return handler(self, call)
