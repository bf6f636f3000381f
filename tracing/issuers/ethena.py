"""Ethena's sUSDe: a restriction is a role. USDe itself has none.

Roles of every kind log these events: only the two of restriction count.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout, View

_SOURCE_1 = (
    "ethena-labs/code4arena-contest protocols/USDe/contracts/StakedUSDe.sol "
    "(OpenZeppelin AccessControl)"
)
_SOURCE_2 = "ethena-labs/code4arena-contest protocols/USDe/contracts/StakedUSDe.sol"
_SOURCE_3 = (
    "DawnInShatter/with-platforms contracts/test/ethena/IStakedUSDe.sol; "
    "ethena-labs/code4arena-contest protocols/USDe/contracts/StakedUSDe.sol"
)
# keccak-256 of FULL_RESTRICTED_STAKER_ROLE and SOFT_RESTRICTED_STAKER_ROLE
FULL = "0x0a4af4bcc1942295207d9f047442ebdae6170a6e324850f758b14cf99b65c3bd"
SOFT = "0x8f7080408a06296c6347c87c115ad99669141ae35eae974c12dff8bd01680cb6"
_RESTRICTIONS = frozenset({FULL, SOFT})


class EthenaStaked(FreezeInterface):
    slug = "ethena"
    name = "Ethena sUSDe"
    events = (
        Event(
            "RoleGranted(bytes32,address,address)",
            "0x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d",
            Action.FREEZE,
            (Layout(4, "topic2", roles=_RESTRICTIONS),),
            _SOURCE_1,
        ),
        Event(
            "RoleRevoked(bytes32,address,address)",
            "0xf6391f5c32d9c69d2a47ea670b442974b53935d1edc7fd64eb21e047a839171b",
            Action.RELEASE,
            (Layout(4, "topic2", roles=_RESTRICTIONS),),
            _SOURCE_2,
        ),
        Event(
            "LockedAmountRedistributed(address,address,uint256)",
            "0xb8ef21f2b52f8ca740012254a6b10f17d2fd6e589f97ebf401fde0e8b9218937",
            Action.TAKE,
            (Layout(3, "topic1", words=1, amount="word0"),),
            _SOURCE_3,
        ),
    )
    views = (
        View("hasRole(bytes32,address)", "0x91d14854", _SOURCE_2, before=FULL[2:]),
        View("hasRole(bytes32,address)", "0x91d14854", _SOURCE_2, before=SOFT[2:]),
    )
