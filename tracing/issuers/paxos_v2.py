"""PaxosTokenV2 (PYUSD, USDP, USDG, PAXG).

Proxies were upgraded from the first contract: such a token names both families.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout, View

_SOURCE = "paxosglobal/paxos-token-contracts@674ac10 contracts/PaxosTokenV2.sol"


class PaxosV2(FreezeInterface):
    slug = "paxos-v2"
    name = "Paxos's second token contract"
    events = (
        Event(
            "FreezeAddress(address)",
            "0x1aa660498c83ea285bc55e4cfc00afcaa7120798db87b74f3c0d7c6e001bc392",
            Action.FREEZE,
            (Layout(2, "topic1"),),
            _SOURCE,
        ),
        Event(
            "UnfreezeAddress(address)",
            "0x150465b020dfc06a59269da94ed66db9b65a516cf4fdd5f583b0f12752339bbe",
            Action.RELEASE,
            (Layout(2, "topic1"),),
            _SOURCE,
        ),
        Event(
            "FrozenAddressWiped(address)",
            "0xfc5960f1c5a5d2b60f031bf534af053b1bf7d9881989afaeb8b1d164db23aede",
            Action.DESTROY,
            (Layout(2, "topic1"),),
            _SOURCE,
        ),
    )
    views = (View("isFrozen(address)", "0xe5839836", _SOURCE),)
