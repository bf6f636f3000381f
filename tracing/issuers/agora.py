"""Agora's AUSD.

Frax has the same event with the account in the data: the number of topics tells. No view is
verified.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout

_SOURCE = "TokenBrice/pharos-watch worker/src/lib/blacklist-contracts.ts"


class AgoraAusd(FreezeInterface):
    slug = "agora"
    name = "Agora AUSD"
    events = (
        Event(
            "AccountFrozen(address)",
            "0x4f2a367e694e71282f29ab5eaa04c4c0be45ac5bf2ca74fb67068b98bdc2887d",
            Action.FREEZE,
            (
                Layout(2, "topic1"),
                Layout(1, "word0", words=1),
            ),
            _SOURCE,
        ),
        Event(
            "AccountUnfrozen(address)",
            "0xf915cd9fe234de6e8d3afe7bf2388d35b2b6d48e8c629a24602019bde79c213a",
            Action.RELEASE,
            (
                Layout(2, "topic1"),
                Layout(1, "word0", words=1),
            ),
            _SOURCE,
        ),
    )
