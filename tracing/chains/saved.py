"""A block saved as JSON-RPC answers: what support gets, and how completeness is proved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import orjson

from tracing.chains import shipped
from tracing.chains.errors import BadAnswer
from tracing.chains.evm_decode import assemble, to_movements
from tracing.chains.evm_json import objects
from tracing.core.caip import parse_chain
from tracing.core.errors import InvalidIdentifier
from tracing.core.types import BlockMovements, Movement, MovementKind, Transaction

ZERO = "0x" + "00" * 20

# Names by which people call chains; any CAIP-2 identifier of an EVM chain works too.
CHAINS = shipped.names()

_OUTPUT_KINDS = {
    MovementKind.MINT: "token",
    MovementKind.BURN: "token",
}

# "from" is no name for a class's field, hence the call form
TransferRow = TypedDict(
    "TransferRow",
    {
        "kind": str,
        "tx": str,
        "position": int,
        "from": str | None,
        "to": str | None,
        "asset": str,
        "amount": str,
        "token_id": str | None,
    },
)


def unwrap(text: bytes) -> Any:
    """The result in a file: bare, a JSON-RPC response, or a list of {request, response}.

    Raises BadAnswer for what is none of these, and for a response that is an error.
    """
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"not JSON: {error}") from None
    if isinstance(found, list) and found and isinstance(found[0], dict) and "response" in found[0]:
        answers = [entry["response"] for entry in found if "result" in entry.get("response", {})]
        if len(answers) != 1:
            raise BadAnswer(f"one answered request is needed, found {len(answers)}")
        found = answers[0]
    if isinstance(found, dict) and ("jsonrpc" in found or set(found) <= {"id", "result", "error"}):
        if found.get("error") is not None or found.get("result") is None:
            raise BadAnswer("the response holds no result")
        found = found["result"]
    return found


def decode_saved(
    chain: str, block: bytes | None, receipts: bytes | None, traces: bytes | None
) -> BlockMovements:
    """Movements of a saved block, from at least one of its three parts."""
    chain = str(parse_chain(CHAINS.get(chain, chain)))
    if not chain.startswith("eip155:"):
        raise InvalidIdentifier("chain", "Only blocks of EVM chains can be decoded.")
    header = None if block is None else unwrap(block)
    if header is not None and not isinstance(header, Mapping):
        raise BadAnswer("the block is not an object")
    parts = assemble(
        header,
        None if receipts is None else objects(unwrap(receipts), "a receipt"),
        None if traces is None else objects(unwrap(traces), "a trace"),
    )
    return to_movements(chain, parts, fees=False, wrappers=False)


def transfer_rows(block: BlockMovements) -> list[TransferRow]:
    """Transfers as JSON. Rewards of the protocol are not transfers and are left out."""
    return [
        _row(tx, movement)
        for tx in block.transactions
        for movement in tx.movements
        if not (movement.kind is MovementKind.MINT and "/slip44:" in movement.asset)
    ]


def _kind(movement: Movement, *, native: bool) -> str:
    if native and movement.kind is MovementKind.BURN:
        return MovementKind.INTERNAL.value
    return _OUTPUT_KINDS.get(movement.kind, movement.kind.value)


def _row(tx: Transaction, movement: Movement) -> TransferRow:
    native = "/slip44:" in movement.asset  # burnt with the contract that held it
    token = not native and movement.kind in (*_OUTPUT_KINDS, MovementKind.TOKEN)
    nobody = ZERO if token or movement.kind is MovementKind.NFT else None
    return {
        "kind": _kind(movement, native=native),
        "tx": tx.tx,
        "position": movement.position,
        "from": movement.frm if movement.frm is not None else nobody,
        "to": movement.to if movement.to is not None else nobody,
        "asset": movement.asset,
        "amount": str(movement.amount),
        "token_id": None if movement.token_id is None else str(movement.token_id),
    }
