"""What the watcher needs of a chain, read before any transaction is opened."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from tracing.chains.base import ChainAdapter, Head, RawBlock
from tracing.chains.errors import ChainError, RetryableChainError
from tracing.chains.pool import Pool
from tracing.chains.quorum import Agreement, Digest, Standing
from tracing.core import people
from tracing.core.adjustments import explain, may_change
from tracing.core.logs import Log
from tracing.core.reach import needs_prices, reach
from tracing.core.state import TraceState
from tracing.core.types import (
    AccountKey,
    BlockMovements,
    Kinds,
    Movement,
    MovementKind,
    Seed,
    Transaction,
)
from tracing.watch import seizures
from tracing.watch.beside import Heard
from tracing.watch.directory import Directory


@dataclass(frozen=True)
class ChainBlock:
    """A block as the watcher applies it. ``agreement``: who says the same; None: one endpoint.
    ``is_traced``: native movements inside transactions are among its movements."""

    movements: BlockMovements
    logs: tuple[Log, ...]
    agreement: Agreement | None = None
    is_traced: bool = True

    @property
    def vouched(self) -> Agreement:
        """What its standing rests on."""
        return self.agreement or Agreement(Standing.SINGLE, Digest(self.movements.hash, "", ""))


@dataclass(frozen=True)
class Reading:
    """Everything from outside that one block and one trace need."""

    block: BlockMovements
    balances: dict[AccountKey, int | None]
    prices: dict[str, int]


class Source:
    """One chain through one adapter."""

    def __init__(self, adapter: ChainAdapter, native: str) -> None:
        self.adapter = adapter
        self.native = native
        self.heard = Heard()  # beside the block that is being applied

    def read(self, number: int) -> ChainBlock:
        """The block at a height, decoded.

        :raises RetryableChainError: the endpoint is down, slow, or answers nonsense.
        """
        return self.decoded(self.adapter.read_block(number))

    def read_some(self, numbers: Sequence[int]) -> list[ChainBlock | ChainError]:
        """The blocks at these heights, decoded; in the place of one that cannot be read, why. May
        be called in several threads at once."""
        return [self._decoded_or_why(raw) for raw in self.adapter.read_blocks(numbers)]

    def _decoded_or_why(self, raw: RawBlock | ChainError) -> ChainBlock | ChainError:
        if isinstance(raw, ChainError):
            return raw
        try:
            return self.decoded(raw)
        except ChainError as error:
            return error

    def decoded(self, raw: RawBlock) -> ChainBlock:
        """The block out of an answer."""
        logs = tuple(
            Log(log.address, log.topics, "0x" + log.data.hex(), log.tx, log.index)
            for log in self.adapter.logs(raw)
        )
        return ChainBlock(self.adapter.decode(raw), logs, raw.agreement, raw.traces is not None)

    def views(self, number: int) -> list[ChainBlock]:
        """The block at a height as everybody who can be asked tells it, the best view first. Of one
        endpoint there is one."""
        if not isinstance(self.adapter, Pool):
            return [self.read(number)]
        return [self.decoded(view.raw) for view in self.adapter.review(number)]

    def heads(self) -> list[tuple[str, Head]]:
        """The newest block of each endpoint that answers, with its operator.

        :raises RetryableChainError: none does.
        """
        if not isinstance(self.adapter, Pool):
            return []
        return [(one.operator, one.head) for one in self.adapter.heads()]

    def may_trace(self, quorum: int) -> bool:
        """Whether so many operators, more than one, can tell what moved inside transactions."""
        return (
            quorum > 1
            and isinstance(self.adapter, Pool)
            and len(self.adapter.tracing_operators()) >= quorum
        )

    def agreed_head(self, tag: str = "latest") -> int | None:
        """The height that a quorum of operators has reached; None: fewer of them say so."""
        if isinstance(self.adapter, Pool):
            return self.adapter.agreed_head(tag)
        head = self.adapter.head(tag)
        return None if head is None else head.number

    def operators_of(self, number: int, block_hash: str) -> tuple[str, ...]:
        """Who has this block at this height now."""
        if isinstance(self.adapter, Pool):
            return self.adapter.operators_of(number, block_hash)
        return ()

    def applied(self, number: int, block_hash: str) -> None:
        """Say which branch is followed: it is preferred among equals."""
        if isinstance(self.adapter, Pool):
            self.adapter.follow(number, block_hash)

    def refute(self, number: int, block_hash: str) -> tuple[str, ...]:
        """Put endpoints into quarantine that contradict a final block; whose they are. A single one
        stays: there is nobody to go on with."""
        if not isinstance(self.adapter, Pool) or len(self.adapter.members) < 2:
            return ()
        return self.adapter.refute(number, block_hash)

    def head(self) -> int:
        """The height of the endpoint's newest block."""
        head = self.adapter.head()
        if head is None:
            raise RetryableChainError("the endpoint has no block")
        return head.number

    def block_hash(self, number: int) -> str | None:
        """The hash of the canonical block at a height; None: there is none."""
        header = self.adapter.header(number)
        return header.hash if header else None

    def reading(
        self,
        block: ChainBlock,
        states: Collection[TraceState],
        seeds: list[Seed],
        kinds: Kinds,
        directory: Directory,
        moved: dict[str, int],
    ) -> Reading:
        """Opening balances at the parent, prices at the block, and moves without a transaction:
        whatever one of the policies needs."""
        movements = self._seized(block, directory, kinds)
        block = replace(block, movements=movements)
        if moved:
            movements = self._with_state_moves(block, states, moved)
        infos = directory.asset_infos
        wanted: set[AccountKey] = set()
        needed: set[str] = set()
        for state in states:
            wanted |= reach(state, movements, seeds, kinds, infos)
            needed |= needs_prices(state, movements, infos, seeds, kinds)
        balances = self._balances(wanted, block.movements.parent_hash)
        movements = self._adjusted(movements, states, directory.rebasing(), balances)
        asked = people.doubtful(movements, wanted)
        if asked:
            delegated = self.adapter.delegated(asked, block.movements.hash)
            said = {(block.movements.hash, address): address in delegated for address in asked}
            self.heard.delegated.update(said)
            movements = people.with_people(movements, delegated)
        prices = {}
        if needed:
            prices = self._prices(needed, directory, block.movements.hash)
        return Reading(movements, balances, prices)

    def _seized(self, block: ChainBlock, directory: Directory, kinds: Kinds) -> BlockMovements:
        """The block's movements, with what issuers seized where it counts as frozen."""
        found = seizures.takings(block.logs, directory.freezable())
        keys = seizures.untold(block.movements, found)
        before = self._readable(keys, block.movements.parent_hash)
        after = self._readable(before.keys(), block.movements.hash)
        missing = {key: max(0, before[key] - held) for key, held in after.items()}
        return seizures.redirect(block.movements, found, kinds, missing)

    def _adjusted(
        self,
        block: BlockMovements,
        states: Collection[TraceState],
        rebasing: set[str],
        opening: dict[AccountKey, int | None],
    ) -> BlockMovements:
        """The block with what no log explains of accounts that rebase. Costs two balances for each
        of them that is followed, and nothing where no such asset is known."""
        if not rebasing:
            return block
        keys = {key for key in opening if key.asset in rebasing}
        for state in states:
            keys |= may_change(state, block.chain, rebasing)
        before = self._readable(keys, block.parent_hash)
        return explain(block, before, self._readable(before.keys(), block.hash))

    def _balances(
        self, keys: Collection[AccountKey], block_hash: str
    ) -> dict[AccountKey, int | None]:
        found = self.adapter.balances(keys, block_hash)
        self.heard.balances.update({(block_hash, key): found.get(key) for key in keys})
        return found

    def _readable(self, keys: Iterable[AccountKey], block_hash: str) -> dict[AccountKey, int]:
        found = self._balances(set(keys), block_hash)
        return {key: value for key, value in found.items() if value is not None}

    def custody_balances(
        self, block_hashes: Sequence[str], addresses: Sequence[str]
    ) -> list[dict[str, int]]:
        """Native balances of the custody addresses at each of these blocks; unreadable ones are
        left out."""
        chain = self.adapter.chain
        keys = {AccountKey(chain, address, self.native) for address in addresses}
        return [
            {key.address: value for key, value in found.items() if value is not None}
            for found in self.adapter.balances_at([(keys, at) for at in block_hashes])
        ]

    def unexplained(
        self, block: ChainBlock, before: dict[str, int], after: dict[str, int]
    ) -> dict[str, int]:
        """What custody addresses gained in a block beyond its movements: base units, above 0."""
        net = net_native(block.movements, self.native)
        gains = {a: after[a] - before[a] - net.get(a, 0) for a in after if a in before}
        return {address: gain for address, gain in gains.items() if gain > 0}

    def _with_state_moves(
        self, block: ChainBlock, states: Collection[TraceState], moved: dict[str, int]
    ) -> BlockMovements:
        """Pair gains in custody with losses of followed addresses that no transaction explains."""
        movements = block.movements
        chain = movements.chain
        net = net_native(movements, self.native)
        expected = {
            key: sum(lot.amount for lot in account.lots) + net.get(key.address, 0)
            for state in reversed(list(states))  # the trace's own comes first, and so has its say
            for key, account in state.accounts.items()
            if key.chain == chain
            and key.asset == self.native
            and key.address in state.followed(chain)
        }
        actual = self._balances(set(expected), movements.hash)
        position = 1 + max(
            (m.position for tx in movements.transactions for m in tx.movements), default=0
        )
        found: list[Movement] = []
        gains = dict(moved)
        for key in sorted(expected, key=lambda k: k.address):
            value = actual.get(key)
            missing = expected[key] - value if value is not None else 0
            for custody in sorted(gains):
                part = min(missing, gains[custody])
                if part > 0:
                    found.append(
                        Movement(
                            position + len(found),
                            MovementKind.STATE,
                            self.native,
                            key.address,
                            custody,
                            part,
                        )
                    )
                    missing -= part
                    gains[custody] -= part
        if not found:
            return movements
        last = Transaction(
            tx=f"block:{movements.hash}",
            index=len(movements.transactions),
            sender=None,
            to=None,
            movements=tuple(found),
        )
        return replace(movements, transactions=(*movements.transactions, last))

    def _prices(self, assets: set[str], directory: Directory, block_hash: str) -> dict[str, int]:
        infos = directory.asset_infos.values()
        prices: dict[str, int] = {}
        for lender, oracle in directory.oracles.items():
            taken = {i.underlying for i in infos if i.lender == lender and i.underlying}
            wanted = sorted(taken & assets)
            found = self.adapter.prices(oracle, wanted, block_hash)
            said = {(block_hash, oracle, asset): found.get(asset) for asset in wanted}
            self.heard.prices.update(said)
            prices |= found
        return prices


def net_native(block: BlockMovements, native: str) -> dict[str, int]:
    """Net change of the native asset per address over one block, fees included."""
    net: dict[str, int] = {}
    for tx in block.transactions:
        for movement in tx.movements:
            if movement.asset != native:
                continue
            if movement.frm is not None:
                net[movement.frm] = net.get(movement.frm, 0) - movement.amount
            if movement.to is not None:
                net[movement.to] = net.get(movement.to, 0) + movement.amount
    return net
