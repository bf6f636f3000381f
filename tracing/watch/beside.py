"""What was read of balances, delegations and prices beside a block that no quorum vouched for.

No header commits to it in a way that is checked here, and no digest of a block covers it: a lone
liar that serves true blocks and forged balances would otherwise decide for good which coins of an
account are the stolen ones. So it is kept with the block, and read again, now from a quorum, before
the block's standing rises. docs/adr/0019-quorum.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tracing.chains.base import ChainAdapter
from tracing.chains.quorum import Agreement, Standing
from tracing.core.types import AccountKey
from tracing.models import Block


@dataclass
class Heard:
    """Answers by what was asked, each at the hash of a block. Amounts in base units."""

    balances: dict[tuple[str, AccountKey], int | None] = field(default_factory=dict)
    delegated: dict[tuple[str, str], bool] = field(default_factory=dict)
    prices: dict[tuple[str, str, str], int | None] = field(default_factory=dict)

    def forget(self) -> None:
        """The next block begins."""
        self.balances, self.delegated, self.prices = {}, {}, {}

    def column(self, agreement: Agreement) -> dict[str, Any]:
        """What the block's row keeps of it: nothing, once a quorum was asked."""
        if agreement.standing is not Standing.UNVERIFIED:
            return {}
        return {
            "balances": [
                [at, key.address, key.asset, _text(value)]
                for (at, key), value in self.balances.items()
            ],
            "delegated": [[*place, value] for place, value in self.delegated.items()],
            "prices": [[*place, _text(value)] for place, value in self.prices.items()],
        }


def stands(row: Block, adapter: ChainAdapter, native: str) -> bool:
    """Whether everything that was read beside the block is still told so, custody included.

    :raises ChainError: it cannot be read now, or operators disagree about it.
    """
    return (
        _balances_stand(row, adapter, native)
        and _delegations_stand(row.beside, adapter)
        and _prices_stand(row.beside, adapter)
    )


def _balances_stand(row: Block, adapter: ChainAdapter, native: str) -> bool:
    by_block: dict[str, dict[AccountKey, str | None]] = defaultdict(dict)
    for at, address, asset, value in row.beside.get("balances", ()):
        by_block[at][AccountKey(adapter.chain, address, asset)] = value
    for address, value in row.custody.items():
        by_block[row.hash][AccountKey(adapter.chain, address, native)] = value
    return all(
        {key: _text(value) for key, value in adapter.balances(said, at).items()} == said
        for at, said in by_block.items()
    )


def _delegations_stand(kept: Mapping[str, Any], adapter: ChainAdapter) -> bool:
    by_block: dict[str, dict[str, bool]] = defaultdict(dict)
    for at, address, value in kept.get("delegated", ()):
        by_block[at][address] = value
    return all(
        adapter.delegated(said, at) == {address for address, is_so in said.items() if is_so}
        for at, said in by_block.items()
    )


def _prices_stand(kept: Mapping[str, Any], adapter: ChainAdapter) -> bool:
    by_oracle: dict[tuple[str, str], dict[str, str | None]] = defaultdict(dict)
    for at, oracle, asset, value in kept.get("prices", ()):
        by_oracle[at, oracle][asset] = value
    for (at, oracle), said in by_oracle.items():
        found = adapter.prices(oracle, said, at)
        if {asset: _text(found.get(asset)) for asset in said} != said:
            return False
    return True


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)
