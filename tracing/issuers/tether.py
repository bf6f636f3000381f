"""Tether's first token contract (USDT on Ethereum and its siblings).

AddedBlackList(address) and RemovedBlackList(address): the account is in the data on Ethereum and
indexed on the TRC-20 family, under the same event hash.
"""

from tracing.core.logs import Log
from tracing.issuers.base import FreezeInterface, FreezeSeen

ADDED = "0x42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc"
REMOVED = "0xd7e9ec6e6ecd65492dce6bf513cd6867560d49544421d0783ddf06e76c24470c"


class TetherToken(FreezeInterface):
    slug = "tether"

    def decode(self, log: Log) -> FreezeSeen | None:
        if not log.topics or log.topics[0] not in (ADDED, REMOVED):
            return None
        address = log.address_at("topic1" if len(log.topics) > 1 else "word0")
        return FreezeSeen(address, log.topics[0] == ADDED) if address else None
