"""An organization that two parties let in by mail."""

from __future__ import annotations

from incidents.choices import Capacity
from incidents.models import Invitation
from incidents.services import admissions
from tests.access.canaries import rules
from tests.access.canaries.fill import Filler


def by_mail(room: Filler, address: str) -> tuple[Invitation, str]:
    """The approved invitation and its link."""
    rule = rules.signed(room.incident)
    name = room.aviary.mint("Invitation.organization_name", rule)
    wanted = admissions.Proposed(Capacity.WHITE_HAT, organization_name=name, email=address)
    row = admissions.propose(room.incident, wanted, actor=room.cast.lead)
    invited = admissions.approve(row, actor=room.cast.rival)
    return invited.invitation, invited.link
