"""What the matrix says about consent to the terms, and new texts of them."""

from collections.abc import Callable
from typing import Any

from incidents.services.incidents import terms_in_force
from tests.access.coming_and_going import LEADING, SIGNED


def accepting(room: Any) -> dict[str, Any]:
    return {"digest": terms_in_force(room.cast.incident).digest}


def lines(line: Callable[..., Any]) -> dict[tuple[str, str], Any]:
    """Method and path: who gets which status."""
    return {
        ("POST", "incidents/<slug:slug>/terms/read/"): line(200, SIGNED | {"invited"}, accepting),
        ("POST", "incidents/<slug:slug>/terms/sign/"): line(
            # Nobody of the invited has read them yet.
            200,
            SIGNED,
            accepting,
            exceptions={"invited": 409},
        ),
        ("POST", "incidents/<slug:slug>/terms/decline/"): line(204, SIGNED | {"invited"}),
        ("GET", "incidents/<slug:slug>/terms/versions/"): line(200, SIGNED),
        ("GET", "incidents/<slug:slug>/terms/revisions/"): line(200, SIGNED),
        # One is open: those who may propose are told so.
        ("POST", "incidents/<slug:slug>/terms/revisions/"): line(
            409, LEADING, {"text": "Other terms.", "covers": [], "respond_minutes": 5}
        ),
        ("POST", "incidents/<slug:slug>/terms/revisions/<uuid:public_id>/accept/"): line(
            # The lead's party proposed it: another one has to accept.
            200,
            {"rival", "coordinator"},
            lambda room: {"digest": room.revision.digest},
            exceptions={"lead": 409, "colleague": 409},
        ),
        ("POST", "incidents/<slug:slug>/terms/revisions/<uuid:public_id>/reject/"): line(
            200, {"rival", "coordinator"}, exceptions={"lead": 409, "colleague": 409}
        ),
        ("POST", "incidents/<slug:slug>/terms/revisions/<uuid:public_id>/withdraw/"): line(
            200, {"lead", "colleague"}
        ),
    }
