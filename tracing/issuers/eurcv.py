"""Société Générale Forge's EURCV and USDCV: one event carries many accounts.

No view is verified.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout

_SOURCE = "TokenBrice/pharos-watch worker/src/lib/blacklist-contracts.ts"


class Eurcv(FreezeInterface):
    slug = "eurcv"
    name = "SG Forge EURCV and USDCV"
    events = (
        Event(
            "AddressesFrozen(address[])",
            "0x07381cac78ed3e2aa4d96e0d2c80e39d1c2fff09d8f6f079fa7249b553f45425",
            Action.FREEZE,
            (Layout(1, "word2", words=2, is_list=True),),
            _SOURCE,
        ),
        Event(
            "AddressesUnFrozen(address[])",
            "0xb474664863a35c00b84f99fe9155ea67676b17495d6f9d6b0277787801f77a45",
            Action.RELEASE,
            (Layout(1, "word2", words=2, is_list=True),),
            _SOURCE,
        ),
    )
