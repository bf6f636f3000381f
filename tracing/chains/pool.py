"""Several endpoints of one chain as one adapter: a quorum of operators instead of fail-over.

Fail-over to whoever still answers is what a thief counts on who floods honest nodes. Here fewer
voices lower what is said of a block (`Standing`), never the quorum. See docs/adr/0019-quorum.md.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from threading import Lock

from tracing.chains.base import ChainAdapter, Head, Log, RawBlock
from tracing.chains.errors import ChainError
from tracing.chains.pool_asking import Asking
from tracing.chains.pool_blocks import Blocks
from tracing.chains.pool_heads import Heads, MemberHead
from tracing.chains.pool_member import Member, NoRecorder, Pace, Recorder
from tracing.chains.pool_state import State
from tracing.chains.pool_votes import View, Votes
from tracing.chains.quorum import Contradiction, Digest
from tracing.core.inference.hubs import Past
from tracing.core.types import AccountKey, BlockMovements

_REMEMBERED = 1024  # blocks


class Pool(ChainAdapter):
    """The endpoints of one chain. ``quorum``: how many distinct operators must say the same.

    With one member it asks that one, in the caller's thread, nothing more than is asked of it.
    """

    slug = "pool"
    namespace = ""

    def __init__(
        self,
        chain: str,
        members: Iterable[Member],
        *,
        quorum: int = 1,
        pace: Pace | None = None,
        recorder: Recorder | None = None,
        is_comparable: bool = True,
    ) -> None:
        """Without an endpoint there is no pool: ValueError. ``is_comparable``: as in `Blocks`."""
        self.chain = chain
        self._asking = Asking(
            list(members), max(1, quorum), pace or Pace(), recorder or NoRecorder()
        )
        if not self._asking.members:
            raise ValueError("a pool needs an endpoint")
        self._lock = Lock()
        self._ours: OrderedDict[int, str] = OrderedDict()
        self._vouching: OrderedDict[str, frozenset[Member]] = OrderedDict()
        self._blocks = Blocks(self._asking, self._ours, is_comparable=is_comparable)
        self._heads = Heads(self._asking, self._ours)
        self._state = State(self._asking, self._vouching)

    def __repr__(self) -> str:
        operators = ", ".join(sorted(member.operator for member in self._asking.members))
        return f"Pool({self.chain!r}: {self.quorum} of {operators})"

    @property
    def quorum(self) -> int:
        """How many operators must agree. It never changes by itself."""
        return self._asking.quorum

    @property
    def members(self) -> tuple[Member, ...]:
        """The endpoints, those in quarantine included."""
        return tuple(self._asking.members)

    # -- blocks --------------------------------------------------------------------------------

    def check_chain(self) -> None:
        """Ask all members; those that serve another chain go into quarantine.

        :raises WrongChain: all that answer do. :raises RetryableChainError: nobody answers.
        """
        try:
            self._asking.check_all()
        finally:
            self._settle()

    def head(self, tag: str = "latest") -> Head | None:
        """``latest``: the highest that some member has. ``safe``, ``finalized``: what a quorum has
        reached."""
        try:
            return self._heads.highest() if tag == "latest" else self._heads.tagged(tag)
        finally:
            self._settle()

    def heads(self) -> list[MemberHead]:
        """How high each member is that answers now."""
        return self._heads.all()

    def agreed_head(self, tag: str = "latest") -> int | None:
        """The height that a quorum of distinct operators has reached (``latest``, ``safe`` or
        ``finalized``); None: fewer of them answer. Finality is counted from it."""
        return self._heads.agreed(tag)

    def header(self, number: int) -> Head | None:
        """The block that most operators have at this height; among equals the one we are on."""
        return self._heads.header(number)

    def tracing_operators(self) -> frozenset[str]:
        """Who has an endpoint that traces, or of which that is not known yet; not who is in
        quarantine."""
        return frozenset(
            member.voice
            for member in self.members
            if member.traces != "none" and not member.is_quarantined
        )

    def operators_of(self, number: int, block_hash: str) -> tuple[str, ...]:
        """Who has this block at this height now; sorted."""
        return self._heads.operators_of(number, block_hash)

    def read_block(self, number: int) -> RawBlock:
        """The view of a block that most operators share, with its `agreement`. Waits for a quorum,
        but not longer than patience once somebody has answered."""
        try:
            raw, votes = self._blocks.read(number)
        finally:
            self._settle()
        self._note(votes)
        self.follow(number, raw.head.hash)
        return raw

    def read_blocks(self, numbers: Sequence[int]) -> list[RawBlock | ChainError]:
        if not numbers:
            return []
        try:
            answers = self._blocks.read_some(numbers)
        finally:
            self._settle()
        found: list[RawBlock | ChainError] = []
        for answer in answers:
            if not isinstance(answer, ChainError):
                self._note(answer[1])
            found.append(answer if isinstance(answer, ChainError) else answer[0])
        return found

    def review(self, number: int) -> list[View]:
        """All views of a block, the best first, from everybody that can be asked. Empty: nobody has
        it, or nobody answers."""
        try:
            views, votes = self._blocks.review(number)
        finally:
            self._settle()
        self._note(votes)
        return views

    def follow(self, number: int, block_hash: str) -> None:
        """Say which block was applied: among equally supported branches it is preferred."""
        with self._lock:
            self._ours[number] = block_hash
            self._ours.move_to_end(number)
            while len(self._ours) > _REMEMBERED:
                self._ours.popitem(last=False)

    def refute(self, number: int, block_hash: str) -> tuple[str, ...]:
        """The block at this height is final: members that claim another, asked twice, go into
        quarantine. Returns their operators, sorted."""
        accused = []
        for _ in range(2):
            accused.append(
                {
                    member: head
                    for member, head in self._heads.claimants(number).items()
                    if head.hash != block_hash
                }
            )
        found = [m for m, head in accused[0].items() if accused[1].get(m) == head]
        for member in found:
            claim = Contradiction("final-block", number, accused[0][member].hash, block_hash)
            self._asking.quarantine(member, claim)
        self._settle()
        return tuple(sorted({member.operator for member in found}))

    def header_by_hash(self, block_hash: str) -> Head | None:
        return self._state.one(lambda adapter: adapter.header_by_hash(block_hash))

    def block_of(self, tx: str) -> int | None:
        return self._state.one(lambda adapter: adapter.block_of(tx), is_answer=_is_told)

    def has_failed(self, tx: str) -> bool:
        return self._state.one(lambda adapter: adapter.has_failed(tx))

    # -- pure ----------------------------------------------------------------------------------

    def decode(self, raw: RawBlock) -> BlockMovements:
        return self._any.decode(raw)

    def logs(self, raw: RawBlock) -> list[Log]:
        return self._any.logs(raw)

    def digest(self, raw: RawBlock) -> Digest:
        return self._any.digest(raw)

    # -- state ---------------------------------------------------------------------------------

    def balances(
        self, keys: Collection[AccountKey], block_hash: str
    ) -> dict[AccountKey, int | None]:
        if not keys:
            return {}
        return self._state.vote(block_hash, lambda adapter: adapter.balances(keys, block_hash))

    def balances_at(
        self, wanted: Sequence[tuple[Collection[AccountKey], str]]
    ) -> list[dict[AccountKey, int | None]]:
        return self._state.balances_at(wanted)

    def proved_balances(self, addresses: Collection[str], block_hash: str) -> dict[str, int] | None:
        """Of whoever proves them: a proof needs no second voice."""
        return self._state.one(
            lambda adapter: adapter.proved_balances(addresses, block_hash), is_answer=_is_told
        )

    def has_code(self, addresses: Collection[str], block_hash: str) -> dict[str, bool]:
        found = self._flags(addresses, block_hash, lambda a: a.has_code(addresses, block_hash))
        return {address: bool(found.get(address)) for address in addresses}

    def delegated(self, addresses: Collection[str], block_hash: str) -> set[str]:
        return _chosen(
            self._flags(
                addresses,
                block_hash,
                lambda a: _flagged(addresses, a.delegated(addresses, block_hash)),
            )
        )

    def acting(self, addresses: Collection[str], block_hash: str) -> set[str]:
        return _chosen(
            self._flags(
                addresses,
                block_hash,
                lambda a: _flagged(addresses, a.acting(addresses, block_hash)),
            )
        )

    def call(self, to: str, data: bytes, block_hash: str) -> bytes | None:
        (answer,) = self._calls(1, block_hash, lambda adapter: [adapter.call(to, data, block_hash)])
        return answer

    def calls(
        self, wanted: Sequence[tuple[str, bytes]], block_hash: str, *, gas: int
    ) -> list[bytes | None]:
        return self._calls(
            len(wanted), block_hash, lambda adapter: adapter.calls(wanted, block_hash, gas=gas)
        )

    def prices(self, oracle: str, assets: Collection[str], block_hash: str) -> dict[str, int]:
        if not assets:
            return {}

        def ask(adapter: ChainAdapter) -> dict[str, int | None]:
            found = adapter.prices(oracle, assets, block_hash)
            return {asset: found.get(asset) for asset in assets}

        priced = self._state.vote(block_hash, ask, is_silence=False)
        return {asset: price for asset, price in priced.items() if price is not None}

    def token_history(self, address: str, last: int, blocks: int) -> list[Past] | None:
        return self._state.one(
            lambda adapter: adapter.token_history(address, last, blocks), is_answer=_is_told
        )

    def token_histories(
        self, addresses: Sequence[str], last: int, blocks: int
    ) -> list[list[Past] | None]:
        return self._state.each(
            addresses, lambda adapter, some: adapter.token_histories(some, last, blocks)
        )

    def close(self) -> None:
        self._asking.recorder.settle(is_last=True)
        self._asking.close()

    # -- inside --------------------------------------------------------------------------------

    @property
    def _any(self) -> ChainAdapter:
        """For what needs no endpoint."""
        return self._asking.members[0].adapter

    def _flags(
        self,
        addresses: Collection[str],
        block_hash: str,
        question: Callable[[ChainAdapter], dict[str, bool]],
    ) -> dict[str, bool | None]:
        if not addresses:
            return {}
        return self._state.vote(block_hash, lambda adapter: {**question(adapter)})

    def _calls(
        self,
        count: int,
        block_hash: str,
        question: Callable[[ChainAdapter], list[bytes | None]],
    ) -> list[bytes | None]:
        if not count:
            return []
        found = self._state.vote(
            block_hash, lambda adapter: dict(enumerate(question(adapter))), is_silence=False
        )
        return [found.get(place) for place in range(count)]

    def _note(self, votes: Votes) -> None:
        """Who tells a block vouches for its parent too: its hash commits to it, and state is asked
        for there as well. Sets are replaced: other threads read them."""
        with self._lock:
            for member, head in votes.heads.items():
                for block_hash in (head.parent_hash, head.hash):
                    known = self._vouching.get(block_hash, frozenset())
                    self._vouching[block_hash] = known | {member}
            while len(self._vouching) > _REMEMBERED:
                self._vouching.popitem(last=False)

    def _settle(self) -> None:
        self._asking.recorder.settle()


def _is_told(value: object) -> bool:
    return value is not None


def _flagged(addresses: Collection[str], chosen: set[str]) -> dict[str, bool]:
    return {address: address in chosen for address in addresses}


def _chosen(flags: dict[str, bool | None]) -> set[str]:
    return {address for address, is_chosen in flags.items() if is_chosen}
