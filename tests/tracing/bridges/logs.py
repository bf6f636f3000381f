"""Logs for tests: built from a declaration and values, or real ones recorded beside us."""

from __future__ import annotations

from functools import cache
from typing import Any

from eth_abi.abi import encode

from tests.tracing.chains.recorded import result
from tracing.bridges import Receipt, registry
from tracing.bridges._events import Event
from tracing.core.logs import Log

E1, ARB, OP, BASE, POLYGON = "eip155:1", "eip155:42161", "eip155:10", "eip155:8453", "eip155:137"
TX = "0x" + "ab" * 32
ALICE = "0x" + "a1" * 20
BOB = "0x" + "b0" * 20
TOKEN = "0x" + "70" * 20
ETHER = 10**18


def word(address: str) -> bytes:
    """An EVM address in 32 bytes."""
    return bytes(12) + bytes.fromhex(address[2:])


def event_of(slug: str, name: str) -> Event:
    return registry()[slug].facts.events[name]


def log_of(event: Event, address: str, values: dict[str, Any], *, index: int = 0) -> Log:
    """What a contract would log."""
    topics = [event.topic]
    for param in event.params:
        if param.indexed:
            topics.append("0x" + encode([param.type], [values[param.name]]).hex())
    plain = [param for param in event.params if not param.indexed]
    data = encode([param.type for param in plain], [values[param.name] for param in plain])
    return Log(address, tuple(topics), "0x" + data.hex(), TX, index)


def contract_of(slug: str, chain: str, role: str = "", *, partner: str = "") -> str:
    """A contract of the bridge on that chain, by role."""
    for address, contract in registry()[slug].facts.contracts[chain].items():
        if (not role or contract.role == role) and (not partner or contract.partner == partner):
            return address
    raise LookupError((slug, chain, role))


def own_log(
    slug: str, name: str, chain: str, role: str, values: dict[str, Any], *, index: int = 0
) -> Log:
    return log_of(event_of(slug, name), contract_of(slug, chain, role), values, index=index)


def receipt_of(chain: str, *logs: Log, tx: str = TX, **told: Any) -> Receipt:
    return Receipt(
        chain=chain, tx=tx, sender=ALICE, to=logs[0].address if logs else None, logs=logs, **told
    )


@cache
def recorded_receipts(name: str) -> list[Receipt]:
    """Every transaction of a recorded block, of Ethereum."""
    return [_receipt(row) for row in result(name)]


def _receipt(row: dict[str, Any]) -> Receipt:
    logs = [
        Log(
            log["address"].lower(),
            tuple(topic.lower() for topic in log["topics"]),
            log["data"].lower(),
            log["transactionHash"],
            int(log["logIndex"], 16),
        )
        for log in row["logs"]
    ]
    return Receipt(E1, row["transactionHash"], row["from"], row["to"], logs)
