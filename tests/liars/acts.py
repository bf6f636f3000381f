"""What people do on the made-up chain: pay, pay in tokens, split, fail, make and end contracts."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

import rlp
from eth_utils import keccak

from tests.liars.ledger import Act, Frame, Outcome, State, transfer_call, transfer_event
from tests.liars.people import (
    ETHER,
    EXCHANGE,
    KEEPERS,
    LIBRARY,
    MULE_A,
    MULE_B,
    SPLITTER,
    STRANGER,
    THIEF,
    TOKEN,
    VAULT,
    VICTIM,
)

RESERVE = ETHER // 10  # what a sender keeps for fees
_EVERYBODY = (MULE_A, MULE_B, EXCHANGE, STRANGER, THIEF, *KEEPERS)


def _pay(act: Act, state: State) -> Outcome:
    return Outcome(act.to, act.value, b"", Frame("CALL", act.sender, act.to, act.value), 21_000)


def _token(act: Act, state: State) -> Outcome:
    root = Frame("CALL", act.sender, TOKEN, 0)
    event = transfer_event(act.sender, act.to, act.value)
    return Outcome(TOKEN, 0, transfer_call(act.to, act.value), root, 52_000, (event,))


def _split(act: Act, state: State) -> Outcome:
    """Half to ``act.to``, a quarter through a library, a quarter refused and so kept."""
    half, quarter = act.value // 2, act.value // 4
    calls = (
        Frame("CALL", SPLITTER, act.to, half),
        Frame(
            "DELEGATECALL",
            SPLITTER,
            LIBRARY,
            act.value,
            calls=(Frame("CALL", SPLITTER, KEEPERS[0], quarter),),
        ),
        Frame(
            "CALL",
            SPLITTER,
            VAULT,
            quarter,
            error="execution reverted",
            calls=(Frame("CALL", VAULT, KEEPERS[1], quarter),),
        ),
    )
    root = Frame("CALL", act.sender, SPLITTER, act.value, calls=calls)
    return Outcome(SPLITTER, act.value, b"\x01" + bytes.fromhex(act.to[2:]), root, 110_000)


def _fail(act: Act, state: State) -> Outcome:
    """The transaction itself is refused; only its fee is paid."""
    inner = (Frame("CALL", SPLITTER, act.to, act.value),)
    root = Frame("CALL", act.sender, SPLITTER, act.value, "execution reverted", inner)
    return Outcome(SPLITTER, act.value, b"\x02", root, 60_000)


def _create(act: Act, state: State) -> Outcome:
    """A contract that is born with money, and pays half of it on from its constructor."""
    made = "0x" + _made_by(act.sender, state.nonces.get(act.sender, 0)).hex()
    root = Frame(
        "CREATE",
        act.sender,
        made,
        act.value,
        calls=(Frame("CALL", made, act.to, act.value // 2),),
    )
    return Outcome(None, act.value, b"\x60\x00", root, 90_000, created=made)


def _end(act: Act, state: State) -> Outcome:
    """The vault is paid, and leaves everything it has to ``act.to``."""
    legacy = state.native.get(VAULT, 0) + act.value
    root = Frame(
        "CALL",
        act.sender,
        VAULT,
        act.value,
        calls=(Frame("SELFDESTRUCT", VAULT, act.to, legacy),),
    )
    return Outcome(VAULT, act.value, b"\x03", root, 45_000)


def _loot(act: Act, state: State) -> Outcome:
    """The theft: ether through a contract, and a twentieth of the sender's tokens."""
    root = Frame(
        "CALL",
        act.sender,
        SPLITTER,
        act.value,
        calls=(Frame("CALL", SPLITTER, act.to, act.value),),
    )
    event = transfer_event(act.sender, act.to, state.token.get(act.sender, 0) // 20)
    return Outcome(SPLITTER, act.value, b"\x04", root, 150_000, (event,))


EXECUTE: Mapping[str, Callable[[Act, State], Outcome]] = {
    "pay": _pay,
    "token": _token,
    "split": _split,
    "fail": _fail,
    "create": _create,
    "end": _end,
    "loot": _loot,
}
_WEIGHTS = {"pay": 6, "token": 5, "split": 4, "fail": 1, "create": 1, "end": 2}


def _made_by(sender: str, nonce: int) -> bytes:
    return keccak(rlp.encode([bytes.fromhex(sender[2:]), nonce]))[12:]


def draw(chance: random.Random, state: State, most: int) -> list[Act]:
    """Up to ``most`` acts that their senders can afford, the thief's more often than others'."""
    acts: list[Act] = []
    left, tokens = dict(state.native), dict(state.token)
    for _ in range(chance.randint(0, most)):
        sender = chance.choice((THIEF, THIEF, MULE_A, MULE_B, STRANGER, VICTIM))
        kind = chance.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]
        held = tokens if kind == "token" else left
        free = held.get(sender, 0) - (0 if kind == "token" else 2 * RESERVE)
        if left.get(sender, 0) < 2 * RESERVE or free <= 0:
            continue
        value = max(1, free // chance.choice((2, 3, 4, 7, 50, 900)))
        to = chance.choice([who for who in _EVERYBODY if who != sender])
        acts.append(Act(kind, sender, to, value))
        held[sender] -= value
        left[sender] -= RESERVE // 10  # fees
    return acts
