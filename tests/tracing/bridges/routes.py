"""Pieces that several samples share."""

from tests.tracing.bridges.logs import TX, word
from tracing.bridges._tokens import TRANSFER
from tracing.core.logs import Log


def transfer(token: str, source: str, target: str, amount: int, *, index: int = 0) -> Log:
    """An ERC-20 Transfer."""
    topics = (TRANSFER, "0x" + word(source).hex(), "0x" + word(target).hex())
    return Log(token, topics, "0x" + amount.to_bytes(32).hex(), TX, index)
