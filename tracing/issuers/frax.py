"""Frax's frxUSD.

Agora has the same event with the account indexed: the number of topics tells. No view is verified.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout

_SOURCE = "TokenBrice/pharos-watch worker/src/lib/blacklist-contracts.ts"


class FraxUsd(FreezeInterface):
    slug = "frax"
    name = "Frax frxUSD"
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
            "AccountThawed(address)",
            "0x74bb8c2778db9c683c274e7bfdcb56dba4f1c737411c8182363097eec281eea4",
            Action.RELEASE,
            (
                Layout(2, "topic1"),
                Layout(1, "word0", words=1),
            ),
            _SOURCE,
        ),
    )
