"""Addresses: recorded, given a role, confirmed as a return address."""

from dataclasses import dataclass

from incidents.choices import AddressRole
from incidents.events.base import Event, event


@dataclass(frozen=True, kw_only=True)
class _AboutAddress(Event):
    chain: str
    address: str

    def subject(self) -> str:
        return f"address:{self.chain}:{self.address}"


@event
@dataclass(frozen=True, kw_only=True)
class AddressRecorded(_AboutAddress):
    kind = "address.recorded"
    role: str
    label: str = ""

    def headline(self) -> str:
        what = f" ({self.label})" if self.label else ""
        return f"{self.address}{what} was recorded as {AddressRole(self.role).label.lower()}."


@event
@dataclass(frozen=True, kw_only=True)
class ReturnAddressProposed(_AboutAddress):
    kind = "address.return_proposed"

    def headline(self) -> str:
        return f"{self.address} was proposed as a return address; a second person must confirm it."


@event
@dataclass(frozen=True, kw_only=True)
class ReturnAddressAccepted(_AboutAddress):
    kind = "address.return_accepted"

    def headline(self) -> str:
        return f"{self.address} is an accepted return address."


@event
@dataclass(frozen=True, kw_only=True)
class AddressLabelled(_AboutAddress):
    """``verdict``: confirmed or rejected. ``meaning``: "service:<slug>" or "category:<word>"."""

    kind = "address.labelled"
    verdict: str
    meaning: str
    what: str
    name: str = ""
    label: str = ""  # public id of the word

    def headline(self) -> str:
        if self.verdict == "rejected":
            return f"That {self.address} is {self.what} was rejected."
        note = f" ({self.name})" if self.name else ""
        return f"{self.address} was confirmed to be {self.what}{note}."


@event
@dataclass(frozen=True, kw_only=True)
class AttackerCalled(_AboutAddress):
    """One party's word. ``second``: another, independent party had said the same before."""

    kind = "address.called_attacker"
    personal = ("reason",)
    reason: str
    second: bool

    def headline(self) -> str:
        if self.second:
            return f"{self.address} is called the attacker's by two parties: {self.reason}"
        return (
            f"{self.address} was called the attacker's: {self.reason} "
            "It stays a candidate until an independent party says so too."
        )


@event
@dataclass(frozen=True, kw_only=True)
class AttackerTakenBack(_AboutAddress):
    kind = "address.attacker_taken_back"
    personal = ("reason",)
    reason: str

    def headline(self) -> str:
        return f"A word that {self.address} is the attacker's was taken back: {self.reason}"
