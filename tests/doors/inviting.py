"""An organization on its way in, as two people of two parties do it."""

from typing import Any

from incidents.choices import Capacity
from incidents.models import Invitation
from incidents.services import admissions
from incidents.services.admissions import Invited, Proposed
from tests.cast import Cast

EMAIL = "desk@harbour.example"


def proposed(
    cast: Cast,
    email: str = EMAIL,
    name: str = "Harbour",
    capacity: Capacity = Capacity.EXCHANGE,
    **how: Any,
) -> Invitation:
    """The lead's proposal."""
    wanted = Proposed(capacity, organization_name=name, email=email, **how)
    return admissions.propose(cast.incident, wanted, actor=cast.again(cast.lead))


def invited(cast: Cast, email: str = EMAIL, name: str = "Harbour", **how: Any) -> Invited:
    """The lead's proposal, approved by the rival."""
    row = proposed(cast, email, name, **how)
    return admissions.approve(row, actor=cast.again(cast.rival))
