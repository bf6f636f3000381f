"""A plain chain in a test's hands: transactions on anvil, each in a block of its own."""

from typing import Any

from eth_abi.abi import encode

from config.embedded.node import Node
from tracing.drills.calls import artefact, calldata


def take_over(node: Node, account: str, *, wei: int = 10**24) -> str:
    """Let the node sign for an account, and give it ether."""
    node.call("anvil_setBalance", account, hex(wei))
    node.call("anvil_impersonateAccount", account)
    return account


def send(
    node: Node, sender: str, to: str | None = None, *, value: int = 0, data: str = "0x"
) -> str:
    """The hash of a transaction that was mined, whatever came of it."""
    # Without a price of its own, a transaction vanishes on an anvil whose base fee is 0.
    fields = {"from": sender, "value": hex(value), "data": data, "gasPrice": hex(10**10)}
    fields |= {"gas": hex(3_000_000)} | ({} if to is None else {"to": to})
    sent: str = node.call("eth_sendTransaction", fields)
    node.call("evm_mine")
    return sent


def deploy(node: Node, sender: str, contract: str, name: str, symbol: str) -> str:
    """The address of one of the drill's tokens."""
    arguments = encode(["string", "string"], [name, symbol]).hex()
    made = send(node, sender, data=artefact(contract)["bytecode"] + arguments)
    receipt = node.call("eth_getTransactionReceipt", made)
    return str(receipt["contractAddress"]).lower()


def call(node: Node, sender: str, contract: str, at: str, method: str, *args: Any) -> str:
    """A method of one of the drill's contracts, as a transaction; its hash."""
    return send(node, sender, at, data=calldata(contract, method, *args))
