"""An adapter that answers from memory alone, for use inside a transaction.

What it does not know it answers with "not known" and remembers that it was asked. So a run over it
is a rehearsal until nothing lacks; between two runs the chain is asked, outside any transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Any, TypeVar

from tracing.chains.base import ChainAdapter, Head, RawBlock
from tracing.chains.quorum import Digest
from tracing.core.inference.hubs import Past
from tracing.core.types import AccountKey, BlockMovements

T = TypeVar("T")


class Recalled(ChainAdapter):
    """What is read by the hash of a block never changes: an answer holds for every later run."""

    slug = "recalled"
    namespace = ""

    def __init__(self, adapter: ChainAdapter) -> None:
        self.chain = adapter.chain
        self._adapter = adapter
        self._known: dict[Hashable, Any] = {}
        self._balances: dict[tuple[str, AccountKey], int | None] = {}
        self._wanted: dict[Hashable, Callable[[], Any]] = {}
        self._unread: dict[str, set[AccountKey]] = {}

    @property
    def lacks(self) -> bool:
        """Whether something was asked that is not known."""
        return bool(self._wanted or self._unread)

    def ask(self) -> None:
        """Ask the chain for what lacked.

        :raises RetryableChainError: the endpoint is down, slow, or answers nonsense.
        """
        for block_hash, keys in self._unread.items():
            found = self._adapter.balances(keys, block_hash)
            self._balances |= {(block_hash, key): found.get(key) for key in keys}
        for question, answer in self._wanted.items():
            self._known[question] = answer()
        self._unread, self._wanted = {}, {}

    def _recall(self, question: Hashable, answer: Callable[[], T], unknown: T) -> T:
        if question in self._known:
            known: T = self._known[question]
            return known
        self._wanted[question] = answer
        return unknown

    def balances(
        self, keys: Collection[AccountKey], block_hash: str
    ) -> dict[AccountKey, int | None]:
        unknown = {key for key in keys if (block_hash, key) not in self._balances}
        if unknown:
            self._unread.setdefault(block_hash, set()).update(unknown)
        return {key: self._balances.get((block_hash, key)) for key in keys}

    def has_code(self, addresses: Collection[str], block_hash: str) -> dict[str, bool]:
        wanted = tuple(sorted(set(addresses)))
        return self._recall(
            ("has_code", wanted, block_hash),
            lambda: self._adapter.has_code(wanted, block_hash),
            dict.fromkeys(wanted, False),
        )

    def delegated(self, addresses: Collection[str], block_hash: str) -> set[str]:
        wanted = tuple(sorted(set(addresses)))
        return self._recall(
            ("delegated", wanted, block_hash),
            lambda: self._adapter.delegated(wanted, block_hash),
            set(),
        )

    def acting(self, addresses: Collection[str], block_hash: str) -> set[str]:
        wanted = tuple(sorted(set(addresses)))
        return self._recall(
            ("acting", wanted, block_hash), lambda: self._adapter.acting(wanted, block_hash), set()
        )

    def call(self, to: str, data: bytes, block_hash: str) -> bytes | None:
        return self._recall(
            ("call", to, data, block_hash), lambda: self._adapter.call(to, data, block_hash), None
        )

    def calls(
        self, wanted: Sequence[tuple[str, bytes]], block_hash: str, *, gas: int
    ) -> list[bytes | None]:
        listed = tuple(wanted)
        return self._recall(
            ("calls", listed, block_hash, gas),
            lambda: self._adapter.calls(listed, block_hash, gas=gas),
            [None] * len(listed),
        )

    def prices(self, oracle: str, assets: Collection[str], block_hash: str) -> dict[str, int]:
        wanted = tuple(sorted(set(assets)))
        return self._recall(
            ("prices", oracle, wanted, block_hash),
            lambda: self._adapter.prices(oracle, wanted, block_hash),
            {},
        )

    def token_history(self, address: str, last: int, blocks: int) -> list[Past] | None:
        return self._recall(
            ("token_history", address, last, blocks),
            lambda: self._adapter.token_history(address, last, blocks),
            None,
        )

    # What applying a block never asks.

    def check_chain(self) -> None:
        self._adapter.check_chain()

    def head(self, tag: str = "latest") -> Head | None:
        return self._adapter.head(tag)

    def header(self, number: int) -> Head | None:
        return self._adapter.header(number)

    def header_by_hash(self, block_hash: str) -> Head | None:
        return self._adapter.header_by_hash(block_hash)

    def block_of(self, tx: str) -> int | None:
        return self._adapter.block_of(tx)

    def has_failed(self, tx: str) -> bool:
        return self._adapter.has_failed(tx)

    def read_block(self, number: int) -> RawBlock:
        return self._adapter.read_block(number)

    def decode(self, raw: RawBlock) -> BlockMovements:
        return self._adapter.decode(raw)

    def logs(self, raw: RawBlock) -> list[Any]:
        return self._adapter.logs(raw)

    def digest(self, raw: RawBlock) -> Digest:
        return self._adapter.digest(raw)

    def close(self) -> None:
        """The adapter behind it is not this one's."""
