"""What passed through an address, from an Etherscan-compatible history (API version 2).

A history is an index that somebody else keeps: what it tells is a claim, and whoever uses it reads
the blocks themselves later. Here nothing is lost on the way: an answer that cannot be the whole is
asked for in other pieces, and where no piece is small enough, or the pieces contradict one another,
nothing is told at all.

Facts: https://docs.etherscan.io (account actions, 3 calls a second without a plan, at most 1,000
records an answer without a plan since July 2026, page times offset at most 10,000, errors as
``status`` "0" with the reason in ``result``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tracing.chains.errors import BadAnswer
from tracing.chains.evm_explorer_http import ExplorerHttp, TooManyError
from tracing.chains.evm_json import address as address_of
from tracing.chains.evm_json import hash32
from tracing.chains.evm_logs import ZERO
from tracing.core import caip
from tracing.core.passed import Passed
from tracing.core.types import MovementKind

PAGE = 1_000  # records asked for at once: what every plan gives
MOST_OF_BLOCK = 10_000  # page times offset: no history tells more of one block
GWEI = 10**9
# Where staked coins come back as the native asset; elsewhere nobody has this action.
WITHDRAWING = frozenset({"eip155:1", "eip155:11155111", "eip155:17000", "eip155:560048"})
_VALUELESS = ("delegatecall", "callcode", "staticcall")
_FINE = ("0", 0)
Row = Mapping[str, Any]


class Explorer:
    """One history of one chain. ``wrapped``: the contract of the wrapped native coin, which mints
    and burns without a Transfer event; "" where there is none. Messages never show the URL."""

    def __init__(
        self, chain: str, url: str, *, wrapped: str = "", pace: float | None = None
    ) -> None:
        self.chain = chain
        self._native = caip.native_asset(chain)
        self._wrapped = wrapped
        self._http = ExplorerHttp(chain, url, pace=pace)

    def transfers(self, address: str, first: int, last: int) -> list[Passed]:
        """Everything that passed through an address in these blocks (both included), sorted.

        :raises RetryableChainError: it does not answer now, or says that it is not ready.
        :raises BadAnswer: it contradicts itself, or cannot tell the whole of one block.
        :raises Unsupported: it does not know one of the actions.
        """
        found: list[Passed] = []
        for action, read in (
            ("txlist", self._normal),
            ("txlistinternal", self._internal),
            ("tokentx", self._token),
            ("tokennfttx", self._nft),
            ("token1155tx", self._multi),
        ):
            for row in self._rows(action, address, first, last):
                found += read(row)
        if self.chain in WITHDRAWING:
            rows = self._rows("txsBeaconWithdrawal", address, first, last)
            found += [self._withdrawn(row) for row in rows]
        for one in found:
            if address not in (one.frm, one.to):
                raise BadAnswer("the history tells of another address than was asked for")
        return sorted(found + list(self._wraps(found)))

    def close(self) -> None:
        """Give up connections."""
        self._http.close()

    def _rows(self, action: str, address: str, first: int, last: int) -> Iterator[Row]:
        """All records of one action, in order of their blocks.

        The last block of an answer may be cut off in the middle, so the next answer begins with it
        again; the end is an answer without records. A short answer proves nothing: plans differ in
        how much they give, and do not say so.
        """
        asked: dict[str, str | int] = {"action": action, "address": address, "sort": "asc"}
        start, width, known = first, last - first + 1, 0
        while start <= last:
            end = min(last, start + width - 1)
            try:
                page = self._page(asked, start, end, 1, PAGE)
            except TooManyError:
                if width == 1:
                    raise
                width //= 2
                continue
            of_first = sum(1 for row in page if _block(row) == start)
            if of_first < known:
                raise BadAnswer("the history's pages contradict one another")
            if not page:
                start, known, width = end + 1, 0, 2 * width
                continue
            top = _block(page[-1])
            if top == _block(page[0]):
                yield from self._block(asked, top, page)
                start, known = top + 1, 0
            else:
                yield from (row for row in page if _block(row) < top)
                known = sum(1 for row in page if _block(row) == top)
                start = top

    def _block(self, asked: dict[str, str | int], number: int, page: list[Row]) -> Iterator[Row]:
        """All records of one block, of which ``page`` may be all or the first ones."""
        size, at = len(page), 1
        while page:
            yield from page
            at += 1
            if at * size > MOST_OF_BLOCK:
                raise BadAnswer(f"the history cannot tell the whole of block {number}")
            page = self._page(asked, number, number, at, size)

    def _page(
        self, asked: dict[str, str | int], first: int, last: int, page: int, size: int
    ) -> list[Row]:
        window = {"startblock": first, "endblock": last, "page": page, "offset": size}
        rows = self._http.ask({**asked, **window})
        numbers = [_block(row) for row in rows]
        if len(rows) > size or numbers != sorted(numbers):
            raise BadAnswer("the history's answer is not in the order that was asked for")
        if numbers and not first <= numbers[0] <= numbers[-1] <= last:
            raise BadAnswer("the history told of other blocks than were asked for")
        return rows

    def _normal(self, row: Row) -> list[Passed]:
        if row.get("isError", "0") not in _FINE:
            return []
        return self._native_of(row, MovementKind.NATIVE)

    def _internal(self, row: Row) -> list[Passed]:
        if row.get("isError", "0") not in _FINE or row.get("type") in _VALUELESS:
            return []
        return self._native_of(row, MovementKind.INTERNAL)

    def _native_of(self, row: Row, kind: MovementKind) -> list[Passed]:
        value = _number(row, "value")
        if not value:
            return []
        to = address_of(row.get("to") or row.get("contractAddress"), "a receiver")
        sender = address_of(row.get("from"), "a sender")
        return [Passed(_block(row), _tx(row), kind.value, self._native, sender, to, value)]

    def _token(self, row: Row) -> list[Passed]:
        asset = caip.erc20(self.chain, _contract(row))
        return [self._tokens(row, asset, _number(row, "value"), MovementKind.TOKEN)]

    def _nft(self, row: Row) -> list[Passed]:
        asset = caip.erc721(self.chain, _contract(row), _number(row, "tokenID"))
        return [self._tokens(row, asset, 1, MovementKind.NFT)]

    def _multi(self, row: Row) -> list[Passed]:
        asset = caip.erc1155(self.chain, _contract(row), _number(row, "tokenID"))
        return [self._tokens(row, asset, _number(row, "tokenValue"), MovementKind.NFT)]

    def _tokens(self, row: Row, asset: str, amount: int, kind: MovementKind) -> Passed:
        sides = [address_of(row.get(side), f"a {side}") for side in ("from", "to")]
        frm, to = ("" if side == ZERO else side for side in sides)
        if kind is MovementKind.TOKEN and bool(frm) != bool(to):
            kind = MovementKind.BURN if frm else MovementKind.MINT
        return Passed(_block(row), _tx(row), kind.value, asset, frm, to, amount)

    def _withdrawn(self, row: Row) -> Passed:
        to, amount = address_of(row.get("address"), "a receiver"), _number(row, "amount") * GWEI
        kind = MovementKind.WITHDRAWAL.value
        return Passed(_block(row), "", kind, self._native, "", to, amount)

    def _wraps(self, found: list[Passed]) -> Iterator[Passed]:
        """Mints and burns of the wrapped coin: it takes the coin and gives as much, and back."""
        if not self._wrapped:
            return
        asset = caip.erc20(self.chain, self._wrapped)
        told = {(one.tx, one.asset, one.frm, one.to, one.amount) for one in found}
        for one in found:
            if one.asset != self._native or self._wrapped not in (one.frm, one.to):
                continue
            if one.to == self._wrapped:
                kind, frm, to = MovementKind.MINT, "", one.frm
            else:
                kind, frm, to = MovementKind.BURN, one.to, ""
            if (one.tx, asset, frm, to, one.amount) not in told:
                yield Passed(one.block, one.tx, kind.value, asset, frm, to, one.amount)


def _block(row: Row) -> int:
    return _number(row, "blockNumber")


def _number(row: Row, name: str) -> int:
    value = row.get(name)
    if not isinstance(value, str) or not value.isascii() or not value.isdecimal():
        raise BadAnswer(f"{name} in the history is no number")
    if len(value) > 78 or int(value) >= 2**256:
        raise BadAnswer(f"{name} in the history is too large")
    return int(value)


def _tx(row: Row) -> str:
    return hash32(row.get("hash"), "a transaction")


def _contract(row: Row) -> str:
    return address_of(row.get("contractAddress"), "a token's contract")
