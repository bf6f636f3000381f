"""Across: intents. A deposit is filled by a relayer; both sides log origin chain and deposit id.

Anybody may "fill" a deposit that he made up, under a true deposit's number: the pool learns only
later that nobody pays him back. So the key has a hash of what both sides say of the deposit, as the
pool's own relay hash has; who repeats all of it has paid the true recipient in full. A speed-up,
signed by the depositor, can change recipient and amount: only the fill says where it went.
"""

from collections.abc import Mapping

from eth_utils.crypto import keccak

from tracing.bridges._events import low_address
from tracing.bridges._words import asset_at, packed, packed_asset
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told

_UPDATED_RECIPIENT, _UPDATED_AMOUNT = 0, 2  # places in relayExecutionInfo


class Across(Bridge):
    slug = "across"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("FundsDeposited", self._deposit),
                self.on("V3FundsDeposited", self._deposit),
                self.on("FilledRelay", self._fill),
                self.on("FilledV3Relay", self._fill),
            ]
        )

    def _deposit(self, told: Told) -> Departure:
        chain, to_chain = told.receipt.chain, self.far_or_evm(told["destinationChainId"])
        output = _word(told["outputToken"])
        return self.left(
            told,
            sender=low_address(_word(told["depositor"])),
            asset=asset_at(chain, low_address(_word(told["inputToken"]))),
            sent=told["inputAmount"],
            to_chain=to_chain,
            to_address=packed(to_chain, _word(told["recipient"])),
            to_asset=packed_asset(to_chain, output) if any(output) else "",
            to_amount=told["outputAmount"],
            key=_key(chain, told),
        )

    def _fill(self, told: Told) -> Landing:
        origin = self.far_or_evm(told["originChainId"])
        filled = told["relayExecutionInfo"]
        chain = told.receipt.chain
        return self.came(
            told,
            key=_key(origin, told),
            from_chain=origin,
            to_address=low_address(_word(filled[_UPDATED_RECIPIENT])),
            asset=asset_at(chain, low_address(_word(told["outputToken"]))),
            got=filled[_UPDATED_AMOUNT],
        )


def _key(origin: str, told: Told) -> str:
    """Without the output token, which a deposit may leave to the bridge: the match compares it."""
    message = told.values.get("messageHash")
    if message is None:
        message = keccak(told["message"]) if told["message"] else bytes(32)
    words = [
        _word(told[name]) for name in ("inputToken", "depositor", "recipient", "exclusiveRelayer")
    ]
    numbers = [told[name].to_bytes(32) for name in ("inputAmount", "outputAmount", "fillDeadline",
                                                    "exclusivityDeadline")]  # fmt: skip
    return f"{origin}:{told['depositId']}:{keccak(b''.join([*words, *numbers, message])).hex()}"


def _word(value: bytes | str) -> bytes:
    """The older events have addresses where the newer ones have 32 bytes."""
    return value if isinstance(value, bytes) else bytes(12) + bytes.fromhex(value[2:])
