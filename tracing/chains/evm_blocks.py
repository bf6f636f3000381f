"""Whole blocks of an EVM chain: several in one request where the endpoint takes that.

A request by number may be answered from two branches while a chain is reorganised. So everything is
checked to belong to one block, and what does not is asked for once more, by the block's hash.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from tracing.chains import evm_commitments
from tracing.chains.base import Head, RawBlock
from tracing.chains.errors import BadAnswer, ChainError, NotYet, RetryableChainError, Unsupported
from tracing.chains.evm_checks import (
    check_belonging,
    check_flat_traces,
    check_logs,
    check_nested_traces,
    check_outcomes,
    read_head,
)
from tracing.chains.evm_json import mapping, objects
from tracing.chains.evm_rpc import JsonRpc, state_or_none
from tracing.chains.evm_traces import Untold, read_traces

_NONE_LASTS = 600.0  # seconds, until an endpoint without traces is tried again
FLAT, NESTED, NONE = "trace_block", "debug_traceBlockByHash", "none"
_TRACER = {"tracer": "callTracer"}

Call = tuple[str, Sequence[Any]]


class BlockReader:
    """Reads blocks from one endpoint, and learns on the first how that one is asked. What its chain
    lets one compute again of a block is computed again, before anything else is asked of it."""

    def __init__(self, rpc: JsonRpc, commitments: Collection[str] = ()) -> None:
        self._rpc = rpc
        self._commitments = commitments
        self._traces: str | None = None  # how this endpoint traces; None: not learnt
        self._probed_at: int | None = None
        self._has_block_receipts: bool | None = None
        self._most = 64  # blocks of one request; 0: it takes no batches

    @property
    def learnt(self) -> dict[str, Any]:
        """How this endpoint is asked for traces and receipts, and when that was found out (Unix
        seconds)."""
        found = {
            "traces": self._traces,
            "receipts": self._has_block_receipts,
            "probed_at": self._probed_at,
        }
        return {name: value for name, value in found.items() if value is not None}

    def remember(self, learnt: Mapping[str, Any]) -> None:
        """Begin with what was learnt before; what is malformed is learnt again."""
        traces, probed_at = learnt.get("traces"), learnt.get("probed_at")
        if traces not in (FLAT, NESTED, NONE) or not isinstance(probed_at, int):
            return
        if traces == NONE and not 0 <= time.time() - probed_at < _NONE_LASTS:
            return  # nodes get tracers
        self._traces, self._probed_at = traces, probed_at
        if isinstance(learnt.get("receipts"), bool):
            self._has_block_receipts = learnt["receipts"]

    def read(self, numbers: Sequence[int]) -> list[RawBlock | ChainError]:
        """The blocks of these numbers; in the place of one that cannot be read, why."""
        found: list[RawBlock | ChainError] = []
        while len(found) < len(numbers):
            if self._traces is None or not self._has_block_receipts or not self._most:
                found.append(self._alone(numbers[len(found)]))
            else:
                found += self._together(numbers[len(found) :][: self._most])
            if isinstance(found[-1], RetryableChainError):  # it would only make others wait
                found += [found[-1]] * (len(numbers) - len(found))
        return found

    def _together(self, numbers: Sequence[int]) -> list[RawBlock | ChainError]:
        """One request. What fails in it is asked for by itself, as long as that helps."""
        calls = [call for number in numbers for call in self._calls(number)]
        try:
            answers = iter(self._rpc.batch(calls))
            traced = self._traced_by_hash(parts := [self._parts(answers) for _ in numbers])
        except ChainError:
            first = self._alone(numbers[0])
            if not isinstance(first, ChainError):
                self._most = len(numbers) // 2  # it is the many that it does not take
            return [first]
        found: list[RawBlock | ChainError] = []
        for number, (block, receipts, flat), nested in zip(numbers, parts, traced, strict=True):
            try:
                traces = flat if self._traces == FLAT else nested
                found.append(self._checked(number, block, receipts, traces))
            except ChainError:
                found.append(self._alone(number))
                if isinstance(found[-1], ChainError):
                    break
        return found

    def _calls(self, number: int) -> Iterator[Call]:
        yield "eth_getBlockByNumber", (hex(number), True)
        yield "eth_getBlockReceipts", (hex(number),)
        if self._traces == FLAT:
            yield FLAT, (hex(number),)

    def _parts(self, answers: Iterator[Any]) -> tuple[Any, Any, Any]:
        return next(answers), next(answers), next(answers) if self._traces == FLAT else None

    def _traced_by_hash(self, parts: Sequence[tuple[Any, Any, Any]]) -> list[Any]:
        """Trees of calls name no block, so they are asked for by hash, in a second request."""
        if self._traces != NESTED:
            return [None] * len(parts)
        hashes = [block.get("hash") if isinstance(block, dict) else None for block, _, _ in parts]
        answers = iter(self._rpc.batch([(NESTED, (one, _TRACER)) for one in hashes if one]))
        return [next(answers) if one else None for one in hashes]

    def _checked(self, number: int, block: Any, receipts: Any, traces: Any) -> RawBlock:
        header, head = _header(number, state_or_none("eth_getBlockByNumber", block))
        listed = _listed(state_or_none("eth_getBlockReceipts", receipts), "receipts", number)
        self._check(header, head, listed)
        if self._traces == NONE:
            return RawBlock(head, header, listed, None)
        method = str(self._traces)
        entries = _listed(state_or_none(method, traces), "traces", number)
        return RawBlock(head, header, listed, _whole_traces(method, header, listed, entries))

    def _check(
        self, header: Mapping[str, Any], head: Head, receipts: list[Mapping[str, Any]]
    ) -> None:
        check_belonging(header, receipts)
        evm_commitments.check(RawBlock(head, header, receipts, None), self._commitments)
        check_logs(header, receipts)

    def _alone(self, number: int) -> RawBlock | ChainError:
        try:
            return self._one(number)
        except ChainError as error:
            return error

    def _one(self, number: int) -> RawBlock:
        """Request by request, each after the block's hash is known; learns what there is."""
        header, head = _header(number, self._rpc.call("eth_getBlockByNumber", hex(number), True))
        receipts = self._receipts(header, head)
        self._check(header, head, receipts)
        return RawBlock(head, header, receipts, self._read_traces(header, head, receipts))

    def _receipts(self, header: Mapping[str, Any], head: Head) -> list[Mapping[str, Any]]:
        """Receipts by the block's hash; one by one where the endpoint knows no better."""
        try:
            answer = self._rpc.call("eth_getBlockReceipts", head.hash)
            self._has_block_receipts = True
        except Unsupported:
            self._has_block_receipts = False
            transactions = objects(header.get("transactions"), "a transaction")
            calls = [("eth_getTransactionReceipt", (tx.get("hash"),)) for tx in transactions]
            answer = [state_or_none("a receipt", found) for found in self._rpc.batch(calls)]
        return _listed(answer, "receipts", head.number)

    def _read_traces(
        self, header: Mapping[str, Any], head: Head, receipts: list[Mapping[str, Any]]
    ) -> list[Mapping[str, Any]] | None:
        """Traces by the method that this endpoint has. trace_block first: one node's debug traces
        take a time that grows with the square of the block's transactions."""
        if self._traces == NONE:
            return None
        for method in (NESTED, FLAT) if self._traces == NESTED else (FLAT, NESTED):
            try:
                traces = self._traces_by(method, head)
            except Unsupported:
                continue
            found = _whole_traces(method, header, receipts, traces)
            self._found(method)
            return found
        self._found(NONE)
        return None

    def _found(self, method: str) -> None:
        if self._traces != method:
            self._traces, self._probed_at = method, int(time.time())

    def _traces_by(self, method: str, head: Head) -> list[Mapping[str, Any]]:
        if method == FLAT:
            answer = self._rpc.call(method, hex(head.number))
        else:
            answer = self._rpc.call(method, head.hash, _TRACER)
        return _listed(answer, "traces", head.number)


def _header(number: int, answer: Any) -> tuple[Mapping[str, Any], Head]:
    if answer is None:
        raise NotYet(f"block {number} is not there yet")
    header = mapping(answer, "a block")
    head = read_head(header)
    if head.number != number:
        raise BadAnswer("the endpoint answered with another block than was asked for")
    return header, head


def _listed(answer: Any, what: str, number: int) -> list[Mapping[str, Any]]:
    if answer is None or (isinstance(answer, list) and None in answer):
        raise NotYet(f"the {what} of block {number} are not there yet")
    return objects(answer, what)


def _whole_traces(
    method: str,
    header: Mapping[str, Any],
    receipts: list[Mapping[str, Any]],
    traces: list[Mapping[str, Any]],
) -> list[Mapping[str, Any]] | None:
    """The traces, checked; None where this tracer does not tell all that moved in this block, which
    is then as good as untraced."""
    if method == FLAT:
        check_flat_traces(header, traces)
    else:
        check_nested_traces(header, traces)
    try:
        check_outcomes(receipts, read_traces(traces))
    except Untold:
        return None
    return traces
