"""What the matrix says about parties: proposals, removals, roles, proofs; and one of each."""

from collections.abc import Callable
from typing import Any

from incidents.access import Actor
from incidents.choices import Capacity, RoomRole
from incidents.models import Participation
from incidents.services import admissions, control, roles, seats
from incidents.services.admissions import Proposed
from incidents.services.roles import Given
from tests.cast import Cast, person
from tests.factories import ADDRESS, CHAIN


def seat(actor: Actor) -> Participation:
    assert actor.participation
    return actor.participation


def made(cast: Cast) -> dict[str, str]:
    """Public ids by the noun that their paths begin with; all by the lead."""
    wanted = Proposed(Capacity.EXCHANGE, organization_name="Harbour", email="d@harbour.example")
    scribe = Given(RoomRole.SCRIBE, seat(cast.lead), person(cast.lead), person(cast.colleague))
    rows = {
        "invitations/": admissions.propose(cast.incident, wanted, actor=cast.lead),
        "removals/": seats.ask_removal(seat(cast.issuer), "Why not.", actor=cast.lead),
        "roles/": roles.give(cast.incident, scribe, actor=cast.lead),
        "control/": control.ask(cast.incident, CHAIN, ADDRESS, actor=cast.lead),
        "parties/": seat(cast.exchange),
    }
    return {noun: str(row.public_id) for noun, row in rows.items()}


AFFECTED = {"lead", "colleague", "rival"}
LEADING = AFFECTED | {"coordinator"}
SIGNED = LEADING | {"exchange", "issuer", "analyst", "law", "white_hat"}


def naming(room: Any) -> dict[str, Any]:
    return {"person": str(person(room.cast.colleague).public_id)}


def giving(room: Any) -> dict[str, Any]:
    party = str(seat(room.cast.lead).public_id)
    return naming(room) | {"role": "commander", "party": party}


def lines(line: Callable[..., Any]) -> dict[tuple[str, str], Any]:
    """Who gets which status."""
    return _of_parties(line) | _of_people(line)


def _of_parties(line: Callable[..., Any]) -> dict[tuple[str, str], Any]:
    return {
        # The exchange needs no voucher; only its own people leave for it.
        ("POST", "incidents/<slug:slug>/parties/<uuid:public_id>/vouch/"): line(409, LEADING),
        ("POST", "incidents/<slug:slug>/parties/<uuid:public_id>/leave/"): line(
            204, {"exchange"}, others=404
        ),
        ("POST", "incidents/<slug:slug>/parties/<uuid:public_id>/removal/"): line(
            201, LEADING, {"reason": "It leaks."}
        ),
        ("GET", "incidents/<slug:slug>/invitations/"): line(200, SIGNED),
        ("POST", "incidents/<slug:slug>/invitations/"): line(
            201,
            LEADING,
            {"organization_name": "X", "email": "x@x.example", "capacity": "exchange"},
        ),
        # The lead proposed it: another party has to agree.
        ("POST", "incidents/<slug:slug>/invitations/<uuid:public_id>/approve/"): line(
            200, {"rival", "coordinator"}, exceptions={"lead": 409, "colleague": 409}
        ),
        ("POST", "incidents/<slug:slug>/invitations/<uuid:public_id>/refuse/"): line(200, LEADING),
        # Nobody approved it yet: there is nothing to revoke.
        ("POST", "incidents/<slug:slug>/invitations/<uuid:public_id>/revoke/"): line(
            409, {"lead", "colleague", "coordinator"}
        ),
        ("GET", "incidents/<slug:slug>/removals/"): line(200, SIGNED),
        ("POST", "incidents/<slug:slug>/removals/<uuid:public_id>/approve/"): line(
            204, {"rival", "coordinator"}, others=404, exceptions={"lead": 409, "colleague": 409}
        ),
        ("POST", "incidents/<slug:slug>/removals/<uuid:public_id>/refuse/"): line(
            204, LEADING, others=404
        ),
    }


def _of_people(line: Callable[..., Any]) -> dict[tuple[str, str], Any]:
    return {
        ("GET", "incidents/<slug:slug>/roles/"): line(200, SIGNED),
        ("POST", "incidents/<slug:slug>/roles/"): line(201, LEADING, giving),
        ("POST", "incidents/<slug:slug>/roles/<uuid:public_id>/hand-over/"): line(
            200, {"lead", "colleague", "coordinator"}, naming
        ),
        ("POST", "incidents/<slug:slug>/roles/<uuid:public_id>/take-over/"): line(
            200, {"colleague"}
        ),
        ("POST", "incidents/<slug:slug>/roles/<uuid:public_id>/end/"): line(
            204, {"lead", "colleague", "coordinator"}
        ),
        ("GET", "incidents/<slug:slug>/control/"): line(200, SIGNED),
        ("POST", "incidents/<slug:slug>/control/"): line(
            201, AFFECTED, {"chain": CHAIN, "address": ADDRESS}
        ),
        # It is no signature; others do not learn that somebody asked for a text.
        ("POST", "incidents/<slug:slug>/control/<uuid:public_id>/"): line(
            400, {"lead", "colleague"}, {"signature": "no"}, others=404
        ),
    }
