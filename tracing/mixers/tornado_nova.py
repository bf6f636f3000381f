"""Tornado Cash Nova: one pool of any amount on Gnosis. tornadocash/tornado-nova@f9264ee
contracts/TornadoPool.sol.

Nothing in it tells a recipient: amounts leave through the Omnibridge's unwrapper on Ethereum. A
transaction makes two commitments, whether it pays in or out, so none is counted.
"""

from tracing.mixers.base import Mixer


class TornadoNova(Mixer):
    slug = "tornado-nova"
    name = "Tornado Cash Nova"
    signatures = {
        "0xf3843eddcfcac65d12d9f26261dab50671fdbf5dc44441816c8bbdace2411afd": (
            "NewCommitment(bytes32,uint256,bytes)"
        ),
        "0x5e58f77bbf94b46d8d896e29753e4458c6e59b48581e20ed58c9558e96f297ce": (
            "NewNullifier(bytes32)"
        ),
        "0x2c1ca5c14df2aba59d26842c5ff53f6817052ef34f6f7537f8b4c9e3805a5e50": (
            "PublicKey(address,bytes)"
        ),
    }
