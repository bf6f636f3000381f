"""THORChain: swaps to native assets of other chains, by memo.

Both sides are one key: the outbound memo is OUT: (or REFUND:) and the inbound transaction.
"""

from tracing.bridges._routers import MemoRouter


class Thorchain(MemoRouter):
    slug = "thorchain"
    home = "cosmos:thorchain-1"
