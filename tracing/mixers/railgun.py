"""Railgun: any token, any amount; both are public on the way in and out.
Railgun-Privacy/contract@9ec0912 contracts/logic/RailgunLogic.sol.

Logs of before its present contract (CommitmentBatch and the like) are not known here.
"""

from collections.abc import Mapping

from tracing.core.logs import BadLog, Log
from tracing.mixers.base import Deposit, Mixer, Reader, Seen, Withdrawal, account, shape

SHIELD = "0x3a5b9dc26075a3801a6ddccf95fec485bb7500a91b44cec1add984c21ee6db3b"
UNSHIELD = "0xd93cf895c7d5b2cd7dc7a098b678b3089f37d91f48d9b83a0800a91cbdf05284"
_MOST = 1_000  # commitments of one shield; a block's gas holds fewer
_WORDS = 5  # of one commitment: key, kind of token, token, its id, value


class Railgun(Mixer):
    slug = "railgun"
    name = "Railgun"
    signatures = {
        SHIELD: (
            "Shield(uint256,uint256,(bytes32,(uint8,address,uint256),uint120)[],"
            "(bytes32[3],bytes32)[],uint256[])"
        ),
        UNSHIELD: "Unshield(address,(uint8,address,uint256),uint256,uint256)",
        "0x781745c57906dc2f175fec80a9c691744c91c48a34a83672c41c2604774eb11f": (
            "Nullified(uint16,bytes32[])"
        ),
        "0x56a618cda1e34057b7f849a5792f6c8587a2dbe11c83d0254e72cb3daffda7d1": (
            "Transact(uint256,uint256,bytes32[],(bytes32[4],bytes32,bytes32,bytes,bytes)[])"
        ),
    }

    def readers(self) -> Mapping[str, Reader]:
        return {SHIELD: _shield, UNSHIELD: _unshield}


def _shield(log: Log) -> Seen:
    shape(log, topics=1, words=6, is_open=True)
    offset, words = log.number_at("word2") or 0, log.words or 0
    at = offset // 32
    count = log.number_at(f"word{at}") if offset % 32 == 0 and at < words else None
    if count is None or count > _MOST or at + 1 + count * _WORDS > words:
        raise BadLog("Shield: no list of commitments")
    return Deposit(log.address, amount=log.number_at(f"word{at + _WORDS}") if count == 1 else None)


def _unshield(log: Log) -> Seen:
    shape(log, topics=1, words=6)
    return Withdrawal(log.address, account(log, "word0"), amount=log.number_at("word4"))
