"""Transfers through rollups' own bridges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from tests.tracing.bridges.logs import (
    ALICE,
    ARB,
    BASE,
    BOB,
    E1,
    ETHER,
    OP,
    POLYGON,
    TOKEN,
    contract_of,
    event_of,
    log_of,
    own_log,
    receipt_of,
    word,
)
from tests.tracing.bridges.routes import transfer
from tests.tracing.bridges.samples import FAR_TX, USDC, Sample
from tracing.bridges._words import ZERO

TICKET = "0xa09717b4bfb70e841009abb7a9eccf6b66ea2847e28ee8b551e3325f13815acb"
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
USDT_GATEWAY = "0xcee284f754e854890e311e3280b767f80797180d"


def op_stack_ether() -> Sample:
    bridge = contract_of("op_stack", E1, "standard_bridge", partner=OP)
    messenger = contract_of("op_stack", E1, "messenger", partner=OP)
    moved = {"from": ALICE, "to": BOB, "amount": ETHER, "extraData": b""}
    sent = {"target": contract_of("op_stack", OP, "standard_bridge"), "sender": bridge,
            "message": b"call", "messageNonce": 5, "gasLimit": 9}  # fmt: skip
    packed = encode(
        ["uint256", "address", "address", "uint256", "uint256", "bytes"],
        [5, bridge, sent["target"], ETHER, 9, b"call"],
    )
    selector = keccak(text="relayMessage(uint256,address,address,uint256,uint256,bytes)")[:4]
    logs = [
        log_of(event_of("op_stack", "ETHDepositInitiated"), bridge, moved),
        log_of(event_of("op_stack", "ETHBridgeInitiated"), bridge, moved, index=1),
        log_of(event_of("op_stack", "SentMessage"), messenger, sent, index=2),
        log_of(event_of("op_stack", "SentMessageExtension1"), messenger,
               {"sender": bridge, "value": ETHER}, index=3),
    ]  # fmt: skip
    relayed = {"msgHash": keccak(selector + packed)}
    return Sample(
        "op_stack",
        receipt_of(E1, *logs),
        {"sender": ALICE, "asset": f"{E1}/slip44:60", "amount": ETHER, "to_chain": OP,
         "to_address": BOB, "escrow": bridge},
        receipt_of(
            OP,
            own_log("op_stack", "ETHBridgeFinalized", OP, "standard_bridge", moved),
            own_log("op_stack", "RelayedMessage", OP, "messenger", relayed, index=1),
            tx=FAR_TX,
        ),
        {"from_chain": E1, "to_address": BOB, "asset": f"{OP}/slip44:60", "amount": ETHER},
    )  # fmt: skip


def op_stack_old_withdrawal() -> Sample:
    moved = {"l1Token": USDC, "l2Token": TOKEN, "from": ALICE, "to": BOB, "amount": 1000,
             "extraData": b""}  # fmt: skip
    return Sample(
        "op_stack",
        receipt_of(BASE, own_log("op_stack", "WithdrawalInitiated", BASE, "", moved)),
        {"asset": f"{BASE}/erc20:{TOKEN}", "to_chain": E1, "to_asset": f"{E1}/erc20:{USDC}",
         "to_address": BOB, "amount": 1000},
    )  # fmt: skip


def op_stack_portal() -> Sample:
    portal = contract_of("op_stack", E1, "portal", partner=BASE)
    data = ETHER.to_bytes(32) + ETHER.to_bytes(32) + (21000).to_bytes(8) + b"\x00"
    sent = {"from": ALICE, "to": BOB, "version": 0, "opaqueData": data}
    return Sample(
        "op_stack",
        receipt_of(E1, log_of(event_of("op_stack", "TransactionDeposited"), portal, sent)),
        {"amount": ETHER, "to_chain": BASE, "to_address": BOB, "match_key": ""},
    )


def _delivered(kind: int) -> dict[str, Any]:
    return {"messageIndex": 8, "beforeInboxAcc": bytes(32), "inbox": ALICE, "kind": kind,
            "sender": ALICE, "messageDataHash": bytes(32), "baseFeeL1": 5,
            "timestamp": 6}  # fmt: skip


def _arbitrum(role: str) -> str:
    return contract_of("arbitrum_native", E1, role, partner=ARB)


def arbitrum_ether() -> Sample:
    data = {"messageNum": 8, "data": bytes.fromhex(BOB[2:]) + ETHER.to_bytes(32)}
    events = "MessageDelivered", "InboxMessageDelivered"
    return Sample(
        "arbitrum_native",
        receipt_of(
            E1,
            log_of(event_of("arbitrum_native", events[0]), _arbitrum("bridge"), _delivered(12)),
            log_of(event_of("arbitrum_native", events[1]), _arbitrum("inbox"), data, index=1),
        ),
        {"asset": f"{E1}/slip44:60", "amount": ETHER, "to_chain": ARB, "to_address": BOB,
         "match_key": "", "escrow": _arbitrum("bridge")},
    )  # fmt: skip


def arbitrum_token() -> Sample:
    """Real: 10,000 USDT in message 0xfb568. Its ticket is the one that Arbitrum made of it."""
    owner, gateway = "0x89a18cb34db232c032873b5cdad131ec286eb0bf", USDT_GATEWAY
    call = bytes.fromhex("2e567b36") + encode(
        ["address", "address", "address", "uint256", "bytes"],
        [USDT, owner, owner, 10_000_000_000, encode(["bytes", "bytes"], [b"", b""])],
    )
    numbers = [0, 503956582876032, 421456582876032]
    data = (
        word("0x096760f208390250649e3e8763348e783aef5562")
        + b"".join(number.to_bytes(32) for number in numbers) + word(owner) + word(owner)
        + (275000).to_bytes(32) + (300000000).to_bytes(32) + len(call).to_bytes(32) + call
    )  # fmt: skip
    number = 0xFB568
    alias = f"0x{int(gateway, 16) + 0x1111000000000000000000000000000000001111:040x}"
    delivered = _delivered(9) | {"messageIndex": number, "sender": alias, "baseFeeL1": 31081195614}
    deposit = {"l1Token": USDT, "_from": owner, "_to": owner, "_sequenceNumber": number,
               "_amount": 10_000_000_000}  # fmt: skip
    logs = [
        log_of(event_of("arbitrum_native", "MessageDelivered"), _arbitrum("bridge"), delivered),
        log_of(event_of("arbitrum_native", "InboxMessageDelivered"), _arbitrum("inbox"),
               {"messageNum": number, "data": data}, index=1),
        log_of(event_of("arbitrum_native", "DepositInitiated"), gateway, deposit, index=2),
    ]  # fmt: skip
    redeemed = {"ticketId": bytes.fromhex(TICKET[2:]), "retryTxHash": bytes(32), "sequenceNum": 0,
                "donatedGas": 1, "gasDonor": ALICE, "maxRefund": 0,
                "submissionFeeRefund": 0}  # fmt: skip
    return Sample(
        "arbitrum_native",
        receipt_of(E1, *logs),
        {"sender": owner, "asset": f"{E1}/erc20:{USDT}", "amount": 10_000_000_000,
         "to_chain": ARB, "to_address": owner, "match_key": TICKET, "escrow": gateway},
        receipt_of(ARB, own_log("arbitrum_native", "RedeemScheduled", ARB, "retryable", redeemed),
                   tx=FAR_TX),
        {"from_chain": E1},
    )  # fmt: skip


def arbitrum_withdrawal() -> Sample:
    out = {"caller": ALICE, "destination": BOB, "hash": 1, "position": 77, "arbBlockNum": 1,
           "ethBlockNum": 1, "timestamp": 1, "callvalue": ETHER, "data": b""}  # fmt: skip
    executed = {"to": BOB, "l2Sender": ALICE, "zero": 0, "transactionIndex": 77}
    return Sample(
        "arbitrum_native",
        receipt_of(ARB, own_log("arbitrum_native", "L2ToL1Tx", ARB, "arbsys", out)),
        {"sender": ALICE, "amount": ETHER, "to_chain": E1, "to_address": BOB},
        receipt_of(E1, own_log("arbitrum_native", "OutBoxTransactionExecuted", E1, "outbox",
                               executed), tx=FAR_TX),
        {"from_chain": ARB, "to_address": BOB},
    )  # fmt: skip


def polygon_pos() -> Sample:
    locked = {"depositor": ALICE, "depositReceiver": BOB, "rootToken": USDC, "amount": 1000}
    synced = {"id": 31, "contractAddress": TOKEN, "data": b""}
    role = "state_receiver"
    return Sample(
        "polygon_pos",
        receipt_of(
            E1,
            own_log("polygon_pos", "LockedERC20", E1, "erc20_predicate", locked),
            own_log("polygon_pos", "StateSynced", E1, "state_sender", synced, index=1),
        ),
        {"sender": ALICE, "amount": 1000, "to_chain": POLYGON, "to_address": BOB},
        receipt_of(
            POLYGON,
            transfer(TOKEN, ZERO, BOB, 1000),
            own_log("polygon_pos", "StateCommitted", POLYGON, role,
                    {"stateId": 31, "success": True}, index=1),
            tx=FAR_TX,
        ),
        {"to_address": BOB, "asset": f"{POLYGON}/erc20:{TOKEN}", "amount": 1000},
    )  # fmt: skip


def agglayer() -> Sample:
    zkevm = "eip155:1101"
    sent = {"leafType": 0, "originNetwork": 0, "originAddress": ZERO, "destinationNetwork": 1,
            "destinationAddress": BOB, "amount": ETHER, "metadata": b"",
            "depositCount": 5}  # fmt: skip
    claimed = {"globalIndex": (1 << 64) + 5, "originNetwork": 0, "originAddress": ZERO,
               "destinationAddress": BOB, "amount": ETHER}  # fmt: skip
    return Sample(
        "agglayer",
        receipt_of(E1, own_log("agglayer", "BridgeEvent", E1, "", sent)),
        {"asset": f"{E1}/slip44:60", "amount": ETHER, "to_chain": zkevm, "to_address": BOB},
        receipt_of(zkevm, own_log("agglayer", "ClaimEvent", zkevm, "", claimed), tx=FAR_TX),
        {"from_chain": E1, "to_address": BOB, "amount": ETHER},
    )


ROLLUPS: list[Callable[[], Sample]] = [
    op_stack_ether, op_stack_old_withdrawal, op_stack_portal, arbitrum_ether, arbitrum_token,
    arbitrum_withdrawal, polygon_pos, agglayer,
]  # fmt: skip
