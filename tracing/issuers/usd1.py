"""World Liberty's USD1: the events of First Digital's kind, and seizures.

The first indexed address is the caller. How seizures are indexed comes from a tracker's settings,
not from verified source; that the view is there too is by analogy.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout, View

_SOURCE_1 = "TokenBrice/pharos-watch worker/src/lib/blacklist-contracts.ts"
_SOURCE_2 = "by analogy with Stablecoin.sol; not verified on USD1"


class Usd1(FreezeInterface):
    slug = "usd1"
    name = "World Liberty USD1"
    events = (
        Event(
            "Freeze(address,address)",
            "0x51d18786e9cb144f87d46e7b796309ea84c7c687d91e09c97f051eacf59bc528",
            Action.FREEZE,
            (Layout(3, "topic2"),),
            _SOURCE_1,
        ),
        Event(
            "Unfreeze(address,address)",
            "0x4f3ab9ff0cc4f039268532098e01239544b0420171876e36889d01c62c784c79",
            Action.RELEASE,
            (Layout(3, "topic2"),),
            _SOURCE_1,
        ),
        Event(
            "FrozenAccountDrained(address,address,uint256)",
            "0x76fa81ac53e82d7102caacc3866ae3ca5684caa4c24d995ff4d76ce8a10fbfef",
            Action.TAKE,
            (Layout(3, "topic2", words=1, amount="word0"),),
            _SOURCE_1,
        ),
        Event(
            "FrozenFundsReallocated(address,address,address,uint256)",
            "0x10aa54b8d21641b161adf6251c11512c46fcf822feaf6f66057c006dc29def4a",
            Action.TAKE,
            (Layout(4, "topic2", words=1, amount="word0"),),
            _SOURCE_1,
        ),
    )
    views = (View("frozen(address)", "0xd0516650", _SOURCE_2),)
