"""Tether's WithBlockedList (USDT0, XAUT, and USDT on Arbitrum and Polygon since their upgrade).

Contracts that were upgraded in place name the older family too.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout, View

_SOURCE_1 = (
    "Tether WithBlockedList.sol (2020) and TokenBrice/pharos-watch "
    "worker/src/lib/blacklist-contracts.ts"
)
_SOURCE_2 = (
    "Tether WithBlockedList.sol; TokenBrice/pharos-watch worker/src/lib/blacklist-contracts.ts"
)
_SOURCE_3 = "TokenBrice/pharos-watch worker/src/lib/blacklist-contracts.ts"
_SOURCE_4 = "Tether WithBlockedList.sol public mapping isBlocked"


class TetherBlockedList(FreezeInterface):
    slug = "tether-v2"
    name = "Tether with a blocked list"
    events = (
        Event(
            "BlockPlaced(address)",
            "0x406bbf2d8d145125adf1198d2cf8a67c66cc4bb0ab01c37dccd4f7c0aae1e7c7",
            Action.FREEZE,
            (Layout(2, "topic1"),),
            _SOURCE_1,
        ),
        Event(
            "BlockReleased(address)",
            "0x665918c9e02eb2fd85acca3969cb054fc84c138e60ec4af22ab6ef2fd4c93c27",
            Action.RELEASE,
            (Layout(2, "topic1"),),
            _SOURCE_2,
        ),
        Event(
            "DestroyedBlockedFunds(address,uint256)",
            "0x6a2859ae7902313752498feb80a014e6e7275fe964c79aa965db815db1c7f1e9",
            Action.DESTROY,
            (Layout(2, "topic1", words=1, amount="word0"),),
            _SOURCE_3,
        ),
    )
    views = (View("isBlocked(address)", "0xfbac3951", _SOURCE_4),)
