"""Maya Protocol: THORChain's grammar and events, other routers and another chain of its own."""

from tracing.bridges._routers import MemoRouter


class Maya(MemoRouter):
    slug = "maya"
    home = "cosmos:mayachain-mainnet-v1"
