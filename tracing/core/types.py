"""Values that the core speaks: assets, movements, lots, hops. Frozen, exact, without I/O.

Amounts are Python integers in base units of their asset. Addresses are the account part of a
CAIP-10 identifier: hex in lower case, base58 and bech32 as they are written. Assets are CAIP-19
identifiers, e.g. ``eip155:1/slip44:60`` (native), ``eip155:1/erc20:0x...``,
``eip155:1/erc721:0x.../42``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class MovementKind(StrEnum):
    """How value moved. ``STATE``: by a change of state, without a transaction of the owner."""

    NATIVE = "native"
    INTERNAL = "internal"
    TOKEN = "token"  # noqa: S105 - a kind of movement
    NFT = "nft"
    MINT = "mint"
    BURN = "burn"
    FEE = "fee"
    WITHDRAWAL = "withdrawal"
    STATE = "state"
    ADJUSTMENT = "adjustment"  # a balance changed and nothing moved; one side is absent


@dataclass(frozen=True, slots=True)
class Movement:
    """One debit and one credit. ``frm`` absent: minted or issued; ``to`` absent: burnt or fee."""

    position: int  # order inside the block, rising; fees of a transaction come first
    kind: MovementKind
    asset: str
    frm: str | None
    to: str | None
    amount: int
    token_id: int | None = None


@dataclass(frozen=True, slots=True)
class Transaction:
    """The movements of one transaction that took effect, in order.

    ``tx`` is the transaction's hash; withdrawals and state moves use ``block:<hash>`` as theirs.
    """

    tx: str
    index: int
    sender: str | None
    to: str | None
    movements: tuple[Movement, ...]
    contracts: frozenset[str] = frozenset()  # addresses in it that are known to have code
    people: frozenset[str] = frozenset()  # and that are accounts of their own, code or not


@dataclass(frozen=True, slots=True)
class BlockMovements:
    """One block's transactions in order. ``timestamp`` in Unix seconds."""

    chain: str
    number: int
    hash: str
    parent_hash: str
    timestamp: int
    transactions: tuple[Transaction, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a tainted lot was when it was stolen."""

    seed: str
    asset: str
    amount: int  # base units of ``asset``


@dataclass(frozen=True, slots=True)
class Lot:
    """An amount with its origin; ``origin`` absent: clean. ``via`` is the hop that brought it.

    ``depth`` is that hop's depth: how many hops the lot is from its seed.
    """

    amount: int
    origin: Origin | None = None
    via: str | None = None
    depth: int = 0


class AccountKind(StrEnum):
    """What an account that holds taint is for the trace."""

    FOLLOWED = "followed"
    SERVICE = "service"  # a sink that holds customers' money: exchange, custodian
    POOL = "pool"  # DEX pool, lender's reserve: converts when it pays something out, else a sink
    CROSSING = "crossing"  # a bridge's escrow: value is on its way to another chain
    MIXER = "mixer"
    CUSTODY = "custody"  # where a council or issuer puts what it froze, on chain
    RETURN = "return"  # an accepted return address
    BURN = "burn"
    FEE = "fee"
    DUST = "dust"  # below the threshold: booked, not followed


SINKS = frozenset(AccountKind) - {AccountKind.FOLLOWED}


class AccountKey(NamedTuple):
    """One address and one asset on one chain. (A tuple: it is hashed a dozen times a movement.)"""

    chain: str
    address: str
    asset: str


class AssetRole(StrEnum):
    """What an asset is for netting."""

    PLAIN = "plain"
    RECEIPT = "receipt"  # a lender's deposit receipt: a claim on ``underlying``
    DEBT = "debt"  # a liability, never value


@dataclass(frozen=True, slots=True)
class AssetInfo:
    """Facts about an asset that netting needs. ``contract``: who mints and burns it."""

    asset: str
    role: AssetRole = AssetRole.PLAIN
    underlying: str | None = None
    lender: str | None = None  # slug of the lending market, for RECEIPT and DEBT
    contract: str | None = None


class HopKind(StrEnum):
    """How a piece of taint went from one account to another."""

    SEED = "seed"
    TRANSFER = "transfer"
    CONVERSION = "conversion"  # swap or wrap, resolved from net deltas
    LOAN = "loan"
    REPAY = "repay"
    CROSSING = "crossing"
    ARRIVAL = "arrival"
    MIX = "mix"
    BURN = "burn"
    FEE = "fee"
    CUSTODY = "custody"
    RETURN = "return"
    DUST = "dust"
    ADJUSTMENT = "adjustment"  # the same account, another amount: a rebase


@dataclass(frozen=True, slots=True)
class Hop:
    """One piece of taint that moved. ``key`` is unique in a trace and depends only on the chain.

    ``prev`` is the key of the hop that had brought the piece (none for a seed); ``depth`` counts
    hops from the seed (a seed has depth 0).
    """

    key: str
    kind: HopKind
    tx: str
    position: int
    frm: AccountKey | None
    to: AccountKey
    amount_from: int
    amount_to: int
    origin: Origin
    prev: str | None
    depth: int
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Seed:
    """What was stolen, where it was received first, in which transaction.

    Minted by the engine when ``tx`` is applied: the receiver's incoming amount becomes tainted.
    Of a leg, ``lots`` are what a crossing brought, with the origins, hops and depths that they had
    on the other chain; their amounts add up to ``amount``.
    """

    key: str
    chain: str
    tx: str
    receiver: str
    asset: str
    amount: int
    lots: tuple[Lot, ...] = ()


@dataclass(slots=True)
class Account:
    """The queue of one account, oldest lot first. A sink's queue holds arrivals only.

    ``dust`` are tainted arrivals below the threshold: booked, never followed. ``debt`` is the last
    known balance of an account whose asset is a debt token (its queue is always empty).
    """

    kind: AccountKind = AccountKind.FOLLOWED
    lots: deque[Lot] = field(default_factory=deque)
    dust: list[Lot] = field(default_factory=list)
    incomplete: bool = False  # a debit was larger than the queue: history is missing
    debt: int = 0

    def copy(self) -> Account:
        return Account(self.kind, self.lots.copy(), self.dust.copy(), self.incomplete, self.debt)


Snapshot = dict[AccountKey, Account | None]  # None: the account did not exist


@dataclass(slots=True)
class BlockEffects:
    """What one block did to one trace.

    ``before`` holds each touched account as it was before the block: ``TraceState.restore(before)``
    undoes the block exactly.
    """

    hops: list[Hop] = field(default_factory=list)
    opened: list[AccountKey] = field(default_factory=list)  # first exposure in this block
    touched: set[AccountKey] = field(default_factory=set)
    incomplete: list[AccountKey] = field(default_factory=list)  # "history incomplete"
    before: Snapshot = field(default_factory=dict)


Prices = Mapping[str, int]  # asset -> value of ONE base unit in a common unit scaled by 10**36
Kinds = Mapping[str, AccountKind]  # address -> kind, for sourced or confirmed labels only
Assets = Mapping[str, AssetInfo]
Balances = Mapping[AccountKey, int | None]  # at the parent block; None: could not be read
Thresholds = Mapping[str, int]  # asset -> tainted base units from which a recipient is followed
Lots = Sequence[Lot]

# Transaction -> assets of which a bridge says in it that what is burnt goes on on another chain.
Bridged = Mapping[str, AbstractSet[str]]
NOTHING_BRIDGED: Bridged = {}

FEE_ADDRESS = "fee"  # the account part of sinks without an address: no chain writes one so
BURN_ADDRESS = "burn"
SEIZED_ADDRESS = "seized"  # what an issuer took: custody
CROSSING_ADDRESS = "crossing"  # burnt here to be minted on another chain
