"""What the chain shows of a target: frozen, released, seized, moved on; and what it took back."""

from dataclasses import dataclass

from incidents.events.base import event
from incidents.events.freeze import AboutTarget

_DID = {
    "frozen": "froze",
    "released": "released",
    "seized": "seized",
    "burned_reissued": "burned and reissued",
}


@event
@dataclass(frozen=True, kw_only=True)
class TargetSettled(AboutTarget):
    """The issuer did something to the account, and the chain counts that block as settled."""

    kind = "freeze.on_chain"
    is_alert = True
    did: str  # a state
    tx: str
    block: int

    def headline(self) -> str:
        did = _DID.get(self.did, self.did)
        return (
            f"{self.reference}: {self.desk} {did} {self.amount_text}; block {self.block} says so."
        )


@event
@dataclass(frozen=True, kw_only=True)
class TargetMoved(AboutTarget):
    """Stolen value left the account that a desk is asked to freeze. ``to``: where it went."""

    kind = "freeze.target_moved"
    is_alert = True
    tx: str
    block: int
    to: str

    def headline(self) -> str:
        return (
            f"{self.reference}: {self.amount_text} left {self.address} in block {self.block} for "
            f"{self.to}. It is no longer where {self.desk} is asked to freeze it."
        )


@event
@dataclass(frozen=True, kw_only=True)
class ChainStepTakenBack(AboutTarget):
    """The block that showed it is not on the chain any more."""

    kind = "freeze.chain_step_taken_back"
    is_alert = True
    did: str  # a state
    block: int

    def headline(self) -> str:
        state = self.did.replace("_", " ")
        return (
            f"{self.reference}: “{state}” at {self.address} is taken back, since block "
            f"{self.block} was dropped by the chain."
        )


@event
@dataclass(frozen=True, kw_only=True)
class SameAccountAsked(AboutTarget):
    """Two parties ask for one account. ``other``: the reference of the other request."""

    kind = "freeze.same_account"
    other: str

    def headline(self) -> str:
        return (
            f"{self.reference} and {self.other} ask for the same account, {self.address}: agree on "
            f"one of them, and withdraw the other."
        )

    def subject(self) -> str:
        return f"address:{self.chain}:{self.address}"
