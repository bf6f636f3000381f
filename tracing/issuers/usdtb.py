"""USDtb (Anchorage, Ethena): one event carries many accounts.

No view is verified.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout

_SOURCE = "TokenBrice/pharos-watch worker/src/lib/blacklist-contracts.ts"


class Usdtb(FreezeInterface):
    slug = "usdtb"
    name = "USDtb"
    events = (
        Event(
            "AccountsBlocked(address[])",
            "0x5444f9841c04ce78987f28701fa07fc4c112840c1c8439e8f52bda50c3788a87",
            Action.FREEZE,
            (Layout(1, "word2", words=2, is_list=True),),
            _SOURCE,
        ),
        Event(
            "AccountsUnblocked(address[])",
            "0x4a637dd1cd99ae43d353009d0ffbc16b05cc69808b819ebf852c68ea47b34dd4",
            Action.RELEASE,
            (Layout(1, "word2", words=2, is_list=True),),
            _SOURCE,
        ),
    )
