"""The room's tables, one noun per file."""

from incidents.models.address import TrackedAddress
from incidents.models.freeze import FreezeAnswer, FreezeRequest, FreezeTarget
from incidents.models.incident import Incident, Terms
from incidents.models.organization import Membership, Organization
from incidents.models.party import Invitation, Participation
from incidents.models.person import ApiToken, Enrolment, Person
from incidents.models.statement import SignOff, Statement, StatusPage
from incidents.models.timeline import LedgerEntry, PersonalContent, TimelineEntry

__all__ = [
    "ApiToken",
    "Enrolment",
    "FreezeAnswer",
    "FreezeRequest",
    "FreezeTarget",
    "Incident",
    "Invitation",
    "LedgerEntry",
    "Membership",
    "Organization",
    "Participation",
    "Person",
    "PersonalContent",
    "SignOff",
    "Statement",
    "StatusPage",
    "Terms",
    "TimelineEntry",
    "TrackedAddress",
]
