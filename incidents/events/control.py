"""Proofs of control over accounts and contracts."""

from dataclasses import dataclass

from incidents.events.base import Event, event


@event
@dataclass(frozen=True, kw_only=True)
class ControlProved(Event):
    kind = "party.control_proved"
    organization: str
    chain: str
    address: str
    proof: str
    how: str  # ControlProof.Kind
    block_number: int | None
    block_hash: str
    is_vouching: bool  # whether it now stands by itself, whoever let it in

    def headline(self) -> str:
        at = "" if self.block_number is None else f", as of block {self.block_number}"
        stands = " It now counts as a party of its own." if self.is_vouching else ""
        return f"{self.organization} showed that it controls {self.address}{at}.{stands}"

    def subject(self) -> str:
        return f"address:{self.chain}:{self.address}"
