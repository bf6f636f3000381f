"""A block's JSON-RPC answers to ordered movements. Pure: no node is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tracing.chains.base import Log
from tracing.chains.errors import BadAnswer
from tracing.chains.evm_json import (
    address,
    hash32,
    items,
    mapping,
    objects,
    optional_address,
    optional_quantity,
    quantity,
)
from tracing.chains.evm_logs import ZERO, TokenMove, read_log, smart_accounts, token_moves
from tracing.chains.evm_traces import BlockTrace, Destruction, read_traces
from tracing.core import caip
from tracing.core.types import BlockMovements, Movement, MovementKind, Transaction

GWEI = 10**9
_MOST = 2**256  # wei: no balance is higher, and no column

# From here on a SELFDESTRUCT removes only contracts of the same transaction (EIP-6780). Headers do
# not tell: some chains took that rule without the blobs that came with it.
CANCUN = {"eip155:1": 19_426_587}

# What the protocol pays whoever made a block or an uncle: not every tracer tells it, and nothing
# follows it. What else is paid may be anybody's money (Gnosis mints what comes over its bridge).
MADE_BLOCKS = frozenset({"block", "uncle", "emptyStep"})


@dataclass(slots=True)
class TxParts:
    """One transaction, put together from block, receipts and traces, each of which may lack."""

    index: int
    tx: str | None = None
    sender: str | None = None
    to: str | None = None
    value: int = 0
    ok: bool | None = None  # None: nobody said
    created: str | None = None
    fee: int = 0
    traced: bool = False
    top: tuple[str, str, int] | None = None
    inner: list[tuple[str, str, int]] = field(default_factory=list)
    destroyed: list[Destruction] = field(default_factory=list)
    minted: int = 0  # to the sender, by a deposit of the OP Stack, whatever comes of it
    logs: list[Log] = field(default_factory=list)
    contracts: set[str] = field(default_factory=set)

    def native(self) -> tuple[str, str, int] | None:
        """The value that the transaction itself carried, if it took effect."""
        if self.traced:
            return self.top
        to = self.to or self.created
        if self.ok is False or not self.value or self.sender is None or to is None:
            return None
        return self.sender, to, self.value


@dataclass(slots=True)
class BlockParts:
    """A block, put together. ``withdrawals``: (address, wei); ``rewards`` likewise."""

    number: int = 0
    hash: str = ""
    parent_hash: str = ""
    timestamp: int = 0
    transactions: list[TxParts] = field(default_factory=list)
    withdrawals: list[tuple[str, int]] = field(default_factory=list)
    rewards: list[tuple[str, int]] = field(default_factory=list)


def assemble(
    header: Mapping[str, Any] | None,
    receipts: Sequence[Mapping[str, Any]] | None,
    traces: Sequence[Mapping[str, Any]] | None,
) -> BlockParts:
    """Join what there is of a block. Raises BadAnswer where the parts contradict one another."""
    parts = BlockParts()
    by_index: dict[int, TxParts] = {}
    if header is not None:
        _read_header(header, parts, by_index)
    for receipt in receipts or ():
        _read_receipt(receipt, parts, by_index, whole=header is not None)
    if traces is not None:
        if traces and not parts.hash and "blockHash" in traces[0]:
            parts.hash = hash32(traces[0]["blockHash"], "a trace's block")
            parts.number = int(traces[0].get("blockNumber", 0))
        _join_traces(read_traces(traces), parts, by_index, whole=header is not None)
    parts.transactions = [by_index[index] for index in sorted(by_index)]
    return parts


def _read_header(
    header: Mapping[str, Any], parts: BlockParts, by_index: dict[int, TxParts]
) -> None:
    parts.number = quantity(header.get("number"), "the block's number")
    parts.hash = hash32(header.get("hash"), "the block's hash")
    parts.parent_hash = hash32(header.get("parentHash"), "the block's parent")
    parts.timestamp = quantity(header.get("timestamp"), "the block's timestamp")
    for index, tx in enumerate(items(header.get("transactions", []), "transactions")):
        if isinstance(tx, str):  # a block without its transactions' bodies
            by_index[index] = TxParts(index, hash32(tx, "a transaction's hash"))
            continue
        body = mapping(tx, "a transaction")
        by_index[index] = TxParts(
            index,
            hash32(body.get("hash"), "a transaction's hash"),
            address(body.get("from"), "a transaction's sender"),
            optional_address(body.get("to"), "a transaction's receiver"),
            quantity(body.get("value"), "a transaction's value"),
            minted=optional_quantity(body.get("mint"), "what a deposit mints"),
        )
    for entry in objects(header.get("withdrawals") or [], "a withdrawal"):
        amount = quantity(entry.get("amount"), "a withdrawal's amount") * GWEI
        if amount >= _MOST:
            raise BadAnswer("a withdrawal that no account can hold")
        parts.withdrawals.append((address(entry.get("address"), "a withdrawal's"), amount))


def _slot(by_index: dict[int, TxParts], index: int, tx: str | None, *, whole: bool) -> TxParts:
    """The transaction at a place, which has to be the one that ``tx`` names."""
    if index not in by_index:
        if whole:
            raise BadAnswer("something belongs to a transaction that the block does not have")
        by_index[index] = TxParts(index, tx)
    found = by_index[index]
    if tx is not None and found.tx is not None and found.tx != tx:
        raise BadAnswer("something belongs to another transaction than its place says")
    found.tx = found.tx or tx
    return found


def _read_receipt(
    receipt: Mapping[str, Any], parts: BlockParts, by_index: dict[int, TxParts], *, whole: bool
) -> None:
    block_hash = hash32(receipt.get("blockHash"), "a receipt's block")
    if parts.hash and block_hash != parts.hash:
        raise BadAnswer("a receipt of another block")
    if not parts.hash:
        parts.hash = block_hash
        parts.number = quantity(receipt.get("blockNumber"), "a receipt's block number")
    index = quantity(receipt.get("transactionIndex"), "a receipt's index")
    tx = hash32(receipt.get("transactionHash"), "a receipt's transaction")
    found = _slot(by_index, index, tx, whole=whole)
    found.sender = found.sender or address(receipt.get("from"), "a receipt's sender")
    found.to = found.to or optional_address(receipt.get("to"), "a receipt's receiver")
    found.created = optional_address(receipt.get("contractAddress"), "a created contract")
    if receipt.get("status") is not None:
        found.ok = quantity(receipt["status"], "a receipt's status") == 1
    price = optional_quantity(receipt.get("effectiveGasPrice"), "a gas price")
    blob_price = optional_quantity(receipt.get("blobGasPrice"), "a blob gas price")
    found.fee = (
        quantity(receipt.get("gasUsed"), "a receipt's gas") * price
        + optional_quantity(receipt.get("blobGasUsed"), "a receipt's blob gas") * blob_price
        + optional_quantity(receipt.get("l1Fee"), "a rollup's fee")
    )
    if found.fee >= _MOST:
        raise BadAnswer("a fee that no account can pay")
    found.logs = [read_log(log) for log in objects(receipt.get("logs") or [], "a log")]
    for log in found.logs:
        if log.block_hash != block_hash or log.tx != tx:
            raise BadAnswer("a log of another block or transaction")
        found.contracts.add(log.address)
    if found.ok is not False and found.created is not None:
        found.contracts.add(found.created)


def _join_traces(
    traced: BlockTrace, parts: BlockParts, by_index: dict[int, TxParts], *, whole: bool
) -> None:
    for trace in traced.transactions:
        found = _slot(by_index, trace.index, trace.tx, whole=whole)
        if found.ok is not None and found.ok != trace.ok:
            raise BadAnswer("a trace and a receipt disagree on whether a transaction failed")
        found.ok, found.traced = trace.ok, True
        found.top, found.inner, found.destroyed = trace.top, trace.inner, trace.destroyed
        found.sender, found.to = found.sender or trace.sender, found.to or trace.to
        found.contracts |= trace.contracts
    for who, amount, kind in traced.rewards:
        if kind == "withdrawal":
            if not whole:  # the block itself lists them otherwise
                parts.withdrawals.append((who, amount))
        elif not whole or kind not in MADE_BLOCKS:
            parts.rewards.append((who, amount))


def to_movements(
    chain: str, parts: BlockParts, *, fees: bool = True, wrappers: bool = True
) -> BlockMovements:
    """Ordered movements: per transaction its fee, its value, internal values, then tokens."""
    native = caip.native_asset(chain)
    transactions: list[Transaction] = []
    since_cancun = parts.number >= CANCUN.get(chain, 0)
    position = 0
    for tx in parts.transactions:
        movements: list[Movement] = []
        for kind, asset, frm, to, amount, token_id in _moves(
            chain, native, tx, wrappers=wrappers, since_cancun=since_cancun
        ):
            if kind is MovementKind.FEE and not fees:
                continue
            movements.append(Movement(position, kind, asset, frm, to, amount, token_id))
            position += 1
        name = tx.tx or f"block:{parts.hash}:{tx.index}"
        # whoever signs is no pool, whatever code it has: EIP-7702 gives code to ordinary accounts
        people = smart_accounts(tx.logs) | ({tx.sender} if tx.sender is not None else set())
        transactions.append(
            Transaction(
                name,
                tx.index,
                tx.sender,
                tx.to,
                tuple(movements),
                frozenset(tx.contracts),
                frozenset(people),
            )
        )
    last = []
    for kind, pairs in (
        (MovementKind.WITHDRAWAL, parts.withdrawals),
        (MovementKind.MINT, parts.rewards),
    ):
        for who, amount in pairs:
            last.append(Movement(position, kind, native, None, who, amount))
            position += 1
    if last:
        index = parts.transactions[-1].index + 1 if parts.transactions else 0
        transactions.append(Transaction(f"block:{parts.hash}", index, None, None, tuple(last)))
    return BlockMovements(
        chain,
        parts.number,
        parts.hash,
        parts.parent_hash,
        parts.timestamp,
        tuple(transactions),
    )


_Move = tuple[MovementKind, str, str | None, str | None, int, int | None]


def _moves(
    chain: str, native: str, tx: TxParts, *, wrappers: bool, since_cancun: bool
) -> Iterator[_Move]:
    if tx.minted and tx.sender is not None:
        yield MovementKind.MINT, native, None, tx.sender, tx.minted, None
    if tx.fee and tx.sender is not None:
        yield MovementKind.FEE, native, tx.sender, None, tx.fee, None
    top = tx.native()
    if top is not None:
        yield MovementKind.NATIVE, native, top[0], top[1], top[2], None
    for frm, to, amount in tx.inner:
        yield MovementKind.INTERNAL, native, frm, to, amount, None
    for who, amount in _burned(tx, since_cancun=since_cancun):
        yield MovementKind.BURN, native, who, None, amount, None
    if tx.ok is False:
        return
    moves = list(token_moves(tx.logs))
    for move in moves:
        if move.standard in ("deposit", "withdrawal"):
            if wrappers and _wraps(move, moves, tx):
                asset = caip.erc20(chain, move.contract)
                yield _token(move, asset, MovementKind.TOKEN)
        elif move.standard == "erc20":
            yield _token(move, caip.erc20(chain, move.contract), MovementKind.TOKEN)
        else:
            name = caip.erc721 if move.standard == "erc721" else caip.erc1155
            asset = name(chain, move.contract, move.token_id or 0)
            yield _token(move, asset, MovementKind.NFT)


def _burned(tx: TxParts, *, since_cancun: bool) -> Iterator[tuple[str, int]]:
    """What vanishes with contracts that are removed: what they left to themselves, and what came
    to them later in the transaction."""
    removed = [one for one in tx.destroyed if one.fresh or not since_cancun]
    for who in dict.fromkeys(one.address for one in removed):
        own = [one for one in removed if one.address == who]
        later = tx.inner[own[-1].after :]
        came = sum(((to == who) - (frm == who)) * amount for frm, to, amount in later)
        amount = sum(one.to_itself for one in own) + came
        if amount > 0:
            yield who, amount


def _token(move: TokenMove, asset: str, kind: MovementKind) -> _Move:
    frm = None if move.frm == ZERO else move.frm
    to = None if move.to == ZERO else move.to
    if kind is MovementKind.TOKEN and (frm is None) != (to is None):
        kind = MovementKind.MINT if frm is None else MovementKind.BURN
    return kind, asset, frm, to, move.amount, move.token_id


def _wraps(move: TokenMove, moves: Sequence[TokenMove], tx: TxParts) -> bool:
    """Whether a Deposit or Withdrawal log is a wrapper's: other contracts use the same events.

    The native value must have moved too, and the contract must not have logged the mint or burn
    as a Transfer already. Without traces the value cannot be seen; the log is believed.
    """
    for other in moves:
        if (
            other.standard == "erc20"
            and (other.contract, other.amount) == (move.contract, move.amount)
            and (other.frm, other.to) == (move.frm, move.to)
        ):
            return False
    if not tx.traced:
        return True
    top = tx.native()
    values = [*tx.inner, *([top] if top is not None else [])]
    side = 1 if move.standard == "deposit" else 0
    return any(value[side] == move.contract and value[2] == move.amount for value in values)
