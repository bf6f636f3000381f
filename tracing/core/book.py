"""Entries of one block in a trace's accounts: openings, debits, arrivals, and their hops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tracing.core.history import changes
from tracing.core.inference.hubs import NO_HUBS, Hubs, booked_at_hubs, origins
from tracing.core.pieces import Piece
from tracing.core.policies import FIFO, Policy
from tracing.core.state import TraceState, kind_of
from tracing.core.types import (
    BURN_ADDRESS,
    CROSSING_ADDRESS,
    FEE_ADDRESS,
    NOTHING_BRIDGED,
    SINKS,
    Account,
    AccountKey,
    AccountKind,
    Balances,
    BlockEffects,
    BlockMovements,
    Bridged,
    Hop,
    HopKind,
    Kinds,
    Lot,
    Origin,
    Seed,
    Thresholds,
    Transaction,
)

HOP_OF_SINK = {
    AccountKind.SERVICE: HopKind.ARRIVAL,
    AccountKind.POOL: HopKind.ARRIVAL,
    AccountKind.CROSSING: HopKind.CROSSING,
    AccountKind.MIXER: HopKind.MIX,
    AccountKind.CUSTODY: HopKind.CUSTODY,
    AccountKind.RETURN: HopKind.RETURN,
    AccountKind.BURN: HopKind.BURN,
    AccountKind.FEE: HopKind.FEE,
    AccountKind.DUST: HopKind.DUST,
}


class Book:
    """Applies debits and credits of one block to one trace's state, and writes down each hop."""

    def __init__(
        self,
        state: TraceState,
        block: BlockMovements,
        kinds: Kinds,
        balances: Balances,
        thresholds: Thresholds,
        default_threshold: int,
        *,
        hubs: Hubs = NO_HUBS,
        bridged: Bridged = NOTHING_BRIDGED,
        policy: Policy = FIFO,
        hops: bool = True,
    ) -> None:
        self.state = state
        self.block = block
        self.kinds = kinds
        self.balances = balances
        self.thresholds = thresholds
        self.default_threshold = default_threshold
        self.policy = policy
        self.hops = hops
        self.effects = BlockEffects()
        self.followed = state.followed(block.chain)
        self._bridged = bridged
        self._tx = ""
        self._ordinal = 0
        self._pieces = 0
        self._minted: set[str] = set()
        self._history: dict[tuple[str, str], list[tuple[int, int]]] | None = None
        self._hubs = hubs
        self._at_hubs: dict[str, Counter[str]] | None = None  # ended there before, by origin asset
        self._dust_of: dict[AccountKey, int] = {}  # booked as dust, of accounts met in this block

    def start(self, ordinal: int, tx: Transaction) -> None:
        """Begin the transaction at this place of the block."""
        self._ordinal = ordinal
        if tx.tx != self._tx:  # what the block itself moves may come in several transactions
            self._tx, self._pieces = tx.tx, 0

    def was_minted(self, seed: Seed) -> bool:
        """Whether this seed's transaction was in the block before."""
        if seed.key in self._minted:
            return True
        self._minted.add(seed.key)
        return False

    def key(self, address: str, asset: str) -> AccountKey:
        return AccountKey(self.block.chain, address, asset)

    def is_followed(self, address: str | None) -> bool:
        """Whether value that leaves this address is traced (in any of its assets)."""
        return (
            address is not None
            and address in self.followed
            and self.kinds.get(address, AccountKind.FOLLOWED) is AccountKind.FOLLOWED
        )

    def exposed(self, key: AccountKey) -> Account | None:
        """The account if it is followed, ready to be changed; None otherwise."""
        account = self.state.accounts.get(key)
        if account is None or account.kind is not AccountKind.FOLLOWED:
            return None
        if self.kinds.get(key.address, AccountKind.FOLLOWED) is not AccountKind.FOLLOWED:
            return None
        self._touch(key, account)
        return account

    def balance_before(self, key: AccountKey) -> int | None:
        """Balance just before this transaction (its fee is paid already); None if unreadable."""
        parent = self.balances.get(key)
        return None if parent is None else parent + self.earlier(key)

    def earlier(self, key: AccountKey) -> int:
        """Net of the block's earlier transactions on an account, and of this one's fee."""
        if self._history is None:
            self._history = changes(self.block)
        moves = self._history.get((key.address, key.asset), ())
        return sum(delta for ordinal, delta in moves if ordinal < self._ordinal)

    def take(self, key: AccountKey, account: Account, amount: int) -> list[Piece]:
        """Debit a followed account; what its queue lacks is clean and marks it incomplete."""
        lots, missing = self.policy.take(account.lots, amount)
        if missing:
            self.mark_incomplete(key, account)
        return [Piece(lot.amount, lot.origin, key, lot.amount, lot.via, lot.depth) for lot in lots]

    def mark_incomplete(self, key: AccountKey, account: Account) -> None:
        """Say that the account paid, or was said to have got, more than is known of it."""
        if not account.incomplete:
            account.incomplete = True
            self.effects.incomplete.append(key)

    def seed(self, seed: Seed, position: int, missing: int = 0) -> None:
        """Mint what was stolen at its first receiver. ``missing``: what nothing brought there."""
        key = self.key(seed.receiver, seed.asset)
        stolen = Lot(seed.amount, Origin(seed.key, seed.asset, seed.amount), depth=-1)
        kind = kind_of(seed.receiver, self.state.get(key), self.kinds)
        account = self.open(key) if kind not in SINKS else self._sink(key, kind)
        lots = []
        for lot in seed.lots or (stolen,):
            piece = Piece(lot.amount, lot.origin, via=lot.via, depth=lot.depth)
            lots.append(self._moved(piece, key, position, HopKind.SEED))
        if kind in SINKS:
            account.lots.extend(lots)
        else:
            self.policy.put(account.lots, lots)
            if missing:
                self.mark_incomplete(key, account)

    def fee(self, asset: str, payer: str, amount: int, position: int) -> None:
        """Debit a fee; its tainted pieces go to the fee sink."""
        key = self.key(payer, asset)
        account = self.exposed(key)
        if account is not None:
            pieces = self.take(key, account, amount)
            self._into_sink(self.key(FEE_ADDRESS, asset), AccountKind.FEE, pieces, position)

    def arrive(
        self, address: str | None, asset: str, pieces: Sequence[Piece], position: int
    ) -> None:
        """Credit what reached somebody: into its sink, its queue, or booked as dust."""
        if address is None:
            if asset in self._bridged.get(self._tx, ()):
                address, kind = CROSSING_ADDRESS, AccountKind.CROSSING
            else:
                address, kind = BURN_ADDRESS, AccountKind.BURN
            self._into_sink(self.key(address, asset), kind, pieces, position)
            return
        key = self.key(address, asset)
        account = self.state.accounts.get(key)
        kind = kind_of(address, account, self.kinds)
        if kind in SINKS:
            self._into_sink(key, kind, pieces, position)
            return
        if account is None or account.kind is not AccountKind.FOLLOWED:
            tainted = [piece for piece in pieces if piece.origin is not None]
            if not tainted:
                return
            if self._is_little(key, account, tainted):
                self._dust(key, tainted, position)
                return
            account = self.open(key)
        else:
            self._touch(key, account)
        self.policy.put(account.lots, [self._moved(piece, key, position) for piece in pieces])

    def open(self, key: AccountKey) -> Account:
        """The followed account, opened with its clean balance where this is its first exposure."""
        account = self.state.accounts.get(key)
        if account is not None and account.kind is AccountKind.FOLLOWED:
            self._touch(key, account)
            return account
        account = self._new(key, AccountKind.FOLLOWED)
        clean = (self.balances.get(key) or 0) + self.earlier(key)
        if clean > 0:
            account.lots.appendleft(Lot(clean))
        self.effects.opened.append(key)
        return account

    def note(
        self, kind: HopKind, position: int, piece: Piece, to: AccountKey, amount_to: int
    ) -> tuple[str | None, int]:
        """Write down a hop whose lot the caller changes; what that lot gets as via and depth."""
        return self._hop(kind, position, piece, to, amount_to)

    def set_debt(self, key: AccountKey, amount: int) -> None:
        """Remember the balance of a debt token."""
        account = self.state.accounts.get(key)
        if account is None:
            account = self._new(key, AccountKind.FOLLOWED)
        else:
            self._touch(key, account)
        account.debt = amount

    def _is_little(
        self, key: AccountKey, account: Account | None, tainted: Sequence[Piece]
    ) -> bool:
        """Whether what arrives, with what was booked here before, is too little to be followed."""
        before = self._dust_of.get(key)
        if before is None:
            before = sum(lot.amount for lot in account.dust) if account is not None else 0
            self._dust_of[key] = before
        amount = before + sum(piece.amount for piece in tainted)
        if amount < self.thresholds.get(key.asset, self.default_threshold):
            return True
        if key.address not in self._hubs.addresses or key.address in self.followed:
            return False
        if self._at_hubs is None:
            self._at_hubs = booked_at_hubs(self.state, key.chain, self._hubs)
        arriving = origins(tainted)
        there = self._at_hubs[key.address] + arriving
        return self._hubs.may_end(there, sum(self._at_hubs.values(), arriving))

    def _dust(self, key: AccountKey, tainted: Sequence[Piece], position: int) -> None:
        account = self._sink(key, AccountKind.DUST)
        self._dust_of[key] = self._dust_of.get(key, 0) + sum(piece.amount for piece in tainted)
        if self._at_hubs is not None and key.address in self._at_hubs:
            self._at_hubs[key.address] += origins(tainted)
        for piece in tainted:
            if piece.origin is not None:
                via, depth = self._hop(HopKind.DUST, position, piece, key)
                account.dust.append(Lot(piece.amount, piece.origin, via, depth))

    def _into_sink(
        self, key: AccountKey, kind: AccountKind, pieces: Sequence[Piece], position: int
    ) -> None:
        tainted = [piece for piece in pieces if piece.origin is not None]
        if not tainted:
            return
        account = self._sink(key, kind)
        for piece in tainted:
            account.lots.append(self._moved(piece, key, position, HOP_OF_SINK[kind]))

    def _moved(
        self, piece: Piece, key: AccountKey, position: int, kind: HopKind | None = None
    ) -> Lot:
        if piece.origin is None:
            return Lot(piece.amount)
        if kind is None:
            kind = HopKind.TRANSFER
            if piece.loan:
                kind = HopKind.LOAN
            elif piece.source is not None and piece.source.asset != key.asset:
                kind = HopKind.CONVERSION
        via, depth = self._hop(kind, position, piece, key)
        return Lot(piece.amount, piece.origin, via, depth)

    def _hop(
        self,
        kind: HopKind,
        position: int,
        piece: Piece,
        to: AccountKey,
        amount_to: int | None = None,
    ) -> tuple[str | None, int]:
        if piece.origin is None:
            raise ValueError("a clean piece makes no hop")
        if not self.hops:
            return None, piece.depth + 1
        hop = Hop(
            f"{self._tx}:{self._pieces}",
            kind,
            self._tx,
            position,
            piece.source,
            to,
            piece.source_amount,
            piece.amount if amount_to is None else amount_to,
            piece.origin,
            piece.via,
            piece.depth + 1,
            piece.estimated,
        )
        self._pieces += 1
        self.effects.hops.append(hop)
        return hop.key, hop.depth

    def _sink(self, key: AccountKey, kind: AccountKind) -> Account:
        account = self.state.accounts.get(key)
        if account is None:
            return self._new(key, kind)
        self._touch(key, account)
        if account.kind is not kind:  # it was labelled since
            account.kind = kind
            self.state.put(key, account)
        return account

    def _new(self, key: AccountKey, kind: AccountKind) -> Account:
        known = self.state.accounts.get(key)
        self._touch(key, known)
        account = known or Account()
        account.kind = kind
        self.state.put(key, account)
        return account

    def _touch(self, key: AccountKey, account: Account | None) -> None:
        if key not in self.effects.before:
            self.effects.before[key] = None if account is None else account.copy()
            self.effects.touched.add(key)
