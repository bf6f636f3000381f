"""Stablecoins in the manner of First Digital and BitGo (FDUSD, EURI, U).

The first indexed address is the caller, the second is the account.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout, View

_SOURCE_1 = "TokenBrice/pharos-watch audit 2026-04-17 (Etherscan v2 getabi + eth_getLogs probes)"
_SOURCE_2 = "public mapping frozen in Stablecoin.sol"


class DualIndexFreeze(FreezeInterface):
    slug = "dual-index"
    name = "First Digital and tokens like it"
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
    )
    views = (View("frozen(address)", "0xd0516650", _SOURCE_2),)
