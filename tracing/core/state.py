"""The state of one trace in memory: accounts with their queues, and how one is kept as JSON."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import NotRequired, TypedDict

from tracing.core.inference.look_alikes import Ends
from tracing.core.types import (
    SINKS,
    Account,
    AccountKey,
    AccountKind,
    Lot,
    Origin,
    Snapshot,
)


class LotRow(TypedDict):
    """A lot as JSON; amounts are decimal strings. A clean lot has its amount only."""

    amount: str
    seed: NotRequired[str]
    origin_asset: NotRequired[str]
    origin_amount: NotRequired[str]
    via: NotRequired[str | None]
    depth: NotRequired[int]


class AccountRow(TypedDict):
    """An account as JSON, oldest lot first."""

    kind: str
    lots: list[LotRow]
    dust: list[LotRow]
    incomplete: bool
    debt: str


def lot_to_row(lot: Lot) -> LotRow:
    if lot.origin is None:
        return {"amount": str(lot.amount)}
    return {
        "amount": str(lot.amount),
        "seed": lot.origin.seed,
        "origin_asset": lot.origin.asset,
        "origin_amount": str(lot.origin.amount),
        "via": lot.via,
        "depth": lot.depth,
    }


def lot_from_row(row: LotRow) -> Lot:
    if "seed" not in row:
        return Lot(int(row["amount"]))
    origin = Origin(row["seed"], row["origin_asset"], int(row["origin_amount"]))
    return Lot(int(row["amount"]), origin, row["via"], row["depth"])


def account_to_row(account: Account) -> AccountRow:
    return {
        "kind": account.kind.value,
        "lots": [lot_to_row(lot) for lot in account.lots],
        "dust": [lot_to_row(lot) for lot in account.dust],
        "incomplete": account.incomplete,
        "debt": str(account.debt),
    }


def account_from_row(row: AccountRow) -> Account:
    return Account(
        AccountKind(row["kind"]),
        deque(lot_from_row(lot) for lot in row["lots"]),
        [lot_from_row(lot) for lot in row["dust"]],
        row["incomplete"],
        int(row["debt"]),
    )


class TraceState:
    """The accounts of one trace. Change it through the engine, ``put`` and ``restore`` only: the
    index of followed addresses is kept along with the accounts."""

    def __init__(self, accounts: Mapping[AccountKey, Account] | None = None) -> None:
        self.accounts: dict[AccountKey, Account] = {}
        self.last: dict[str, str] = {}  # chain -> hash of the block that was applied last
        self._followed: dict[str, dict[str, set[str]]] = {}
        self._ends: dict[str, Ends] = {}  # by chain, from the first time on that it is asked for
        self._holders: dict[tuple[str, str], set[str]] = {}  # chain and asset -> addresses
        for key, account in (accounts or {}).items():
            self.put(key, account)

    def get(self, key: AccountKey) -> Account | None:
        return self.accounts.get(key)

    def put(self, key: AccountKey, account: Account) -> None:
        """Set an account and keep the index: only accounts that value can leave are matched."""
        if key.chain in self._ends and key not in self.accounts:
            self._ends[key.chain].add(key.address)
        self.accounts[key] = account
        if account.kind is AccountKind.FOLLOWED:
            self._followed.setdefault(key.chain, {}).setdefault(key.address, set()).add(key.asset)
            self._holders.setdefault((key.chain, key.asset), set()).add(key.address)
        else:
            self._forget(key)

    def drop(self, key: AccountKey) -> None:
        if self.accounts.pop(key, None) is not None and key.chain in self._ends:
            self._ends[key.chain].drop(key.address)
        self._forget(key)

    def followed(self, chain: str) -> Mapping[str, set[str]]:
        """Addresses of a chain that value may leave, with their assets. Do not change it."""
        return self._followed.setdefault(chain, {})

    def holders(self, chain: str, asset: str) -> AbstractSet[str]:
        """Addresses of a chain at which an asset is followed. Do not change it."""
        return self._holders.get((chain, asset), frozenset())

    def ends(self, chain: str) -> Ends:
        """The addresses of all accounts on a chain by their ends. Do not change it."""
        if chain not in self._ends:
            self._ends[chain] = Ends(key.address for key in self.accounts if key.chain == chain)
        return self._ends[chain]

    def snapshot(self, keys: Iterable[AccountKey]) -> Snapshot:
        """Copies of these accounts as they are now; None for one that does not exist."""
        return {
            key: account.copy() if (account := self.accounts.get(key)) else None for key in keys
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Put accounts back as they were; the snapshot stays usable."""
        self.last.clear()
        for key, account in snapshot.items():
            if account is None:
                self.drop(key)
            else:
                self.put(key, account.copy())

    def to_rows(self, keys: Iterable[AccountKey] | None = None) -> dict[AccountKey, AccountRow]:
        """Plain JSON per account: one database row each. Keys that do not exist are left out."""
        wanted = self.accounts if keys is None else keys
        return {key: account_to_row(self.accounts[key]) for key in wanted if key in self.accounts}

    @classmethod
    def from_rows(cls, rows: Mapping[AccountKey, AccountRow]) -> TraceState:
        return cls({key: account_from_row(row) for key, row in rows.items()})

    def _forget(self, key: AccountKey) -> None:
        addresses = self._followed.get(key.chain, {})
        assets = addresses.get(key.address)
        if assets and key.asset in assets:
            self._holders[key.chain, key.asset].discard(key.address)
            assets.discard(key.asset)
            if not assets:
                del addresses[key.address]


def kind_of(address: str, account: Account | None, kinds: Mapping[str, AccountKind]) -> AccountKind:
    """What an account is now: its address's label, else what it was opened as, else followed."""
    label = kinds.get(address)
    if label is not None:
        return label
    if account is not None and account.kind in SINKS and account.kind is not AccountKind.DUST:
        return account.kind
    return AccountKind.FOLLOWED
