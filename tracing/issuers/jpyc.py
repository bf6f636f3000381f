"""JPYC: Circle's code with another spelling.

No view is verified.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout

_SOURCE = "TokenBrice/pharos-watch worker/src/lib/blacklist-contracts.ts"


class JpycBlocklist(FreezeInterface):
    slug = "jpyc"
    name = "JPYC"
    events = (
        Event(
            "Blocklisted(address)",
            "0x917c251bb231c4b997a420bebe47edad5c20e70715da16c38e9b2e172e44ab92",
            Action.FREEZE,
            (Layout(2, "topic1"),),
            _SOURCE,
        ),
        Event(
            "UnBlocklisted(address)",
            "0xbc3fe0fc667d12a7a22748747f024a7d971127ffc48f6622675d3e97a2591a51",
            Action.RELEASE,
            (Layout(2, "topic1"),),
            _SOURCE,
        ),
    )
