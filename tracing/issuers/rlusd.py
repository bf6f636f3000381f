"""Ripple's RLUSD.

A clawback exists; its event is not known here. No view is verified.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout

_SOURCE = "TokenBrice/pharos-watch worker/src/lib/blacklist-contracts.ts"


class Rlusd(FreezeInterface):
    slug = "rlusd"
    name = "Ripple RLUSD"
    events = (
        Event(
            "AccountPaused(address)",
            "0xae7f60c1b8f645c3beffeb531169cbc446874bbf247698325318879ac850c346",
            Action.FREEZE,
            (Layout(1, "word0", words=1),),
            _SOURCE,
        ),
        Event(
            "AccountUnpaused(address)",
            "0x0c18efbde61ac471ead6960a3f1097735c68ecdb685ae8e2a108c28385399a65",
            Action.RELEASE,
            (Layout(1, "word0", words=1),),
            _SOURCE,
        ),
    )
