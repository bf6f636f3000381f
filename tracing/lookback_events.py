"""What is said of looking back at an address."""

from dataclasses import dataclass

from incidents.events.base import Event, event


@dataclass(frozen=True, kw_only=True)
class _AboutLookback(Event):
    """Blocks from ``first`` to ``last``, both included."""

    chain: str
    address: str
    first: int
    last: int

    def subject(self) -> str:
        return f"address:{self.chain}:{self.address}"


@event
@dataclass(frozen=True, kw_only=True)
class LookbackAsked(_AboutLookback):
    """Somebody wants to know what passed through an address before."""

    kind = "lookback.asked"

    def headline(self) -> str:
        return f"What passed through {self.address} is read from block {self.first} on."


@event
@dataclass(frozen=True, kw_only=True)
class LookbackDone(_AboutLookback):
    """Every block was read. ``history``: who had told some of it before, "" where nobody had;
    ``missed`` and ``denied``: how many transfers it did not tell, or told and no block has."""

    kind = "lookback.done"
    transfers: int
    history: str = ""
    missed: int = 0
    denied: int = 0

    def headline(self) -> str:
        what = f"{self.transfers} transfer{'' if self.transfers == 1 else 's'}"
        said = f"{what} of {self.address} in blocks {self.first} to {self.last}, all read here."
        if self.history and (self.missed or self.denied):
            said += f" The history had left out {self.missed} and told {self.denied} wrongly."
        return said
