"""What a request's fields say before anybody wrote them: what the room knows already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from incidents.models import FreezeRequest, Membership, Person, Role
from incidents.packets import fields
from incidents.packets.kinds import moment_text

TOOL = "Holdfast 0.1"
METHOD = (
    "Every transfer was followed block by block from the theft; where stolen and other funds "
    "mixed, first in first out decides. Each hop is listed with its transaction and block."
)
TRUTH = (
    "To the best of the requester's knowledge what this request says is true. Each hop can be "
    "followed again on the chains it names."
)
CONFIDENTIAL = "Please keep this request confidential, and do not tell the holder of the account."


def of(
    request: FreezeRequest,
    person: Person | None,
    victims: list[str],
    until: datetime,
    way: Iterable[Mapping[str, Any]] = (),
) -> dict[str, str]:
    """Fields as they are kept. ``victims``: the affected parties that may be named; ``way``: hops
    of the first target, which begin with the theft."""
    who = person or _speaker(request)
    names = _joined(victims) or (request.owner.name if request.owner else "")
    stolen_at = moment_text(_stolen_at(way) or request.incident.opened_at)
    values: dict[str, object] = {
        "case_reference": request.reference,
        "language": "English",
        "urgency": "emergency" if request.drafted_by_trace else "urgent",
        "urgency_reason": "Stolen funds reached this desk and can leave it within minutes.",
        "requester_name": str(who) if who else "",
        "requester_email": who.email if who else "",
        "requester_organization": request.owner.name if request.owner else "",
        "acts_for": names,
        "incident_at": stolen_at,
        "victim": names,
        "crime_statement": (
            f"Crypto assets of {names} were taken without authorisation; the amounts named here "
            "were followed from that theft, hop by hop, to the addresses named."
        ),
        "trace_method": METHOD if request.drafted_by_trace else "",
        "trace_tool": TOOL if request.drafted_by_trace else "",
        "ask_action": "freeze",
        "ask_scope": "amount",
        "ask_until": moment_text(until),
        "ask_no_notice": "yes",
        "ask_contact": _contact(who, request),
        "statement_of_truth": TRUTH,
        "confidentiality": CONFIDENTIAL,
    }
    return fields.check({n: str(v)[: fields.FIELDS[n].longest] for n, v in values.items()})


def _stolen_at(way: Iterable[Mapping[str, Any]]) -> datetime | None:
    """When the theft happened, by the first hop of a way; None: it does not tell."""
    first = next(iter(way), {})
    return datetime.fromisoformat(first["at"]) if first.get("at") else None


def _speaker(request: FreezeRequest) -> Person | None:
    """Who answers for what the trace drafted: the owner's commander here, else whoever runs it."""
    if request.owner is None:
        return None
    role = (
        Role.objects.filter(
            incident=request.incident,
            organization=request.owner,
            role="commander",
            ended_at__isnull=True,
        )
        .select_related("person")
        .first()
    )
    if role is not None:
        return role.person
    member = (
        Membership.objects.filter(
            organization=request.owner, ended_at__isnull=True, person__is_active=True
        )
        .select_related("person")
        .order_by("-is_administrator", "pk")
        .first()
    )
    return member.person if member else None


def _contact(who: Person | None, request: FreezeRequest) -> str:
    organization = request.owner.name if request.owner else ""
    return f"{who}, {organization}, {who.email}" if who else organization


def _joined(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
