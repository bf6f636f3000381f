"""Circle's FiatToken (USDC, EURC and forks of it).

Events and their hashes: circlefin/stablecoin-evm, contracts/v1/Blacklistable.sol. The account is
indexed. There is no event of seizure.
"""

from tracing.core.logs import Log
from tracing.issuers.base import FreezeInterface, FreezeSeen

BLACKLISTED = "0xffa4e6181777692565cf28528fc88fd1516ea86b56da075235fa575af6a4b855"
UNBLACKLISTED = "0x117e3210bb9aa7d9baff172026820255c6f6c30ba8999d1c2fd88e2848137c4e"


class CircleFiatToken(FreezeInterface):
    slug = "circle"

    def decode(self, log: Log) -> FreezeSeen | None:
        if not log.topics or log.topics[0] not in (BLACKLISTED, UNBLACKLISTED):
            return None
        address = log.address_at("topic1")
        return FreezeSeen(address, log.topics[0] == BLACKLISTED) if address else None
