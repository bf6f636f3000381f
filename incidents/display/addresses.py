"""Addresses and hashes on screen. Stored hex is lower case; a person reads EIP-55."""

from dataclasses import dataclass

from tracing.core import caip

HEAD, TAIL = 10, 8


@dataclass(frozen=True, slots=True)
class ShownAddress:
    """One address of one chain. ``full`` is what a copy button copies."""

    chain: str  # CAIP-2
    full: str

    @property
    def short(self) -> str:
        return short(self.full)

    @property
    def groups(self) -> list[str]:
        """Fours, for reading aloud; the 0x of hex stays with its first group."""
        start = 2 if self.full.startswith("0x") else 0
        body = self.full[start:]
        fours = [body[i : i + 4] for i in range(0, len(body), 4)]
        return [self.full[:start] + fours[0], *fours[1:]] if fours else [self.full]


def show(caip10: str) -> ShownAddress:
    """A CAIP-10 account for the screen; hex of EVM chains gets its EIP-55 capitals."""
    namespace, _, rest = caip10.partition(":")
    reference, _, account = rest.partition(":")
    chain = f"{namespace}:{reference}"
    try:
        return ShownAddress(chain, caip.display_address(chain, account))
    except ValueError:  # an event of an older release may hold what is no address
        return ShownAddress(chain, account)


def short(text: str) -> str:
    """Head and tail of a long address or hash. Never the only way to see it: pages give the whole
    beside it (title, copy button, its own page), because look-alikes share both ends."""
    return text if len(text) <= HEAD + TAIL + 3 else f"{text[:HEAD]}…{text[-TAIL:]}"
