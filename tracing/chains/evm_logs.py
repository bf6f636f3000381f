"""Token movements from event logs, sliced by hand: topics and data are fixed-width words.

A log that does not fit exactly is somebody's own format and is left out, never guessed at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracing.chains.base import Log
from tracing.chains.errors import BadAnswer
from tracing.chains.evm_json import address, data, hash32, items, quantity

# Event signatures: keccak256 of what is written beside them.
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
# Transfer(address,address,uint256), ERC-20 and ERC-721
TRANSFER_SINGLE = "0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62"
# TransferSingle(address,address,address,uint256,uint256), ERC-1155
TRANSFER_BATCH = "0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb"
# TransferBatch(address,address,address,uint256[],uint256[]), ERC-1155
DEPOSIT = "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c"
# Deposit(address,uint256), wrapped native assets
WITHDRAWAL = "0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65"
# Withdrawal(address,uint256), wrapped native assets

USER_OPERATION = "0x49628fd1471006c1482da88028e9ce4dbb080b815c9b0344d39e5a8e6ec1419f"
# UserOperationEvent(bytes32,address,address,uint256,bool,uint256,uint256), ERC-4337
# The EntryPoints 0.6, 0.7 and 0.8 of ERC-4337, at the same address on every chain (releases of
# eth-infinitism/account-abstraction). Anybody can log the event; theirs alone is believed.
ENTRY_POINTS = frozenset(
    {
        "0x5ff137d4b0fdcd49dca30c7cf57e578a026d2789",
        "0x0000000071727de22e5e9d8baf0edac6f37da032",
        "0x4337084d9e255ff0702461cf8895ce9e3b5ff108",
    }
)

# EIP-7708 and its trials log native transfers as tokens of these addresses; traces count them.
NATIVE_LOGGERS = frozenset({"0x" + "ff" * 19 + "fe", "0x" + "ff" * 20})

ZERO = "0x" + "00" * 20
_CLEAN = "0x" + "00" * 12  # the empty half of a word that holds an address
_WORD = 32
_MAX_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class TokenMove:
    """One unit of token movement. ``standard``: erc20, erc721, erc1155, deposit, withdrawal.

    ``to`` of a deposit and ``frm`` of a withdrawal are who holds the wrapped asset.
    """

    standard: str
    contract: str
    frm: str
    to: str
    amount: int
    token_id: int | None = None


def read_log(entry: Mapping[str, Any]) -> Log:
    """A log's fields, checked. Raises BadAnswer."""
    topics = tuple(hash32(topic, "a topic") for topic in items(entry.get("topics"), "topics"))
    if len(topics) > 4:
        raise BadAnswer("a log with more than four topics")
    return Log(
        address(entry.get("address"), "a log's address"),
        topics,
        data(entry.get("data", "0x"), "a log's data"),
        hash32(entry.get("transactionHash"), "a log's transaction"),
        quantity(entry.get("logIndex"), "a log's index"),
        hash32(entry.get("blockHash"), "a log's block"),
        quantity(entry.get("blockNumber"), "a log's block number"),
    )


def token_moves(logs: Iterable[Log]) -> Iterator[TokenMove]:
    """Movements in the order of their logs."""
    for log in logs:
        if log.topics and log.address not in NATIVE_LOGGERS:
            yield from _decode(log)


def smart_accounts(logs: Iterable[Log]) -> set[str]:
    """Accounts of people (ERC-4337) on whose behalf a transaction ran, whoever sent it."""
    found = set()
    for log in logs:
        if log.address in ENTRY_POINTS and len(log.topics) == 4 and log.topics[0] == USER_OPERATION:
            account = _party(log.topics[2])
            if account is not None:
                found.add(account)
    return found


def _decode(log: Log) -> Sequence[TokenMove]:
    signature, *args = log.topics
    if signature == TRANSFER:
        return _transfer(log, args)
    if signature in (TRANSFER_SINGLE, TRANSFER_BATCH):
        parties = [_party(topic) for topic in args]
        if len(parties) != 3 or None in parties:
            return ()
        pairs = _single(log.data) if signature == TRANSFER_SINGLE else _batch(log.data)
        frm, to = str(parties[1]), str(parties[2])
        return [TokenMove("erc1155", log.address, frm, to, n, token) for token, n in pairs]
    if signature in (DEPOSIT, WITHDRAWAL) and len(args) == 1 and len(log.data) == _WORD:
        who, amount = _party(args[0]), int.from_bytes(log.data)
        if who is not None and signature == DEPOSIT:
            return (TokenMove("deposit", log.address, ZERO, who, amount),)
        if who is not None:
            return (TokenMove("withdrawal", log.address, who, ZERO, amount),)
    return ()


def _transfer(log: Log, args: Sequence[str]) -> Sequence[TokenMove]:
    parties = [_party(topic) for topic in args[:2]]
    if len(parties) != 2 or parties[0] is None or parties[1] is None:
        return ()
    if len(args) == 2 and len(log.data) == _WORD:
        amount = int.from_bytes(log.data)
        return (TokenMove("erc20", log.address, parties[0], parties[1], amount),)
    if len(args) == 3 and not log.data:
        token = int(args[2], 16)
        return (TokenMove("erc721", log.address, parties[0], parties[1], 1, token),)
    return ()


def _party(topic: str) -> str | None:
    return "0x" + topic[26:] if topic.startswith(_CLEAN) else None


def _single(body: bytes) -> list[tuple[int, int]]:
    if len(body) != 2 * _WORD:
        return []
    return [(int.from_bytes(body[:_WORD]), int.from_bytes(body[_WORD:]))]


def _batch(body: bytes) -> list[tuple[int, int]]:
    if len(body) < 4 * _WORD:
        return []
    ids = _array(body, int.from_bytes(body[:_WORD]))
    amounts = _array(body, int.from_bytes(body[_WORD : 2 * _WORD]))
    if ids is None or amounts is None or len(ids) != len(amounts):
        return []
    return list(zip(ids, amounts, strict=True))


def _array(body: bytes, offset: int) -> list[int] | None:
    """An ABI-encoded uint256[] at an offset; None where it does not fit into the data."""
    if offset > len(body) - _WORD:
        return None
    length = int.from_bytes(body[offset : offset + _WORD])
    start = offset + _WORD
    if length > _MAX_BATCH or start + length * _WORD > len(body):
        return None
    return [
        int.from_bytes(body[at : at + _WORD]) for at in range(start, start + length * _WORD, _WORD)
    ]
