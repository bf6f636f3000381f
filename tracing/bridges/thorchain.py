"""THORChain: swaps to native assets of other chains, by memo.

The outbound memo is OUT: (or REFUND:) and the inbound transaction; with the vault it is the key.
"""

from tracing.bridges._routers import MemoRouter


class Thorchain(MemoRouter):
    slug = "thorchain"
    home = "cosmos:thorchain-1"
