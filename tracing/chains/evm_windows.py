"""Logs of any range of blocks, in windows that an endpoint takes: the windows join without a gap or
an overlap, what is refused is asked for in smaller ones, and nothing is ever skipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tracing.chains import evm_ranges
from tracing.chains.errors import BadAnswer, ChainError, NotYet, RetryableChainError
from tracing.chains.evm_failures import CallFailed, raise_for
from tracing.chains.evm_json import objects, quantity
from tracing.chains.evm_rpc import Call, JsonRpc
from tracing.chains.evm_transport import TooLarge

_GROWS_AFTER = 4  # windows in a row that were taken
_TOGETHER = (
    10  # windows of one request: what one is answered with is bounded, and how long it takes
)
_ROUND = 1_000  # an answer of just so many logs, or a multiple, may have been cut off

Logs = list[Mapping[str, Any]]


class Told(NamedTuple):
    """An answer for a window, with the head in the same breath. ``first``: where it begins."""

    first: int
    logs: Any
    head: Any


class Windows:
    """Asks one endpoint for logs, and remembers what windows it takes."""

    def __init__(self, rpc: JsonRpc) -> None:
        self._rpc = rpc
        self._range: int | None = None  # blocks that it takes at most, whatever is in them
        self._results: int | None = None  # logs that it gives at most, as it says

    @property
    def learnt(self) -> dict[str, Any]:
        """Blocks of one window, and logs of one answer."""
        found = {"range": self._range, "results": self._results}
        return {name: value for name, value in found.items() if value is not None}

    def remember(self, learnt: Mapping[str, Any]) -> None:
        """Begin with limits that were learnt before."""
        for name in ("range", "results"):
            value = learnt.get(name)
            if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                setattr(self, f"_{name}", value)

    def get_logs(self, first: int, last: int, wanted: Mapping[str, Any]) -> Logs:
        """All logs of the blocks ``first`` to ``last`` that match, in order. ``wanted``: address
        and topics, as eth_getLogs takes them.

        :raises ChainError: a part of them cannot be had; then nothing is given.
        """
        return [log for _, logs in self._ascending(first, last, wanted) for log in logs]

    def newest_told(
        self, first: int, last: int, wanted: Sequence[Mapping[str, Any]]
    ) -> list[Told | None]:
        """For each of what is wanted, what `newest_logs` is answered first, in few requests; None
        where it has to ask by itself. Nothing is learnt from it yet."""
        size = _Size(last - first + 1, self._range)
        start = max(first, last - size.now + 1)
        found: list[Told | None] = []
        for at in range(0, len(wanted), _TOGETHER):
            some = wanted[at : at + _TOGETHER]
            try:
                calls = [call for one in some for call in _calls(start, last, one)]
                answers = iter(self._rpc.batch(calls))
            except ChainError:  # perhaps of the many: each says it again by itself
                return found + [None] * (len(wanted) - len(found))
            for _ in some:
                told = Told(start, next(answers), next(answers))
                has_failed = any(isinstance(one, CallFailed) for one in told)
                found.append(None if has_failed else told)
        return found

    def newest_logs(
        self,
        first: int,
        last: int,
        wanted: Mapping[str, Any],
        *,
        most: int,
        told: Told | None = None,
    ) -> tuple[Logs, int]:
        """As `get_logs`, backwards from ``last`` and with so many requests at most: the logs in
        order, and the block from which on they are complete. ``told``: of `newest_told`, for the
        same range.

        :raises ChainError: not even the newest can be had.
        """
        found: list[Logs] = []
        size = _Size(last - first + 1, self._range)
        end, reached = last, last + 1
        while end >= first and most > 0:
            start = max(first, end - size.now + 1)
            logs = self._window(start, end, wanted, size, told)
            most, told = most - 1, None
            if logs is None:
                continue
            found.append(logs)
            end, reached = start - 1, start
        if reached > last:
            raise RetryableChainError("the endpoint gives no logs of a window of any size")
        return [log for logs in reversed(found) for log in logs], reached

    def _ascending(
        self, first: int, last: int, wanted: Mapping[str, Any]
    ) -> Iterator[tuple[int, Logs]]:
        size = _Size(max(1, last - first + 1), self._range)
        start = first
        while start <= last:
            end = min(last, start + size.now - 1)
            logs = self._window(start, end, wanted, size)
            if logs is not None:
                yield start, logs
                start = end + 1

    def _window(
        self,
        first: int,
        last: int,
        wanted: Mapping[str, Any],
        size: _Size,
        told: Told | None = None,
    ) -> Logs | None:
        """The logs of one window; None where it has to be smaller, which ``size`` then is.
        ``told``: the answer, where it is here already."""
        count = last - first + 1
        try:
            if told is not None and told.first == first:
                answer, head = told.logs, told.head
            else:
                answer, head = self._rpc.batch(_calls(first, last, wanted))
        except TooLarge:
            if count == 1:
                raise
            size.refused(count, None)
            return None
        if isinstance(answer, CallFailed):
            self._refused(answer, first, last, size)
            return None
        if isinstance(head, CallFailed):
            raise_for("eth_blockNumber", head)
        if quantity(head, "the head's number") < last:
            raise NotYet("the endpoint does not have the last blocks of this range yet")
        logs = objects(answer, "a log")
        if logs and len(logs) % _ROUND == 0 and count > 1:
            size.refused(count, None)
            return None
        _check(logs, first, last)
        size.taken(count)
        return logs

    def _refused(self, failed: CallFailed, first: int, last: int, size: _Size) -> None:
        """Learn from a refusal. Raises where a smaller window would not help."""
        count = last - first + 1
        refusal = evm_ranges.read(failed, first, last)
        if refusal.is_beyond:
            raise NotYet("the endpoint does not have the last blocks of this range yet")
        is_no_matter_of_size = failed.is_rate or failed.is_malformed or refusal.is_invalid
        if is_no_matter_of_size or count == 1:
            raise_for("eth_getLogs", failed)
        if refusal.results:
            self._results = refusal.results
        fits = size.refused(count, refusal.blocks)
        if refusal.is_range:
            size.most = fits
            self._range = fits


def _calls(first: int, last: int, wanted: Mapping[str, Any]) -> list[Call]:
    asked = {**wanted, "fromBlock": hex(first), "toBlock": hex(last)}
    # The head in the same breath: a node that lags has no logs, and says so of none.
    return [("eth_getLogs", (asked,)), ("eth_blockNumber", ())]


class _Size:
    """How many blocks the next window has. A window that was refused is never asked for again."""

    def __init__(self, all_of: int, most: int | None) -> None:
        self.most = min(all_of, most or all_of)
        self.now = self.most
        self._taken = 0

    def refused(self, count: int, fitting: int | None) -> int:
        """A window of ``count`` blocks was; ``fitting`` should work. How many are tried next."""
        half = max(1, count // 2)
        self.now = fitting if fitting is not None and 0 < fitting < count else half
        self._taken = 0
        return self.now

    def taken(self, count: int) -> None:
        """A window was answered. Where logs were too many, there may be fewer further on."""
        self._taken += 1
        if self._taken >= _GROWS_AFTER and count >= self.now:
            self.now, self._taken = min(self.most, 2 * self.now), 0


def _check(logs: Logs, first: int, last: int) -> None:
    """Every log is of this window, once."""
    seen: set[tuple[int, int]] = set()
    for log in logs:
        number = quantity(log.get("blockNumber"), "a log's block")
        place = number, quantity(log.get("logIndex"), "a log's index")
        if not first <= number <= last:
            raise BadAnswer("a log of a block that was not asked for")
        if place in seen or log.get("removed") is True:
            raise BadAnswer("a log that is told twice, or was removed")
        seen.add(place)
