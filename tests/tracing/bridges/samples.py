"""One transfer of every bridge with both sides where both are logged: what a decoder must see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from tests.tracing.bridges import routes
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
    TX,
    contract_of,
    own_log,
    receipt_of,
    word,
)
from tracing.bridges import Receipt
from tracing.bridges._words import ZERO

USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
ID, FAR_TX = b"\x1d" * 32, "0x" + "fa" * 32
SOL_KEY = bytes(range(1, 33))
BTC = "bip122:000000000019d6689c085ae165831e93"


@dataclass(frozen=True)
class Sample:
    """``left`` and ``came`` are fields of the departure and the landing; certain: their keys agree
    and say so."""

    slug: str
    near: Receipt
    left: dict[str, Any]
    far: Receipt | None = None
    came: dict[str, Any] = field(default_factory=dict)


def across() -> Sample:
    deposit = {
        "inputToken": word(USDC), "outputToken": word(TOKEN), "inputAmount": 1000,
        "outputAmount": 990, "destinationChainId": 8453, "depositId": 77, "quoteTimestamp": 1,
        "fillDeadline": 2, "exclusivityDeadline": 0, "depositor": word(ALICE),
        "recipient": word(BOB), "exclusiveRelayer": bytes(32), "message": b"",
    }  # fmt: skip
    fill = {
        **deposit, "repaymentChainId": 1, "originChainId": 1, "relayer": word(TOKEN),
        "messageHash": bytes(32), "relayExecutionInfo": (word(ALICE), bytes(32), 990, 0),
    }  # fmt: skip
    return Sample(
        "across",
        receipt_of(E1, own_log("across", "FundsDeposited", E1, "", deposit)),
        {"sender": ALICE, "asset": f"{E1}/erc20:{USDC}", "amount": 1000, "to_chain": BASE,
         "to_address": BOB, "to_asset": f"{BASE}/erc20:{TOKEN}", "to_amount": 990},
        receipt_of(BASE, own_log("across", "FilledRelay", BASE, "", fill), tx=FAR_TX),
        {"from_chain": E1, "to_address": ALICE, "amount": 990},  # a speed-up changed the recipient
    )  # fmt: skip


def across_v3() -> Sample:
    deposit = {
        "inputToken": USDC, "outputToken": ZERO, "inputAmount": 1000, "outputAmount": 990,
        "destinationChainId": 10, "depositId": 78, "quoteTimestamp": 1, "fillDeadline": 2,
        "exclusivityDeadline": 0, "depositor": ALICE, "recipient": BOB, "exclusiveRelayer": ZERO,
        "message": b"",
    }  # fmt: skip
    fill = {
        **deposit, "outputToken": TOKEN, "repaymentChainId": 1, "originChainId": 1,
        "relayer": TOKEN, "relayExecutionInfo": (BOB, b"", 990, 0),
    }  # fmt: skip
    return Sample(
        "across",
        receipt_of(E1, own_log("across", "V3FundsDeposited", E1, "", deposit)),
        {"amount": 1000, "to_chain": OP, "to_address": BOB, "to_asset": ""},
        receipt_of(OP, own_log("across", "FilledV3Relay", OP, "", fill), tx=FAR_TX),
        {"to_address": BOB, "asset": f"{OP}/erc20:{TOKEN}", "amount": 990},
    )


def cctp_v1() -> Sample:
    burn = {
        "nonce": 9, "burnToken": USDC, "amount": 5_000_000, "depositor": ALICE,
        "mintRecipient": word(BOB), "destinationDomain": 3, "destinationTokenMessenger": bytes(32),
        "destinationCaller": bytes(32),
    }  # fmt: skip
    body = bytes(4) + word(USDC) + word(BOB) + (5_000_000).to_bytes(32) + word(ALICE)
    mint = {"mintRecipient": BOB, "amount": 5_000_000, "mintToken": TOKEN}
    message = {"caller": TOKEN, "sourceDomain": 0, "nonce": 9, "sender": word(TOKEN),
               "messageBody": body}  # fmt: skip
    return Sample(
        "cctp_v1",
        receipt_of(E1, own_log("cctp_v1", "DepositForBurn", E1, "messenger", burn)),
        {"sender": ALICE, "asset": f"{E1}/erc20:{USDC}", "amount": 5_000_000, "to_chain": ARB,
         "to_address": BOB},
        receipt_of(
            ARB,
            own_log("cctp_v1", "MintAndWithdraw", ARB, "messenger", mint),
            own_log("cctp_v1", "MessageReceived", ARB, "transmitter", message, index=1),
            tx=FAR_TX,
        ),
        {"from_chain": E1, "to_address": BOB, "asset": f"{ARB}/erc20:{TOKEN}",
         "amount": 5_000_000},
    )  # fmt: skip


def cctp_v2() -> Sample:
    burn = {
        "burnToken": USDC, "amount": 5_000_000, "depositor": ALICE, "mintRecipient": word(BOB),
        "destinationDomain": 6, "destinationTokenMessenger": bytes(32),
        "destinationCaller": bytes(32), "maxFee": 500, "minFinalityThreshold": 1000,
        "hookData": b"hook",
    }  # fmt: skip
    body = (
        (1).to_bytes(4) + word(USDC) + word(BOB) + (5_000_000).to_bytes(32) + word(ALICE)
        + (500).to_bytes(32) + (400).to_bytes(32) + (123).to_bytes(32) + b"hook"
    )  # fmt: skip
    mint = {"mintRecipient": BOB, "amount": 4_999_600, "mintToken": TOKEN, "feeCollected": 400}
    message = {
        "caller": TOKEN, "sourceDomain": 0, "nonce": ID, "sender": word(TOKEN),
        "finalityThresholdExecuted": 1000, "messageBody": body,
    }  # fmt: skip
    return Sample(
        "cctp_v2",
        receipt_of(E1, own_log("cctp_v2", "DepositForBurn", E1, "messenger", burn)),
        {"sender": ALICE, "amount": 5_000_000, "to_chain": BASE, "to_address": BOB,
         "to_amount": 4_999_500},
        receipt_of(
            BASE,
            own_log("cctp_v2", "MintAndWithdraw", BASE, "messenger", mint),
            own_log("cctp_v2", "MessageReceived", BASE, "transmitter", message, index=1),
            tx=FAR_TX,
        ),
        {"from_chain": E1, "to_address": BOB, "amount": 4_999_600},
    )  # fmt: skip


def debridge() -> Sample:
    order = (
        1, bytes.fromhex(ALICE[2:]), 1, bytes(20), ETHER, 7565164, SOL_KEY, 10**9, SOL_KEY,
        b"", b"", b"", b"", b"",
    )  # fmt: skip
    created = {
        "order": order, "orderId": ID, "affiliateFee": b"", "nativeFixFee": 0, "percentFee": 0,
        "referralCode": 0, "metadata": b"",
    }  # fmt: skip
    return Sample(
        "debridge",
        receipt_of(E1, own_log("debridge", "CreatedOrder", E1, "source", created)),
        {"sender": ALICE, "asset": f"{E1}/slip44:60", "amount": ETHER,
         "to_chain": "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
         "to_address": "4wBqpZM9xaSheZzJSMawUKKwhdpChKbZ5eu5ky4Vigw", "to_amount": 10**9},
    )  # fmt: skip


def debridge_evm() -> Sample:
    order = (
        1, bytes.fromhex(ALICE[2:]), 1, bytes.fromhex(USDC[2:]), 1000, 42161,
        bytes.fromhex(TOKEN[2:]), 990, bytes.fromhex(BOB[2:]), b"", b"", b"", b"", b"",
    )  # fmt: skip
    created = {
        "order": order, "orderId": ID, "affiliateFee": b"", "nativeFixFee": 0, "percentFee": 0,
        "referralCode": 0, "metadata": b"",
    }  # fmt: skip
    filled = {"order": order, "orderId": ID, "sender": TOKEN, "unlockAuthority": TOKEN}
    return Sample(
        "debridge",
        receipt_of(E1, own_log("debridge", "CreatedOrder", E1, "source", created)),
        {"amount": 1000, "to_chain": ARB, "to_address": BOB, "to_asset": f"{ARB}/erc20:{TOKEN}"},
        receipt_of(ARB, own_log("debridge", "FulfilledOrder", ARB, "destination", filled),
                   tx=FAR_TX),
        {"from_chain": E1, "to_address": BOB, "asset": f"{ARB}/erc20:{TOKEN}", "amount": 990},
    )  # fmt: skip


def celer() -> Sample:
    sent = {"transferId": ID, "sender": ALICE, "receiver": BOB, "token": USDC, "amount": 1000,
            "dstChainId": 42161, "nonce": 1, "maxSlippage": 1}  # fmt: skip
    relay = {"transferId": bytes(32), "sender": ALICE, "receiver": BOB, "token": TOKEN,
             "amount": 999, "srcChainId": 1, "srcTransferId": ID}  # fmt: skip
    return Sample(
        "celer",
        receipt_of(E1, own_log("celer", "Send", E1, "", sent)),
        {"sender": ALICE, "amount": 1000, "to_chain": ARB, "to_address": BOB},
        receipt_of(ARB, own_log("celer", "Relay", ARB, "", relay), tx=FAR_TX),
        {"from_chain": E1, "to_address": BOB, "amount": 999},
    )


def hop_from_l1() -> Sample:
    shared = {"recipient": BOB, "amount": ETHER, "amountOutMin": 1, "deadline": 9,
              "relayer": ALICE, "relayerFee": 0}  # fmt: skip
    return Sample(
        "hop",
        receipt_of(E1, own_log("hop", "TransferSentToL2", E1, "", shared | {"chainId": 10})),
        {"asset": f"{E1}/slip44:60", "amount": ETHER, "to_chain": OP, "to_address": BOB},
        receipt_of(OP, own_log("hop", "TransferFromL1Completed", OP, "", shared), tx=FAR_TX),
        {"from_chain": E1, "to_address": BOB, "amount": ETHER},
    )


def hop_from_l2() -> Sample:
    sent = {"transferId": ID, "chainId": 1, "recipient": BOB, "amount": ETHER,
            "transferNonce": bytes(32), "bonderFee": 1, "index": 0, "amountOutMin": 1,
            "deadline": 9}  # fmt: skip
    bonded = {"transferId": ID, "amount": ETHER}
    return Sample(
        "hop",
        receipt_of(ARB, own_log("hop", "TransferSent", ARB, "", sent)),
        {"to_chain": E1, "to_address": BOB, "amount": ETHER},
        receipt_of(E1, own_log("hop", "WithdrawalBonded", E1, "", bonded), tx=FAR_TX),
        {"amount": ETHER},
    )


def synapse() -> Sample:
    sent = {"to": BOB, "chainId": 42161, "token": USDC, "amount": 1000}
    paid = {"to": BOB, "token": TOKEN, "amount": 1000, "fee": 10, "kappa": keccak(text=TX)}
    return Sample(
        "synapse",
        receipt_of(E1, own_log("synapse", "TokenDeposit", E1, "bridge", sent)),
        {"amount": 1000, "to_chain": ARB, "to_address": BOB},
        receipt_of(ARB, own_log("synapse", "TokenMint", ARB, "bridge", paid), tx=FAR_TX),
        {"to_address": BOB, "amount": 1000},
    )


def synapse_rfq() -> Sample:
    request = encode(
        ["(uint32,uint32,address,address,address,address,uint256,uint256,uint256,bool,uint256,"
         "uint256)"],
        [(1, 10, ALICE, BOB, ZERO, ZERO, ETHER, ETHER, 0, False, 9, 1)],
    )  # fmt: skip
    native = "0x" + "e" * 40
    sent = {"transactionId": ID, "sender": ALICE, "request": request, "destChainId": 10,
            "originToken": native, "destToken": native, "originAmount": ETHER,
            "destAmount": ETHER - 9, "sendChainGas": False}  # fmt: skip
    paid = {"transactionId": ID, "relayer": TOKEN, "to": BOB, "originChainId": 1,
            "originToken": native, "destToken": native, "originAmount": ETHER,
            "destAmount": ETHER - 9, "chainGasAmount": 0}  # fmt: skip
    return Sample(
        "synapse",
        receipt_of(E1, own_log("synapse", "BridgeRequested", E1, "fast_bridge", sent)),
        {"asset": f"{E1}/slip44:60", "to_chain": OP, "to_address": BOB, "to_amount": ETHER - 9},
        receipt_of(OP, own_log("synapse", "BridgeRelayed", OP, "fast_bridge", paid), tx=FAR_TX),
        {"from_chain": E1, "to_address": BOB, "amount": ETHER - 9},
    )


def wormhole() -> Sample:
    bridge = contract_of("wormhole", E1, "token_bridge")
    payload = (
        b"\x01" + (10**8).to_bytes(32) + word(TOKEN) + (2).to_bytes(2) + word(BOB)
        + (6).to_bytes(2) + bytes(32)
    )  # fmt: skip
    sent = {"sender": bridge, "sequence": 5, "nonce": 0, "payload": payload, "consistencyLevel": 1}
    redeemed = {"emitterChainId": 2, "emitterAddress": word(bridge), "sequence": 5}
    avalanche = "eip155:43114"
    return Sample(
        "wormhole",
        receipt_of(
            E1,
            routes.transfer(TOKEN, ALICE, bridge, 10**18),
            own_log("wormhole", "LogMessagePublished", E1, "core", sent, index=1),
        ),
        {"asset": f"{E1}/erc20:{TOKEN}", "amount": 10**18, "to_chain": avalanche,
         "to_address": BOB},
        receipt_of(
            avalanche,
            own_log("wormhole", "TransferRedeemed", avalanche, "token_bridge", redeemed),
            routes.transfer(USDC, ZERO, TOKEN, 3, index=1),  # the relayer's fee
            routes.transfer(USDC, ZERO, BOB, 997, index=2),
            tx=FAR_TX,
        ),
        {"from_chain": E1, "to_address": BOB, "asset": f"{avalanche}/erc20:{USDC}",
         "amount": 997},
    )  # fmt: skip


def axelar() -> Sample:
    gateway = contract_of("axelar", E1)
    call = {"sender": ALICE, "destinationChain": "Arbitrum", "destinationContractAddress": BOB,
            "payloadHash": ID, "payload": b"x", "symbol": "axlUSDC", "amount": 1000}  # fmt: skip
    minted = {"commandId": bytes(32), "sourceChain": "Ethereum", "sourceAddress": ALICE,
              "contractAddress": BOB, "payloadHash": ID, "symbol": "axlUSDC", "amount": 1000,
              "sourceTxHash": bytes.fromhex(TX[2:]), "sourceEventIndex": 1}  # fmt: skip
    return Sample(
        "axelar",
        receipt_of(
            E1,
            routes.transfer(USDC, ALICE, gateway, 1000),
            own_log("axelar", "ContractCallWithToken", E1, "", call, index=1),
        ),
        {"sender": ALICE, "asset": f"{E1}/erc20:{USDC}", "amount": 1000, "to_chain": ARB,
         "to_address": ""},
        receipt_of(
            ARB, own_log("axelar", "ContractCallApprovedWithMint", ARB, "", minted), tx=FAR_TX
        ),
        {"from_chain": E1, "to_address": BOB, "amount": 1000},
    )  # fmt: skip


def axelar_plain() -> Sample:
    sent = {"sender": ALICE, "destinationChain": "Polygon", "destinationAddress": BOB,
            "symbol": "axlUSDC", "amount": 1000}  # fmt: skip
    return Sample(
        "axelar",
        receipt_of(E1, own_log("axelar", "TokenSent", E1, "", sent)),
        {"to_chain": POLYGON, "to_address": BOB, "amount": 1000, "match_key": ""},
    )


def symbiosis() -> Sample:
    sent = {"id": ID, "from": ALICE, "chainID": 56, "revertableAddress": ALICE, "to": BOB,
            "amount": 1000, "token": USDC}  # fmt: skip
    return Sample(
        "symbiosis",
        receipt_of(E1, own_log("symbiosis", "SynthesizeRequest", E1, "portal", sent)),
        {"sender": ALICE, "amount": 1000, "to_chain": "eip155:56", "to_address": BOB},
    )


def chainflip() -> Sample:
    swap = {"dstChain": 3, "dstAddress": b"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            "dstToken": 5, "srcToken": USDC, "amount": 1000, "sender": ALICE,
            "cfParameters": b""}  # fmt: skip
    return Sample(
        "chainflip",
        receipt_of(E1, own_log("chainflip", "SwapToken", E1, "vault", swap)),
        {"sender": ALICE, "asset": f"{E1}/erc20:{USDC}", "amount": 1000, "to_chain": BTC,
         "to_address": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "match_key": ""},
    )  # fmt: skip


def chainflip_channel() -> Sample:
    swept = {"sender": BOB, "amount": ETHER}
    return Sample(
        "chainflip",
        receipt_of(E1, own_log("chainflip", "FetchedNative", E1, "vault", swept)),
        {"sender": BOB, "amount": ETHER, "to_chain": "", "to_address": ""},
    )


SAMPLES: list[Callable[[], Sample]] = [
    across, across_v3, cctp_v1, cctp_v2, debridge, debridge_evm, celer, hop_from_l1, hop_from_l2,
    synapse, synapse_rfq, wormhole, axelar, axelar_plain, symbiosis, chainflip, chainflip_channel,
]  # fmt: skip
