"""Transfers through LayerZero's family, fronts, silent places, Nomad and Ronin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.tracing.bridges.logs import (
    ALICE,
    ARB,
    BOB,
    E1,
    ETHER,
    TOKEN,
    contract_of,
    event_of,
    log_of,
    own_log,
    receipt_of,
    word,
)
from tests.tracing.bridges.routes import transfer
from tests.tracing.bridges.samples import BTC, FAR_TX, ID, SOL_KEY, USDC, Sample
from tracing.bridges import Receipt
from tracing.bridges._packets import guid_of
from tracing.bridges._words import ZERO

MOONBEAM, GNOSIS, RONIN = "eip155:1284", "eip155:100", "eip155:2020"


def packet(sender: str, eid: int, receiver: str, message: bytes) -> tuple[bytes, str]:
    guid = guid_of(7, 30101, word(sender), eid, word(receiver))
    fields = (7).to_bytes(8) + (30101).to_bytes(4) + word(sender) + eid.to_bytes(4)
    return b"\x01" + fields + word(receiver) + bytes.fromhex(guid[2:]) + message, guid


def layerzero() -> Sample:
    far_token = "0x" + "f7" * 20
    payload, guid = packet(TOKEN, 30110, far_token, word(BOB) + (1000).to_bytes(8))
    sent = {"guid": bytes.fromhex(guid[2:]), "dstEid": 30110, "fromAddress": ALICE,
            "amountSentLD": ETHER, "amountReceivedLD": ETHER}  # fmt: skip
    came = {"guid": bytes.fromhex(guid[2:]), "srcEid": 30101, "toAddress": BOB,
            "amountReceivedLD": ETHER}  # fmt: skip
    message = {"encodedPayload": payload, "options": b"", "sendLibrary": ALICE}
    delivered = {"origin": (30101, word(TOKEN), 7), "receiver": far_token}
    return Sample(
        "layerzero",
        receipt_of(
            E1,
            transfer(TOKEN, ALICE, ZERO, ETHER),
            own_log("layerzero", "PacketSent", E1, "endpoint", message, index=1),
            log_of(event_of("layerzero", "OFTSent"), TOKEN, sent, index=2),
        ),
        {"sender": ALICE, "asset": f"{E1}/erc20:{TOKEN}", "amount": ETHER, "to_chain": ARB,
         "to_address": BOB, "match_key": guid},
        receipt_of(
            ARB,
            log_of(event_of("layerzero", "OFTReceived"), far_token, came),
            own_log("layerzero", "PacketDelivered", ARB, "endpoint", delivered, index=1),
            tx=FAR_TX,
        ),
        {"from_chain": E1, "to_address": BOB, "amount": ETHER},
    )  # fmt: skip


def _stargate_far(guid: bytes) -> Receipt:
    came = {"guid": guid, "srcEid": 30101, "toAddress": BOB, "amountReceivedLD": 990}
    return receipt_of(ARB, own_log("stargate", "OFTReceived", ARB, "pool", came), tx=FAR_TX)


def stargate_taxi() -> Sample:
    messaging = contract_of("stargate", E1, "messaging")
    text = b"\x01" + (13).to_bytes(2) + word(BOB) + (1000).to_bytes(8)
    payload, guid = packet(messaging, 30110, TOKEN, text)
    message = {"encodedPayload": payload, "options": b"", "sendLibrary": ALICE}
    sent = {"guid": bytes.fromhex(guid[2:]), "dstEid": 30110, "fromAddress": ALICE,
            "amountSentLD": ETHER, "amountReceivedLD": ETHER}  # fmt: skip
    return Sample(
        "stargate",
        receipt_of(
            E1,
            own_log("stargate", "PacketSent", E1, "endpoint", message),
            own_log("stargate", "OFTSent", E1, "pool", sent, index=1),
        ),
        {"sender": ALICE, "asset": f"{E1}/slip44:60", "amount": ETHER, "to_chain": ARB,
         "to_address": BOB, "match_key": f"{guid}:{BOB}"},
        _stargate_far(bytes.fromhex(guid[2:])),
        {"from_chain": E1, "to_address": BOB, "amount": 990},
    )  # fmt: skip


def _rode() -> dict[str, Any]:
    passenger = (13).to_bytes(2) + word(BOB) + (1000).to_bytes(8) + b"\x00"
    return {"dstEid": 30110, "ticketId": 12, "fare": 1, "passenger": passenger}


def stargate_bus_that_drives_at_once() -> Sample:
    sent = {"guid": bytes(32), "dstEid": 30110, "fromAddress": ALICE, "amountSentLD": ETHER,
            "amountReceivedLD": ETHER}  # fmt: skip
    driven = {"dstEid": 30110, "startTicketId": 10, "numPassengers": 3, "guid": ID}
    return Sample(
        "stargate",
        receipt_of(
            E1,
            own_log("stargate", "BusRode", E1, "messaging", _rode()),
            own_log("stargate", "OFTSent", E1, "pool", sent, index=1),
            own_log("stargate", "BusDriven", E1, "messaging", driven, index=2),
        ),
        {"amount": ETHER, "to_chain": ARB, "to_address": BOB},
        _stargate_far(ID),
        {"to_address": BOB},
    )


def stargate_ticket_for_a_later_bus() -> Sample:
    return Sample(
        "stargate",
        receipt_of(E1, own_log("stargate", "BusRode", E1, "messaging", _rode())),
        {"to_chain": ARB, "to_address": BOB, "match_key": ""},
    )


def layerzero_v1() -> Sample:
    far_token = "0x" + "f7" * 20
    payload = (
        (3).to_bytes(8) + (101).to_bytes(2) + bytes.fromhex(TOKEN[2:]) + (110).to_bytes(2)
        + bytes.fromhex(far_token[2:]) + b"\x00" + word(BOB) + (1000).to_bytes(8)
    )  # fmt: skip
    received = {"srcChainId": 101, "srcAddress": bytes.fromhex(TOKEN[2:]),
                "dstAddress": far_token, "nonce": 3, "payloadHash": bytes(32)}  # fmt: skip
    return Sample(
        "layerzero_v1",
        receipt_of(
            E1,
            transfer(TOKEN, ALICE, ZERO, 1000),
            own_log("layerzero_v1", "Packet", E1, "uln", {"payload": payload}, index=1),
        ),
        {"asset": f"{E1}/erc20:{TOKEN}", "amount": 1000, "to_chain": ARB, "to_address": BOB},
        receipt_of(
            ARB,
            own_log("layerzero_v1", "PacketReceived", ARB, "uln", received),
            transfer(far_token, ZERO, BOB, 1000, index=1),
            tx=FAR_TX,
        ),
        {"from_chain": E1, "to_address": BOB, "asset": f"{ARB}/erc20:{far_token}", "amount": 1000},
    )


def omnibridge() -> Sample:
    sent = {"token": USDC, "sender": ALICE, "value": 1000, "messageId": ID}
    came = {"token": TOKEN, "recipient": BOB, "value": 1000, "messageId": ID}
    return Sample(
        "omnibridge",
        receipt_of(E1, own_log("omnibridge", "TokensBridgingInitiated", E1, "", sent)),
        {"sender": ALICE, "amount": 1000, "to_chain": GNOSIS, "to_address": ""},
        receipt_of(GNOSIS, own_log("omnibridge", "TokensBridged", GNOSIS, "", came), tx=FAR_TX),
        {"from_chain": E1, "to_address": BOB, "amount": 1000},
    )


def zksync_native() -> Sample:
    sent = {"l2DepositTxHash": ID, "from": ALICE, "to": BOB, "l1Token": USDC, "amount": 1000}
    return Sample(
        "zksync_native",
        receipt_of(E1, own_log("zksync_native", "DepositInitiated", E1, "", sent)),
        {"amount": 1000, "to_chain": "eip155:324", "to_address": BOB,
         "match_key": "0x" + ID.hex()},
    )  # fmt: skip


def rainbow_to_near() -> Sample:
    sent = {"token": USDC, "sender": ALICE, "amount": 1000, "accountId": "alice.near"}
    return Sample(
        "rainbow",
        receipt_of(E1, own_log("rainbow", "Locked", E1, "", sent)),
        {"to_chain": "near:mainnet", "to_address": "alice.near", "amount": 1000},
    )


def rainbow_to_aurora() -> Sample:
    sent = {"token": USDC, "sender": ALICE, "amount": 1000, "accountId": f"aurora:{BOB[2:]}"}
    return Sample(
        "rainbow",
        receipt_of(E1, own_log("rainbow", "Locked", E1, "", sent)),
        {"to_chain": "eip155:1313161554", "to_address": BOB},
    )


def rainbow_to_a_markup() -> Sample:
    sent = {"token": USDC, "sender": ALICE, "amount": 1000, "accountId": "<b>near</b>"}
    return Sample(
        "rainbow",
        receipt_of(E1, own_log("rainbow", "Locked", E1, "", sent)),
        {"to_chain": "near:mainnet", "to_address": ""},
    )


def mayan_swift() -> Sample:
    swift = contract_of("mayan", E1, "swift")
    forwarded = {"token": USDC, "amount": 1000, "mayanProtocol": swift, "protocolData": b"x"}
    fulfilled = {"key": ID, "sequence": 1, "netAmount": 990}
    return Sample(
        "mayan",
        receipt_of(
            E1,
            own_log("mayan", "OrderCreated", E1, "swift", {"key": ID}),
            own_log("mayan", "ForwardedERC20", E1, "forwarder", forwarded, index=1),
        ),
        {"asset": f"{E1}/erc20:{USDC}", "amount": 1000, "to_chain": "", "to_address": ""},
        receipt_of(E1, own_log("mayan", "OrderFulfilled", E1, "swift", fulfilled), tx=FAR_TX),
        {"amount": 990},
    )


def relay() -> Sample:
    sent = {"from": ALICE, "amount": ETHER, "id": ID}
    return Sample(
        "relay",
        receipt_of(E1, own_log("relay", "RelayNativeDeposit", E1, "", sent)),
        {"sender": ALICE, "asset": f"{E1}/slip44:60", "amount": ETHER, "to_chain": "",
         "to_address": "", "match_key": "0x" + ID.hex()},
    )  # fmt: skip


def lifi_to_solana() -> Sample:
    nowhere = "0x" + "11f1" * 10
    solana = 1151111081099710
    data = (ID, "mayan", "app", ZERO, USDC, nowhere, 1000, solana, False, False)
    beyond = {"transactionId": ID, "destinationChainId": solana, "receiver": SOL_KEY}
    return Sample(
        "lifi",
        receipt_of(
            E1,
            own_log("lifi", "BridgeToNonEVMChainBytes32", E1, "", beyond),
            own_log("lifi", "LiFiTransferStarted", E1, "", {"bridgeData": data}, index=1),
        ),
        {"asset": f"{E1}/erc20:{USDC}", "amount": 1000,
         "to_chain": "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
         "to_address": "4wBqpZM9xaSheZzJSMawUKKwhdpChKbZ5eu5ky4Vigw"},
    )  # fmt: skip


def _silent(slug: str, value: int = ETHER) -> Receipt:
    return Receipt(E1, "0x" + "ab" * 32, ALICE, contract_of(slug, E1), [], value=value)


def layerswap() -> Sample:
    told = {"sender": ALICE, "amount": ETHER, "to_chain": "", "to_address": ""}
    return Sample("layerswap", _silent("layerswap"), told)


def garden() -> Sample:
    return Sample("garden", _silent("garden"), {"amount": ETHER, "to_chain": ""})


def instant_swap() -> Sample:
    return Sample("instant_swap", _silent("instant_swap"), {"amount": ETHER, "to_chain": ""})


def orbiter() -> Sample:
    told = {"amount": ETHER + 9002, "to_chain": ARB, "to_address": ALICE, "match_key": ""}
    return Sample("orbiter", _silent("orbiter", ETHER + 9002), told)


def btc_b() -> Sample:
    chain = "eip155:43114"
    sent = {"amount": 1000, "chainId": 0}
    return Sample(
        "btc_b",
        receipt_of(chain, own_log("btc_b", "Unwrap", chain, "", sent)),
        {"sender": ALICE, "amount": 1000, "to_chain": BTC, "to_address": ""},
    )


def tbtc() -> Sample:
    script = b"\x16\x00\x14" + bytes.fromhex("751e76e8199196d454941c45d1b3a323f1433bd6")
    asked = {"walletPubKeyHash": bytes(20), "redeemerOutputScript": script, "redeemer": ALICE,
             "requestedAmount": 5, "treasuryFee": 0, "txMaxFee": 1}  # fmt: skip
    burnt = {"from": ALICE, "amount": 5 * 10**10}
    return Sample(
        "tbtc",
        receipt_of(
            E1,
            own_log("tbtc", "RedemptionRequested", E1, "bridge", asked),
            own_log("tbtc", "Unminted", E1, "vault", burnt, index=1),
        ),
        # BIP-173's own example of this key hash
        {"to_chain": BTC, "to_address": "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
    )


def nomad() -> Sample:
    beam = 1650811245
    dispatched = {"messageHash": ID, "leafIndex": 1, "destinationAndNonce": (beam << 32) + 44,
                  "committedRoot": ID, "message": b""}  # fmt: skip
    sent = {"token": USDC, "from": ALICE, "toDomain": beam, "toId": word(BOB), "amount": 1000,
            "fastLiquidityEnabled": False}  # fmt: skip
    came = {"originAndNonce": (6648936 << 32) + 44, "token": TOKEN, "recipient": BOB,
            "liquidityProvider": ZERO, "amount": 1000}  # fmt: skip
    role = "bridge_router"
    return Sample(
        "nomad",
        receipt_of(
            E1,
            own_log("nomad", "Dispatch", E1, "home", dispatched),
            own_log("nomad", "Send", E1, role, sent, index=1),
        ),
        {"sender": ALICE, "amount": 1000, "to_chain": MOONBEAM, "to_address": BOB},
        receipt_of(MOONBEAM, own_log("nomad", "Receive", MOONBEAM, role, came), tx=FAR_TX),
        {"from_chain": E1, "to_address": BOB, "amount": 1000},
    )


def ronin() -> Sample:
    left = {"_withdrawId": 5, "_owner": ALICE, "_tokenAddress": TOKEN, "_mainchainAddress": USDC,
            "_standard": 20, "_tokenNumber": 1000}  # fmt: skip
    came = {"_withdrawId": 5, "_owner": ALICE, "_tokenAddress": USDC, "_tokenNumber": 1000}
    return Sample(
        "ronin",
        receipt_of(RONIN, own_log("ronin", "SidechainWithdrew", RONIN, "", left)),
        {"sender": ALICE, "amount": 1000, "to_chain": E1, "to_asset": f"{E1}/erc20:{USDC}"},
        receipt_of(E1, own_log("ronin", "MainchainWithdrew", E1, "", came), tx=FAR_TX),
        {"from_chain": RONIN, "to_address": ALICE, "asset": f"{E1}/erc20:{USDC}",
         "amount": 1000},
    )  # fmt: skip


def ronin_deposit() -> Sample:
    left = {"_depositId": 6, "_owner": ALICE, "_tokenAddress": USDC, "_sidechainAddress": TOKEN,
            "_standard": 20, "_tokenNumber": 1000}  # fmt: skip
    came = {"depositId": 6, "owner": ALICE, "tokenAddress": TOKEN, "tokenNumber": 1000}
    return Sample(
        "ronin",
        receipt_of(E1, own_log("ronin", "MainchainDeposited", E1, "", left)),
        {"amount": 1000, "to_chain": RONIN, "to_address": ALICE},
        receipt_of(RONIN, own_log("ronin", "SidechainDeposited", RONIN, "", came), tx=FAR_TX),
        {"from_chain": E1, "to_address": ALICE},
    )


MORE: list[Callable[[], Sample]] = [
    layerzero, stargate_taxi, stargate_bus_that_drives_at_once, stargate_ticket_for_a_later_bus,
    layerzero_v1, omnibridge, zksync_native, rainbow_to_near, rainbow_to_aurora,
    rainbow_to_a_markup, mayan_swift, relay, lifi_to_solana, layerswap, garden, instant_swap,
    orbiter, btc_b, tbtc, nomad, ronin, ronin_deposit,
]  # fmt: skip
