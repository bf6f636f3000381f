"""Circle's FiatToken (USDC, EURC and forks of it).

There is no event of seizure. Since v2.2 the flag lies in the top bit of the balance's slot: ask the
view, never a slot.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout, View

_SOURCE = "circlefin/stablecoin-evm@46e61d0 contracts/v1/Blacklistable.sol"


class CircleFiatToken(FreezeInterface):
    slug = "circle"
    name = "Circle's FiatToken"
    events = (
        Event(
            "Blacklisted(address)",
            "0xffa4e6181777692565cf28528fc88fd1516ea86b56da075235fa575af6a4b855",
            Action.FREEZE,
            (Layout(2, "topic1"),),
            _SOURCE,
        ),
        Event(
            "UnBlacklisted(address)",
            "0x117e3210bb9aa7d9baff172026820255c6f6c30ba8999d1c2fd88e2848137c4e",
            Action.RELEASE,
            (Layout(2, "topic1"),),
            _SOURCE,
        ),
    )
    views = (View("isBlacklisted(address)", "0xfe575a87", _SOURCE),)
