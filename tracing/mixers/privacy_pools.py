"""Privacy Pools (0xbow): amounts are public, the way between them is not.
0xbow-io/privacy-pools-core@a80836a packages/contracts/src/interfaces/IEntrypoint.sol and
IPrivacyPool.sol.

A deposit is logged by the pool and by the entrypoint; the pool's counts. A relayed withdrawal is
logged by both too; only the entrypoint tells the recipient, and names the asset instead of the
pool. Who can refuse a deposit (the Association Set Provider) should hear of a stolen one at once:
what is refused can only go back to its depositor in the open (Ragequit).
"""

from collections.abc import Mapping

from tracing.core.logs import Log
from tracing.mixers.base import Deposit, Mixer, Reader, Seen, Withdrawal, account, shape

BOTH_DEPOSITED = "0xf5681f9d0db1b911ac18ee83d515a1cf1051853a9eae418316a2fdf7dea427c5"
RELAYED = "0xe9b67844a7bb6e6ac95e8a0de02e4448dbb0c9460be9194348e4bbac6d13c2cf"
DEPOSITED = "0xe3b53cd1a44fbf11535e145d80b8ef1ed6d57a73bf5daa7e939b6b01657d6549"
WITHDRAWN = "0x75e161b3e824b114fc1a33274bd7091918dd4e639cede50b78b15a4eea956a21"
RAGEQUIT = "0xd2b3e868ae101106371f2bd93abc8d5a4de488b9fe47ed122c23625aa7172f13"
ENTRYPOINT = "0x6818809eefce719e480a7526d76bd3e561526b46"
_POOLS = {"0x" + "ee" * 20: "0xf241d57c6debae225c0f2e6ea1529373c9a9c9fb"}  # asset -> pool


class PrivacyPools(Mixer):
    slug = "privacy-pools"
    name = "Privacy Pools"
    signatures = {
        BOTH_DEPOSITED: "Deposited(address,address,uint256,uint256)",
        RELAYED: "WithdrawalRelayed(address,address,address,uint256,uint256)",
        DEPOSITED: "Deposited(address,uint256,uint256,uint256,uint256)",
        WITHDRAWN: "Withdrawn(address,uint256,uint256,uint256)",
        RAGEQUIT: "Ragequit(address,uint256,uint256,uint256)",
    }

    def readers(self) -> Mapping[str, Reader]:
        return {
            DEPOSITED: _deposited,
            RELAYED: _relayed,
            WITHDRAWN: _withdrawn,
            RAGEQUIT: _ragequit,
        }


def _deposited(log: Log) -> Seen:
    shape(log, topics=2, words=4)
    return Deposit(log.address, account(log, "topic1"), amount=log.number_at("word2"))


def _relayed(log: Log) -> Seen | None:
    shape(log, topics=4, words=2)
    relayer, recipient = account(log, "topic1"), account(log, "topic2")
    pool = _POOLS.get(account(log, "topic3"))
    if pool is None or log.address != ENTRYPOINT:
        return None  # of a pool that is not known, or somebody else's word
    return Withdrawal(pool, recipient, relayer, log.number_at("word0"))


def _withdrawn(log: Log) -> Seen | None:
    shape(log, topics=2, words=3)
    recipient = account(log, "topic1")
    if recipient == ENTRYPOINT:
        return None  # relayed: the entrypoint's own log tells for whom
    return Withdrawal(log.address, recipient, amount=log.number_at("word0"))


def _ragequit(log: Log) -> Seen:
    shape(log, topics=2, words=3)
    amount = log.number_at("word2")
    return Withdrawal(log.address, account(log, "topic1"), amount=amount, is_return=True)
