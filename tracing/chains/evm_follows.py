"""What no root commits to in a receipt, but what follows from what the roots do commit to: the gas
of one transaction, its price, the contract that it made. Pure.

Fees are reckoned with these. A receipt that fails here is refused without blame: some programs told
them in ways of their own, and what is wrong cannot be proved to anybody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_utils.crypto import keccak

from tracing.chains import evm_rlp
from tracing.chains.errors import BadAnswer
from tracing.chains.evm_json import address, objects, optional_address, optional_quantity, quantity
from tracing.chains.evm_signed import DEPOSIT, type_of


def check_follows(header: Mapping[str, Any], receipts: Sequence[Mapping[str, Any]]) -> None:
    """Raises BadAnswer. The roots have been checked. From Amsterdam on gas is counted in another
    way (EIP-7778), so nothing is said of such blocks."""
    if header.get("blockAccessListHash") is not None:
        return
    base = header.get("baseFeePerGas")
    total = 0
    for tx, receipt in zip(
        objects(header.get("transactions"), "a transaction"), receipts, strict=True
    ):
        upto = quantity(receipt.get("cumulativeGasUsed"), "a receipt's gas")
        if quantity(receipt.get("gasUsed"), "a receipt's gas") != upto - total:
            raise BadAnswer("the gas of a receipt is not what was used in between")
        total = upto
        if optional_address(receipt.get("to"), "a receipt's") != optional_address(
            tx.get("to"), "a transaction's receiver"
        ):
            raise BadAnswer("a receipt names another receiver than its transaction")
        if type_of(tx) == DEPOSIT:
            continue  # costs nothing, and is counted by a nonce of its own
        if base is not None:
            _check_price(tx, receipt, quantity(base, "the base fee"))
        _check_made(tx, receipt)


def _check_price(tx: Mapping[str, Any], receipt: Mapping[str, Any], base: int) -> None:
    """EIP-1559. Some nodes tell no price at all."""
    if receipt.get("effectiveGasPrice") is None:
        return
    if type_of(tx) < 2:
        price = quantity(tx.get("gasPrice"), "a gas price")
    else:
        tip = quantity(tx.get("maxPriorityFeePerGas"), "a tip")
        price = min(quantity(tx.get("maxFeePerGas"), "a gas price"), base + tip)
    if optional_quantity(receipt["effectiveGasPrice"], "a gas price") != price:
        raise BadAnswer("the gas price of a receipt is not its transaction's")


def _check_made(tx: Mapping[str, Any], receipt: Mapping[str, Any]) -> None:
    """Yellow Paper, 7: a contract's address is made of its creator's and that one's nonce."""
    told = optional_address(receipt.get("contractAddress"), "a created contract")
    if told is None:
        return
    sender = bytes.fromhex(address(tx.get("from"), "a transaction's sender")[2:])
    nonce = evm_rlp.integer(quantity(tx.get("nonce"), "a nonce"))
    made = keccak(evm_rlp.sequence((evm_rlp.string(sender), nonce)))[12:]
    if tx.get("to") is not None or told != "0x" + made.hex():
        raise BadAnswer("a receipt names a contract that its transaction did not make")
