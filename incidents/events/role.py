"""Roles in a room: given, handed over, taken over, ended."""

from dataclasses import dataclass
from typing import ClassVar

from incidents.choices import RoomRole
from incidents.events.base import Event, event


@dataclass(frozen=True, kw_only=True)
class _Role(Event):
    personal: ClassVar[tuple[str, ...]] = ("person",)
    role: str
    organization: str
    person: str

    @property
    def what(self) -> str:
        return RoomRole(self.role).label.lower()


@event
@dataclass(frozen=True, kw_only=True)
class RoleGiven(_Role):
    kind = "role.given"
    personal = ("person", "backup")
    backup: str  # "" where nobody stands in

    def headline(self) -> str:
        stands_in = f"; {self.backup} stands in" if self.backup else ""
        return f"{self.person} of {self.organization} is {self.what}{stands_in}."


@event
@dataclass(frozen=True, kw_only=True)
class RoleHandedOver(_Role):
    kind = "role.handed_over"
    personal = ("person", "before", "backup")
    before: str
    backup: str

    def headline(self) -> str:
        stands_in = f"; {self.backup} stands in" if self.backup else ""
        return (
            f"{self.before} handed over to {self.person} of {self.organization} "
            f"as {self.what}{stands_in}."
        )


@event
@dataclass(frozen=True, kw_only=True)
class RoleTakenOver(_Role):
    kind = "role.taken_over"
    personal = ("person", "before")
    before: str

    def headline(self) -> str:
        return f"{self.person} of {self.organization} took over from {self.before} as {self.what}."


@event
@dataclass(frozen=True, kw_only=True)
class RoleEnded(_Role):
    kind = "role.ended"

    def headline(self) -> str:
        return f"{self.person} of {self.organization} is no longer {self.what}."
