"""Instructions of law enforcement to hold off, and orders to release. The former are told to the
party that gave them, and to nobody else."""

from dataclasses import dataclass

from incidents.events.base import Event, event
from incidents.events.freeze import AboutTarget


@dataclass(frozen=True, kw_only=True)
class _AboutHoldOff(Event):
    chain: str
    address: str

    def subject(self) -> str:
        return f"address:{self.chain}:{self.address}"


@event
@dataclass(frozen=True, kw_only=True)
class HoldOffSet(_AboutHoldOff):
    kind = "holdoff.set"
    personal = ("reason",)
    reason: str = ""
    until: str | None = None

    def headline(self) -> str:
        return f"No freeze of {self.address} is to be asked for."


@event
@dataclass(frozen=True, kw_only=True)
class HoldOffLifted(_AboutHoldOff):
    kind = "holdoff.lifted"

    def headline(self) -> str:
        return f"A freeze of {self.address} may be asked for again."


@dataclass(frozen=True, kw_only=True)
class _AboutOrder(AboutTarget):
    order: str  # public id
    what: str  # "release", "return_address"
    to: str = ""  # the new return address

    @property
    def asked(self) -> str:
        if self.what == "release":
            return f"the release of {self.amount_text} at {self.desk}"
        return f"{self.to} as the address that {self.desk} returns {self.symbol} to"


@event
@dataclass(frozen=True, kw_only=True)
class ReleaseProposed(_AboutOrder):
    kind = "freeze.release_proposed"
    is_alert = True
    personal = ("reason",)
    reason: str = ""

    def headline(self) -> str:
        return f"{self.reference}: somebody proposed {self.asked}. Another party has to agree."


@event
@dataclass(frozen=True, kw_only=True)
class ReleaseAgreed(_AboutOrder):
    kind = "freeze.release_agreed"
    is_alert = True
    not_before: str

    def headline(self) -> str:
        when = self.not_before[:16].replace("T", " ")
        return f"{self.reference}: two parties agree on {self.asked}, not before {when} UTC."


@event
@dataclass(frozen=True, kw_only=True)
class ReleaseChecked(_AboutOrder):
    kind = "freeze.release_checked"
    personal = ("how",)
    how: str = ""

    def headline(self) -> str:
        return f"{self.reference}: {self.asked} was checked in another way."


@event
@dataclass(frozen=True, kw_only=True)
class ReleaseStopped(_AboutOrder):
    kind = "freeze.release_stopped"
    is_alert = True

    def headline(self) -> str:
        return f"{self.reference}: {self.asked} was stopped."


@event
@dataclass(frozen=True, kw_only=True)
class ReleaseOrdered(_AboutOrder):
    kind = "freeze.release_ordered"
    is_alert = True

    def headline(self) -> str:
        return f"{self.reference}: the desk is asked for {self.asked}."
