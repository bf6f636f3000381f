"""The denylist of Circle's CCTP v2: an account that may not bridge.

TokenMessengerV2 logs it, not USDC, and the balance stays free: this is no freeze.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout, View

_SOURCE = (
    "circlefin/evm-cctp-contracts@4061786 src/roles/v2/Denylistable.sol; address: "
    "lifinance/contracts@ef00558 config/polymercctp.json"
)


class CctpDenylist(FreezeInterface):
    slug = "cctp-denylist"
    name = "Circle's CCTP v2 denylist"
    events = (
        Event(
            "Denylisted(address)",
            "0xfa4507bc1f9c730e6e95897024f1fe7d576cf2deb53579d55c14f1ac3439e114",
            Action.DENY,
            (Layout(2, "topic1"),),
            _SOURCE,
        ),
        Event(
            "UnDenylisted(address)",
            "0xc904e1b03de0c20d7fcf9dbd056daf1bd3815e93f251199de815fd0f0b96e166",
            Action.ALLOW,
            (Layout(2, "topic1"),),
            _SOURCE,
        ),
    )
    views = (View("isDenylisted(address)", "0xe877a526", _SOURCE),)
    emitters = frozenset({"0x28b5a0e9c621a5badaa536219b3a228c8168cf5d"})  # TokenMessengerV2
