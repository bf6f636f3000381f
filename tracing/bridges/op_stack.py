"""The standard bridge of OP stack chains, both ways, and ether sent through the portal.

The bridge hands its transfer to the messenger in the same transaction; the hash of that message is
what the far messenger logs when it relays it: the key. Ether sent straight to the portal lands
without a log. Withdrawals to Ethereum wait for the challenge period.
"""

from collections.abc import Mapping

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from tracing.bridges._tokens import take
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told
from tracing.core.caip import erc20, native_asset

_RELAY = keccak(text="relayMessage(uint256,address,address,uint256,uint256,bytes)")[:4]
_RELAY_TYPES = ["uint256", "address", "address", "uint256", "uint256", "bytes"]
_ALIAS = 0x1111000000000000000000000000000000001111
_MODERN = ("ETHBridgeInitiated", "ERC20BridgeInitiated")


class OpStack(Bridge):
    slug = "op_stack"

    def readers(self) -> Mapping[str, Reader]:
        role = "standard_bridge"
        return dict(
            [
                self.on("ETHBridgeInitiated", self._ether, role),
                self.on("ERC20BridgeInitiated", self._token, role),
                self.on("ETHDepositInitiated", self._old_ether, role),
                self.on("ERC20DepositInitiated", self._old_token, role),
                self.on("WithdrawalInitiated", self._old_token, role),
                self.on("TransactionDeposited", self._deposited, "portal"),
                self.on("ETHBridgeFinalized", self._ether_came, role),
                self.on("ERC20BridgeFinalized", self._token_came, role),
            ]
        )

    def _ether(self, told: Told) -> Departure:
        return self._left(told, native_asset(told.receipt.chain), "")

    def _token(self, told: Told) -> Departure:
        far = erc20(told.contract.partner, told["remoteToken"]) if told.contract.partner else ""
        return self._left(told, erc20(told.receipt.chain, told["localToken"]), far)

    def _old_ether(self, told: Told) -> Departure | None:
        return None if self._told_twice(told) else self._ether(told)

    def _old_token(self, told: Told) -> Departure | None:
        if self._told_twice(told):
            return None
        near, far = (
            ("l1Token", "l2Token") if told.receipt.chain == "eip155:1" else ("l2Token", "l1Token")
        )
        partner = told.contract.partner
        to_asset = erc20(partner, told[far]) if partner else ""
        return self._left(told, erc20(told.receipt.chain, told[near]), to_asset)

    def _told_twice(self, told: Told) -> bool:
        """Bridges since Bedrock log each transfer in the old words and in the new ones."""
        return any(
            beside.log.address == told.log.address
            for name in _MODERN
            for beside in self.beside(told.receipt, name)
        )

    def _left(self, told: Told, asset: str, to_asset: str) -> Departure:
        return self.left(
            told,
            sender=told["from"],
            asset=asset,
            sent=told["amount"],
            to_chain=told.contract.partner,
            to_address=told["to"],
            to_asset=to_asset,
            key=self._sent_hash(told),
            escrow=told.log.address,
        )

    def _sent_hash(self, told: Told) -> str:
        """Of the message that the bridge sent next (hashCrossDomainMessageV1); "" none beside."""
        sent = next(
            (
                message
                for message in self.beside(told.receipt, "SentMessage", "messenger")
                if message.log.index > told.log.index and message["sender"] == told.log.address
            ),
            None,
        )
        if sent is None:
            return ""
        value = next(
            (
                more["value"]
                for more in self.beside(told.receipt, "SentMessageExtension1", "messenger")
                if more.log.index > sent.log.index and more.log.address == sent.log.address
            ),
            0,
        )
        fields = [sent["messageNonce"], sent["sender"], sent["target"], value, sent["gasLimit"],
                  sent["message"]]  # fmt: skip
        return "0x" + keccak(_RELAY + encode(_RELAY_TYPES, fields)).hex()

    def _deposited(self, told: Told) -> Departure | None:
        source = int(told["from"], 16) - _ALIAS
        messengers = self.facts.contracts[told.receipt.chain] if source >= 0 else {}
        known = messengers.get(f"0x{source:040x}") if source >= 0 else None
        mint, _, _, creates, _ = take(told["opaqueData"], 32, 32, 8, 1)
        if (known and known.role == "messenger") or not any(mint):
            return None  # the messenger's: told by the bridge above it; or no value goes in
        return self.left(
            told,
            sender=told["from"],
            asset=native_asset(told.receipt.chain),
            sent=int.from_bytes(mint),
            to_chain=told.contract.partner,
            to_address="" if any(creates) else told["to"],
            escrow=told.log.address,
        )

    def _ether_came(self, told: Told) -> Landing:
        return self._came(told, native_asset(told.receipt.chain))

    def _token_came(self, told: Told) -> Landing:
        return self._came(told, erc20(told.receipt.chain, told["localToken"]))

    def _came(self, told: Told, asset: str) -> Landing:
        relayed = next(
            (
                one
                for one in self.beside(told.receipt, "RelayedMessage", "messenger")
                if one.log.index > told.log.index
            ),
            None,
        )
        return self.came(
            told,
            key="0x" + relayed["msgHash"].hex() if relayed else "",
            from_chain=told.contract.partner,
            to_address=told["to"],
            asset=asset,
            got=told["amount"],
        )
