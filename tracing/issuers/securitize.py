"""Securitize's tokens (BlackRock BUIDL): seizures only.

In an omnibus seizure the account is in the data. No view is verified.
"""

from tracing.issuers.base import Action, Event, FreezeInterface, Layout

_SOURCE = "TokenBrice/pharos-watch worker/src/lib/blacklist-contracts.ts"


class SecuritizeSeize(FreezeInterface):
    slug = "securitize"
    name = "Securitize (BUIDL)"
    events = (
        Event(
            "Seize(address,address,uint256,string)",
            "0x5068c48f7f290ce2b8d555bd28014be9f312999bb621037ea3e9fc86335a21d7",
            Action.TAKE,
            (Layout(3, "topic1", words=1, amount="word0", is_open=True),),
            _SOURCE,
        ),
        Event(
            "OmnibusSeize(address,address,uint256,string,uint8)",
            "0x5c719d01bb88860dfca685ad3818d8b61a083caaf8f68abe6fa0fba4e40e33a9",
            Action.TAKE,
            (Layout(2, "word0", words=2, amount="word1", is_open=True),),
            _SOURCE,
        ),
    )
