"""The chain's own dollar on Arc (NativeFiatToken): its blocklist is kept by a precompile.

The token logs FiatToken's events too, but a freeze made on the precompile shows in no event: only
the view tells. (That the events leave it out is an inference of the source's readers.)
"""

from tracing.issuers.base import FreezeInterface, View

_SOURCE = (
    "circlefin/stablecoin-evm@46e61d0 contracts/interface/NativeFiatToken/INativeCoinControl.sol"
)


class ArcNativeToken(FreezeInterface):
    slug = "arc-native"
    name = "Arc's native dollar"
    is_state_only = True
    views = (View("isBlocklisted(address)", "0x8e204c43", _SOURCE),)
