"""What a block's header commits to, computed again from the node's own words. Pure.

A failed check is a `Contradicted`: the pieces name the same block and cannot all be true, which an
honest node never says. What lacks, lags, or is of a kind not known here is a plain `BadAnswer`:
refused, and nobody is blamed. docs/adr/0018-what-can-be-recomputed.md says which chain declares
what, and why.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from tracing.chains import evm_rlp
from tracing.chains.base import RawBlock
from tracing.chains.errors import BadAnswer, Contradicted
from tracing.chains.evm_checks import bloom_of_logs
from tracing.chains.evm_follows import check_follows
from tracing.chains.evm_header import FIELDS, header_hash, is_not_sealed, is_of_a_later_fork
from tracing.chains.evm_json import address, data, hash32, objects, quantity
from tracing.chains.evm_signed import DEPOSIT, TYPES, Signed, read_signed, type_of
from tracing.chains.evm_trie import ordered_root
from tracing.chains.quorum import LONGEST_ANSWER, Contradiction

HEADER = "header"  # the block's hash is that of its header
TRANSACTIONS = "transactions"  # the header's root, and each transaction's own hash
RECEIPTS = "receipts"  # the header's root: who failed, gas, logs
WITHDRAWALS = "withdrawals"  # the header's root
SENDERS = "senders"  # each transaction's sender is who signed it
NAMES = (HEADER, TRANSACTIONS, RECEIPTS, WITHDRAWALS, SENDERS)

_HEX = re.compile(r"0x[0-9a-fA-F]*")
_TX_FIELDS = ("hash", "from", "to", "value", "nonce", "type", "gas", "input", "v", "r", "s")
_DEPOSIT_FIELDS = ("depositNonce", "depositReceiptVersion")
_LOG_FIELDS = ("address", "topics", "data")
_RECEIPT_FIELDS = (
    "transactionHash",
    "type",
    "status",
    "root",
    "cumulativeGasUsed",
    "logs",
    *_DEPOSIT_FIELDS,
)
_WITHDRAWAL_FIELDS = ("index", "validatorIndex", "address", "amount")


def declared(commitments: Collection[str]) -> frozenset[str]:
    """The names as a set. Raises ValueError for a name that is none."""
    found = frozenset(commitments)
    if not found.issubset(NAMES):
        raise ValueError(f"no such commitments: {sorted(found.difference(NAMES))}")
    return found


def check(raw: RawBlock, commitments: Collection[str]) -> None:
    """Raises Contradicted where a piece of the block is not what the block commits to, and
    BadAnswer where a piece that is needed to tell is absent or of an unknown kind."""
    check_header(raw.header, commitments)
    if TRANSACTIONS in commitments or SENDERS in commitments:
        _check_transactions(raw, commitments)
    if WITHDRAWALS in commitments:
        _check_withdrawals(raw)
    if RECEIPTS in commitments and raw.receipts is not None:
        _check_receipts(raw, raw.receipts)
        if TRANSACTIONS in commitments:
            check_follows(raw.header, raw.receipts)


def check_header(header: Mapping[str, Any], commitments: Collection[str]) -> None:
    """The same for a header alone, with or without its transactions."""
    if HEADER not in commitments:
        return
    claimed, computed = hash32(header.get("hash"), "the block's hash"), header_hash(header)
    if claimed != computed:
        if is_of_a_later_fork(header):
            raise BadAnswer("the header has fields that are not known here, so nobody can hash it")
        if is_not_sealed(header):
            raise BadAnswer("a block that is still being made")
        number = quantity(header.get("number"), "the block's number")
        raise _contradicted("header-hash", number, claimed, computed, _cut(header, FIELDS))


def _check_transactions(raw: RawBlock, commitments: Collection[str]) -> None:
    found = objects(raw.header.get("transactions"), "a transaction")
    number = raw.head.number
    signed = [read_signed(tx) for tx in found]
    if TRANSACTIONS in commitments:
        for tx, bytes_of in zip(found, signed, strict=True):
            claimed = hash32(tx.get("hash"), "a transaction's hash")
            computed = "0x" + bytes_of.hash.hex()
            if claimed != computed:
                answer = _cut(tx, _TX_FIELDS)
                raise _contradicted("transaction-hash", number, claimed, computed, answer)
        encoded = [bytes_of.encoded for bytes_of in signed]
        _check_root(raw, "transactionsRoot", "transactions-root", encoded, found, _TX_FIELDS)
    if SENDERS in commitments:
        _check_senders(raw, found, signed)


def _check_senders(
    raw: RawBlock, found: Sequence[Mapping[str, Any]], signed: Sequence[Signed]
) -> None:
    receipts = raw.receipts if raw.receipts is not None else [{}] * len(found)
    if len(receipts) != len(found):
        raise BadAnswer(f"{len(receipts)} receipts for {len(found)} transactions")
    for tx, bytes_of, receipt in zip(found, signed, receipts, strict=True):
        signer = bytes_of.sender() or "nobody"
        for teller in (tx, receipt):
            if teller is receipt and "from" not in receipt:
                continue
            claimed = address(teller.get("from"), "a transaction's sender")
            if claimed != signer:
                answer = _cut(tx, _TX_FIELDS)
                raise _contradicted("sender", raw.head.number, claimed, signer, answer)


def _check_withdrawals(raw: RawBlock) -> None:
    claimed = raw.header.get("withdrawalsRoot")
    withdrawals = objects(raw.header.get("withdrawals") or [], "a withdrawal")
    if claimed is None:
        if withdrawals:
            raise BadAnswer("withdrawals in a block that commits to none")
        return
    if raw.header.get("withdrawals") is None:
        raise BadAnswer("the block's withdrawals are absent")
    encoded = [_withdrawal(entry) for entry in withdrawals]
    _check_root(
        raw, "withdrawalsRoot", "withdrawals-root", encoded, withdrawals, _WITHDRAWAL_FIELDS
    )


def _withdrawal(entry: Mapping[str, Any]) -> bytes:
    """EIP-4895; the amount is in Gwei."""
    who = bytes.fromhex(address(entry.get("address"), "a withdrawal's address")[2:])
    index, validator, amount = (
        evm_rlp.integer(quantity(entry.get(field), f"a withdrawal's {field}"))
        for field in ("index", "validatorIndex", "amount")
    )
    return evm_rlp.sequence((index, validator, evm_rlp.string(who), amount))


def _check_receipts(raw: RawBlock, receipts: Sequence[Mapping[str, Any]]) -> None:
    """Honest nodes of some programs do not keep the state root that a receipt had before Byzantium
    and tell a status instead: their receipts of that age cannot be checked, only refused. So with
    deposits that lack what has been hashed with them since the OP Stack's Canyon."""
    try:
        with_roots = [_receipt(entry, by_root=True) for entry in receipts]
        _check_root(raw, "receiptsRoot", "receipts-root", with_roots, receipts, _RECEIPT_FIELDS)
    except Contradicted:
        if any(entry.get("root") is not None for entry in receipts):
            by_status = [_receipt(entry, by_root=False) for entry in receipts]
            _check_root(raw, "receiptsRoot", "receipts-root", by_status, receipts, _RECEIPT_FIELDS)
            return
        if raw.header.get("baseFeePerGas") is None or not all(map(_is_whole, receipts)):
            raise BadAnswer(
                "receipts do not fill the root, and may lack what it is made of"
            ) from None
        if raw.header.get("blockAccessListHash") is not None:
            raise BadAnswer("receipts of a fork on which nobody has checked this") from None
        raise


def _receipt(entry: Mapping[str, Any], *, by_root: bool) -> bytes:
    kind = type_of(entry)
    if kind not in TYPES:
        raise BadAnswer(f"a receipt of type {kind:#x}, whose bytes are not known here")
    outcome = entry.get("root") if by_root else None
    if outcome is None:
        status = quantity(entry.get("status"), "a receipt's status")
        if status > 1:
            raise BadAnswer("a receipt's status is neither success nor failure")
        first = evm_rlp.integer(status)
    else:
        first = evm_rlp.string(data(outcome, "a receipt's root"))
    logs = objects(entry.get("logs"), "a log")
    parts = [
        first,
        evm_rlp.integer(quantity(entry.get("cumulativeGasUsed"), "a receipt's gas")),
        evm_rlp.string(bloom_of_logs(logs).to_bytes(256)),
        evm_rlp.sequence(map(_log, logs)),
    ]
    if kind == DEPOSIT and _is_whole(entry):
        for field in _DEPOSIT_FIELDS:
            parts.append(evm_rlp.integer(quantity(entry.get(field), field)))
    body = evm_rlp.sequence(parts)
    return bytes((kind,)) + body if kind else body


def _is_whole(receipt: Mapping[str, Any]) -> bool:
    if type_of(receipt) != DEPOSIT:
        return True
    return all(receipt.get(field) is not None for field in _DEPOSIT_FIELDS)


def _log(entry: Mapping[str, Any]) -> bytes:
    topics = entry.get("topics")
    if not isinstance(topics, list):
        raise BadAnswer("topics is not a list")
    return evm_rlp.sequence(
        (
            evm_rlp.string(bytes.fromhex(address(entry.get("address"), "a log's address")[2:])),
            evm_rlp.sequence(b"\xa0" + bytes.fromhex(hash32(t, "a topic")[2:]) for t in topics),
            evm_rlp.string(data(entry.get("data", "0x"), "a log's data")),
        )
    )


def _check_root(
    raw: RawBlock,
    field: str,
    kind: str,
    encoded: Sequence[bytes],
    entries: Sequence[Mapping[str, Any]],
    fields: Collection[str],
) -> None:
    claimed = hash32(raw.header.get(field), field)
    computed = "0x" + ordered_root(encoded).hex()
    if claimed != computed:
        answer = "[" + ",".join(_cut(entry, fields) for entry in entries) + "]"
        raise _contradicted(kind, raw.head.number, claimed, computed, answer)


def _contradicted(kind: str, number: int, claimed: str, computed: str, answer: str) -> Contradicted:
    return Contradicted(Contradiction(kind, number, claimed, computed, answer[:LONGEST_ANSWER]))


def _cut(entry: Mapping[str, Any], fields: Collection[str]) -> str:
    """The fields that were computed with, as JSON, and of their values only what is hexadecimal:
    an endpoint can write anything anywhere, its own address too."""
    return orjson.dumps(
        {field: _clean(entry[field]) for field in fields if field in entry}
    ).decode()


def _clean(value: Any, depth: int = 3) -> Any:
    """``depth``: logs, a log, topics; what is nested deeper is no part of any field."""
    if isinstance(value, dict) and depth:
        return {field: _clean(value[field], depth - 1) for field in _LOG_FIELDS if field in value}
    if isinstance(value, list) and depth:
        return [_clean(item, depth - 1) for item in value]
    is_hex = isinstance(value, str) and _HEX.fullmatch(value)
    return value if value is None or is_hex else "?"
