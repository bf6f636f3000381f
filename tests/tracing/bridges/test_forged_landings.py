"""What an attacker can make a bridge's own contract say on the far side, and what it is worth."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tracing.bridges.logs import (
    ALICE,
    BASE,
    BOB,
    E1,
    TOKEN,
    contract_of,
    event_of,
    log_of,
    own_log,
    receipt_of,
    word,
)
from tests.tracing.bridges.routes import transfer
from tests.tracing.bridges.samples import FAR_TX, USDC, across, wormhole
from tracing.bridges import Landing, departures, landings
from tracing.bridges._words import ZERO
from tracing.core.crossings import Certainty, Reason, Seen, match

DEPOSIT = {
    "inputToken": word(USDC), "outputToken": word(TOKEN), "inputAmount": 1000,
    "outputAmount": 990, "depositId": 77, "fillDeadline": 2, "exclusivityDeadline": 0,
    "depositor": word(ALICE), "recipient": word(BOB), "exclusiveRelayer": bytes(32),
    "repaymentChainId": 1, "originChainId": 1, "relayer": word(TOKEN), "messageHash": bytes(32),
    "relayExecutionInfo": (word(BOB), bytes(32), 990, 0),
}  # fmt: skip


def fill(**changes: Any) -> Landing:
    log = own_log("across", "FilledRelay", BASE, "", DEPOSIT | changes)
    (came,) = landings(receipt_of(BASE, log, tx=FAR_TX)).found
    return came


def verdict(*came: Landing) -> list[Certainty]:
    (left,) = departures(across().near).found
    return [one.certainty for one in match(left, 1000, [Seen(one, 1060) for one in came])]


def test_true_fill_is_certain() -> None:
    assert verdict(fill()) == [Certainty.CERTAIN]


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": word(ALICE)},
        {"outputAmount": 1, "relayExecutionInfo": (word(BOB), bytes(32), 1, 0)},
        {"inputAmount": 1},
        {"inputToken": word(TOKEN)},
        {"depositor": word(BOB)},
        {"fillDeadline": 3},
        {"messageHash": b"\x01" * 32},
        {"exclusiveRelayer": word(BOB)},
    ],
)
def test_fill_of_a_made_up_deposit_under_a_true_number_is_nothing(changes: dict[str, Any]) -> None:
    """The pool takes such a fill: it pays the relayer back only after it has looked."""
    assert verdict(fill(**changes)) == []
    assert verdict(fill(**changes), fill()) == [Certainty.CERTAIN]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"outputToken": word(ALICE)}, Reason.OTHER_ASSET),
        ({"relayExecutionInfo": (word(ALICE), bytes(32), 1, 0)}, Reason.OTHER_AMOUNT),
    ],
)
def test_fill_that_pays_less_or_otherwise_is_only_probable(
    changes: dict[str, Any], reason: Reason
) -> None:
    """A worthless token, or a speed-up to one unit, signed for a relayer of his own."""
    (left,) = departures(across().near).found
    (one,) = match(left, 1000, [Seen(fill(**changes), 1060)])
    assert one.certainty is Certainty.PROBABLE
    assert reason in one.reasons


def test_message_decides_as_well_for_the_older_events() -> None:
    """An empty message is no message; another one is another deposit."""
    shared = {
        "inputToken": USDC, "outputToken": TOKEN, "inputAmount": 1000, "outputAmount": 990,
        "depositId": 77, "fillDeadline": 2, "exclusivityDeadline": 0, "depositor": ALICE,
        "recipient": BOB, "exclusiveRelayer": ZERO, "quoteTimestamp": 1,
        "destinationChainId": 8453, "repaymentChainId": 1, "originChainId": 1, "relayer": TOKEN,
    }  # fmt: skip

    def keys(out: bytes, back: bytes) -> tuple[str, str]:
        told = {"relayExecutionInfo": (BOB, b"", 990, 0)}
        sent = own_log("across", "V3FundsDeposited", E1, "", shared | {"message": out})
        paid = own_log("across", "FilledV3Relay", BASE, "", shared | told | {"message": back})
        (left,) = departures(receipt_of(E1, sent)).found
        (came,) = landings(receipt_of(BASE, paid)).found
        return left.match_key, came.match_key

    assert len(set(keys(b"", b""))) == len(set(keys(b"swap", b"swap"))) == 1
    assert len(set(keys(b"swap", b"other"))) == 2


def test_wormholes_payment_is_the_very_next_log_or_untold() -> None:
    """Ether comes without a log: what an attacker's token says later must not stand in for it."""
    (redeemed, *_) = (wormhole().far or across().near).logs
    chain = "eip155:43114"
    fake = transfer(TOKEN, contract_of("wormhole", chain, "token_bridge"), ALICE, 5, index=9)
    (came,) = landings(receipt_of(chain, redeemed, fake)).found
    assert (came.to_address, came.asset, came.amount) == ("", "", None)


def test_layerzero_v1_believes_the_application_only() -> None:
    application = "0x" + "f7" * 20
    received = {"srcChainId": 101, "srcAddress": bytes.fromhex(TOKEN[2:]),
                "dstAddress": application, "nonce": 3, "payloadHash": bytes(32)}  # fmt: skip
    chain = "eip155:42161"
    log = log_of(event_of("layerzero_v1", "PacketReceived"),
                 contract_of("layerzero_v1", chain, "uln"), received)  # fmt: skip
    fake = transfer(TOKEN, application, ALICE, 5, index=1)  # a token may write any sender
    (came,) = landings(receipt_of(chain, log, fake)).found
    assert came.to_address == ""


def test_lifis_word_is_a_hint() -> None:
    """Its executor lets anybody complete any transfer."""
    told = {"transactionId": b"\x1d" * 32, "receivingAssetId": ZERO, "receiver": ALICE,
            "amount": 1, "timestamp": 1}  # fmt: skip
    (came,) = landings(receipt_of(E1, own_log("lifi", "LiFiTransferCompleted", E1, "", told))).found
    assert came.match_key == ""
