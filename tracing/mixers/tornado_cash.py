"""Tornado Cash: pools of one denomination each. tornadocash/tornado-core@1ef6a26
contracts/Tornado.sol.

The deposit does not tell its depositor: that is who paid in the transaction. The amount is the
pool's denomination.
"""

from collections.abc import Mapping

from tracing.core.logs import Log
from tracing.mixers.base import Deposit, Mixer, Reader, Seen, Withdrawal, account, shape

DEPOSIT = "0xa945e51eec50ab98c161376f0db4cf2aeba3ec92755fe2fcd388bdbbb80ff196"
WITHDRAWAL = "0xe9e508bad6d4c3227e881ca19068f099da81b5164dd6d62b2eaf1e8bc6c34931"
_NOBODY = "0x" + "00" * 20


class TornadoCash(Mixer):
    slug = "tornado-cash"
    name = "Tornado Cash"
    signatures = {
        DEPOSIT: "Deposit(bytes32,uint32,uint256)",
        WITHDRAWAL: "Withdrawal(address,bytes32,address,uint256)",
    }

    def readers(self) -> Mapping[str, Reader]:
        return {DEPOSIT: _deposit, WITHDRAWAL: _withdrawal}


def _deposit(log: Log) -> Seen:
    shape(log, topics=2, words=2)
    return Deposit(log.address)


def _withdrawal(log: Log) -> Seen:
    shape(log, topics=2, words=3)
    relayer = account(log, "topic1")
    return Withdrawal(log.address, account(log, "word0"), "" if relayer == _NOBODY else relayer)
