"""TrueUSD on Ethereum.

The direction is in the data, not in the hash. No view is verified.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout

_SOURCE = "TokenBrice/pharos-watch worker/src/lib/blacklist-contracts.ts"


class TrueUsd(FreezeInterface):
    slug = "trueusd"
    name = "TrueUSD"
    events = (
        Event(
            "Blacklisted(address,bool)",
            "0xcf3473b85df1594d47b6958f29a32bea0abff9dd68296f7bf33443646793cfd8",
            Action.FLAG,
            (Layout(2, "topic1", words=1, flag="word0"),),
            _SOURCE,
        ),
        Event(
            "DestroyedBlackFunds(address,uint256)",
            "0x61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6",
            Action.DESTROY,
            (Layout(2, "topic1", words=1, amount="word0"),),
            _SOURCE,
        ),
    )
