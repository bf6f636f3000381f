"""The own bridge of Arbitrum One, both ways, and of Nova, as far as its inbox is known.

To Arbitrum: the inbox logs a message. Kind 12 is a deposit of ether, which lands without a log;
kind 9 is a retryable ticket, whose id is a hash of what Ethereum logs (calculateSubmitRetryableId
of the Arbitrum SDK) and is logged on Arbitrum when it is redeemed: the key. The ticket's own call
may still fail there; its value then stays with the ticket. To Ethereum: ArbSys logs a position,
the outbox repeats it: the key. Contracts' addresses are aliased on Arbitrum.
"""

from collections.abc import Mapping

import rlp
from eth_utils.crypto import keccak

from tracing.bridges._events import BadLog, low_address
from tracing.bridges._tokens import take
from tracing.bridges._words import ZERO
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told
from tracing.core.caip import erc20, native_asset

_TICKET, _ETHER = 9, 12  # kinds of messages
_FIELDS = (32,) * 9


class ArbitrumNative(Bridge):
    slug = "arbitrum_native"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("InboxMessageDelivered", self._inbox, "inbox"),
                self.on("L2ToL1Tx", self._withdrawn, "arbsys"),
                self.on("RedeemScheduled", self._redeemed, "retryable"),
                self.on("DepositFinalized", self._finalized, "l2_gateway"),
                self.on("OutBoxTransactionExecuted", self._executed, "outbox"),
            ]
        )

    def _inbox(self, told: Told) -> Departure | None:
        delivered = next(
            (
                message
                for message in self.beside(told.receipt, "MessageDelivered", "bridge")
                if message["messageIndex"] == told["messageNum"]
            ),
            None,
        )
        if delivered is None:
            return None
        if delivered["kind"] == _ETHER:
            recipient, value, _ = take(told["data"], 20, 32)
            return self.left(
                told,
                asset=native_asset(told.receipt.chain),
                sent=int.from_bytes(value),
                to_chain=told.contract.partner,
                to_address="0x" + recipient.hex(),
                escrow=delivered.log.address,
            )
        return self._ticket(told, delivered) if delivered["kind"] == _TICKET else None

    def _ticket(self, told: Told, delivered: Told) -> Departure | None:
        to, value, deposit, fee, refund, _, gas, gas_price, _, _ = take(told["data"], *_FIELDS)
        key = _ticket_id(told, delivered)
        gateway = next(
            (
                one
                for one in self.beside(told.receipt, "DepositInitiated", "l1_gateway")
                if one["_sequenceNumber"] == told["messageNum"]
            ),
            None,
        )
        to_chain = told.contract.partner
        if gateway is not None:
            return self.left(
                told,
                sender=gateway["_from"],
                asset=erc20(told.receipt.chain, gateway["l1Token"]),
                sent=gateway["_amount"],
                to_chain=to_chain,
                to_address=gateway["_to"],
                key=key,
                escrow=gateway.log.address,
            )
        cost = int.from_bytes(fee) + int.from_bytes(gas) * int.from_bytes(gas_price)
        if not any(value) and int.from_bytes(deposit) <= cost:
            return None  # a message that pays for its own way, and no more
        # What the call does not take is refunded there: that is how some deposit plain ether.
        return self.left(
            told,
            asset=native_asset(told.receipt.chain),
            sent=int.from_bytes(deposit),
            to_chain=to_chain,
            to_address=low_address(to if any(value) else refund),
            key=key,
            escrow=delivered.log.address,
        )

    def _redeemed(self, told: Told) -> Landing:
        return self.came(told, key="0x" + told["ticketId"].hex(), from_chain=told.contract.partner)

    def _finalized(self, told: Told) -> Landing:
        """The gateway's own word in the redeeming transaction; the ticket is not in it."""
        return self.came(
            told,
            key="",
            from_chain=told.contract.partner,
            to_address=told["to"],
            got=told["amount"],
        )

    def _withdrawn(self, told: Told) -> Departure | None:
        position, chain = told["position"], told.receipt.chain
        token = next(
            (
                one
                for one in self.beside(told.receipt, "WithdrawalInitiated", "l2_gateway")
                if one["_l2ToL1Id"] in (position, told["hash"])
            ),
            None,
        )
        if token is None and not told["callvalue"]:
            return None  # a message without value
        partner = told.contract.partner
        return self.left(
            told,
            sender=token["_from"] if token else told["caller"],
            asset="" if token else native_asset(chain),
            sent=token["_amount"] if token else told["callvalue"],
            to_chain=partner,
            to_address=token["_to"] if token else told["destination"],
            to_asset=erc20(partner, token["l1Token"]) if token else native_asset(partner),
            to_amount=token["_amount"] if token else told["callvalue"],
            key=f"out:{position}",
        )

    def _executed(self, told: Told) -> Landing:
        if told["transactionIndex"] >> 64:
            raise BadLog("a position that no message has")
        paid = [
            one
            for one in self.beside(told.receipt, "WithdrawalFinalized", "l1_gateway")
            if one.log.address == told["to"]
        ]
        token = paid[-1] if paid else None
        return self.came(
            told,
            key=f"out:{told['transactionIndex']}",
            from_chain=told.contract.partner,
            to_address=token["_to"] if token else told["to"],
            asset=erc20(told.receipt.chain, token["l1Token"]) if token else "",
            got=token["_amount"] if token else None,
        )


def _ticket_id(told: Told, delivered: Told) -> str:
    """Keccak of 0x69 and the RLP of the transaction that Arbitrum makes of the message."""
    to, value, deposit, fee, refund, beneficiary, gas, gas_price, length, rest = take(
        told["data"], *_FIELDS
    )
    target = low_address(to)
    fields = [
        int(told.contract.partner.rpartition(":")[2] or 0),
        told["messageNum"].to_bytes(32),
        bytes.fromhex(delivered["sender"][2:]),
        delivered["baseFeeL1"],
        int.from_bytes(deposit),
        int.from_bytes(gas_price),
        int.from_bytes(gas),
        b"" if target == ZERO else bytes.fromhex(target[2:]),
        int.from_bytes(value),
        bytes.fromhex(low_address(beneficiary)[2:]),
        int.from_bytes(fee),
        bytes.fromhex(low_address(refund)[2:]),
        rest[: int.from_bytes(length)],
    ]
    return "0x" + keccak(b"\x69" + rlp.encode(fields)).hex()
