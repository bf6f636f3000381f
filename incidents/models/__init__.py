"""The room's tables, one noun per file."""

from incidents.models.address import TrackedAddress
from incidents.models.answer import FreezeAnswer, TargetStep
from incidents.models.calendar import CalendarFeed
from incidents.models.desk import (
    DeskCode,
    DeskContact,
    DeskDevice,
    DeskLink,
    DeskProfile,
    DeskView,
)
from incidents.models.dispatch import Delivery, Dispatch
from incidents.models.freeze import FreezeRequest, FreezeTarget
from incidents.models.hold_off import HoldOff, ReleaseOrder
from incidents.models.incident import Incident, Terms, TermsRevision
from incidents.models.organization import Membership, Organization, Recovery
from incidents.models.packet import Packet, PacketFile, PacketSignature, SigningKey
from incidents.models.party import ControlProof, Invitation, Participation, Removal, Role
from incidents.models.person import ApiToken, Enrolment, Person
from incidents.models.release import ReleaseRequest
from incidents.models.statement import SignOff, Statement, StatusPage
from incidents.models.timeline import LedgerEntry, MovedLine, PersonalContent, TimelineEntry

__all__ = [
    "ApiToken",
    "CalendarFeed",
    "ControlProof",
    "Delivery",
    "DeskCode",
    "DeskContact",
    "DeskDevice",
    "DeskLink",
    "DeskProfile",
    "DeskView",
    "Dispatch",
    "Enrolment",
    "FreezeAnswer",
    "FreezeRequest",
    "FreezeTarget",
    "HoldOff",
    "Incident",
    "Invitation",
    "LedgerEntry",
    "Membership",
    "MovedLine",
    "Organization",
    "Packet",
    "PacketFile",
    "PacketSignature",
    "Participation",
    "Person",
    "PersonalContent",
    "Recovery",
    "ReleaseOrder",
    "ReleaseRequest",
    "Removal",
    "Role",
    "SignOff",
    "SigningKey",
    "Statement",
    "StatusPage",
    "TargetStep",
    "Terms",
    "TermsRevision",
    "TimelineEntry",
    "TrackedAddress",
]
