"""Somebody of a party gets new passkeys because all were lost. Told to whom the party is shown."""

from dataclasses import dataclass

from incidents.events.base import Event, event


@event
@dataclass(frozen=True, kw_only=True)
class RecoveryAsked(Event):
    kind = "party.recovery_asked"
    is_alert = True
    organization: str

    def headline(self) -> str:
        return (
            f"{self.organization} asked to replace the lost passkeys of one of its people. "
            "It takes a second person of it and 24 hours."
        )


@event
@dataclass(frozen=True, kw_only=True)
class RecoveryStopped(Event):
    kind = "party.recovery_stopped"
    organization: str

    def headline(self) -> str:
        return f"{self.organization} stopped the replacing of lost passkeys."


@event
@dataclass(frozen=True, kw_only=True)
class RecoveryUsed(Event):
    kind = "party.recovery_used"
    is_alert = True
    organization: str

    def headline(self) -> str:
        return (
            f"One of {self.organization}'s people registered new passkeys; the old ones, and what "
            "was signed in with them, have ended."
        )
