"""The room's tables, one noun per file."""

from incidents.models.address import TrackedAddress
from incidents.models.freeze import FreezeAnswer, FreezeRequest, FreezeTarget
from incidents.models.incident import Incident, Terms, TermsRevision
from incidents.models.organization import Membership, Organization, Recovery
from incidents.models.party import ControlProof, Invitation, Participation, Removal, Role
from incidents.models.person import ApiToken, Enrolment, Person
from incidents.models.release import ReleaseRequest
from incidents.models.statement import SignOff, Statement, StatusPage
from incidents.models.timeline import LedgerEntry, MovedLine, PersonalContent, TimelineEntry

__all__ = [
    "ApiToken",
    "ControlProof",
    "Enrolment",
    "FreezeAnswer",
    "FreezeRequest",
    "FreezeTarget",
    "Incident",
    "Invitation",
    "LedgerEntry",
    "Membership",
    "MovedLine",
    "Organization",
    "Participation",
    "Person",
    "PersonalContent",
    "Recovery",
    "ReleaseRequest",
    "Removal",
    "Role",
    "SignOff",
    "Statement",
    "StatusPage",
    "Terms",
    "TermsRevision",
    "TimelineEntry",
    "TrackedAddress",
]
