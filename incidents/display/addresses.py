"""Addresses and hashes on screen. Stored hex is lower case; a person reads EIP-55."""

import re
from dataclasses import dataclass

from tracing.core import caip

HEAD, TAIL = 10, 8
HEX_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{40}\b")


@dataclass(frozen=True, slots=True)
class ShownAddress:
    """One address of one chain. ``full`` is what a copy button copies."""

    chain: str  # CAIP-2
    full: str

    @property
    def short(self) -> str:
        return short(self.full)


def show(caip10: str) -> ShownAddress:
    """A CAIP-10 account for the screen; hex of EVM chains gets its EIP-55 capitals."""
    namespace, _, rest = caip10.partition(":")
    reference, _, account = rest.partition(":")
    chain = f"{namespace}:{reference}"
    try:
        return ShownAddress(chain, caip.display_address(chain, account))
    except ValueError:  # an event of an older release may hold what is no address
        return ShownAddress(chain, account)


def checksummed(sentence: str) -> str:
    """``sentence`` with its EVM addresses in EIP-55: storage has them in lower case."""
    return HEX_ADDRESS.sub(lambda match: show(f"eip155:0:{match.group()}").full, sentence)


def short(text: str) -> str:
    """Head and tail of a long address or hash. Never the only way to see it: pages give the whole
    beside it (title, copy button, its own page), because look-alikes share both ends."""
    return text if len(text) <= HEAD + TAIL + 3 else f"{text[:HEAD]}…{text[-TAIL:]}"
