"""A freeze request as JSON: what its page shows. Amounts are strings in base units, time is UTC."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from incidents.exports.base import FreezeExport, Seen, SeenAmount, SeenPart
from incidents.models import FreezeRequest, FreezeTarget

FORMAT = "holdfast-freeze-request-1"
AMOUNTS = ("located", "held", "frozen", "seized", "returned")


def alone(request: FreezeRequest) -> str | None:
    """ "Requested by X only: Y had not answered within 3 minutes."; None: two parties stand behind
    it, or it is not approved."""
    if request.alone is None:
        return None
    return f"Requested by {request.alone.name} only: {request.alone_because}."


def as_json(request: FreezeRequest, seen: Mapping[int, Seen]) -> dict[str, Any]:
    """``seen``: by target's key, cut to what the reader may know."""
    return {
        "format": FORMAT,
        "id": str(request.public_id),
        "reference": request.reference,
        "desk": request.desk_name,
        "state": request.state,
        "marking": request.marking,
        "drafted_by_trace": request.drafted_by_trace,
        "created_at": request.created_at.isoformat(),
        "first_at": request.first_at.isoformat() if request.first_at else None,
        "alone": alone(request),
        "approved_at": request.approved_at.isoformat() if request.approved_at else None,
        "sent_at": request.sent_at.isoformat() if request.sent_at else None,
        "targets": [_target(t, seen[t.pk]) for t in request.targets.all()],
    }


def _target(target: FreezeTarget, seen: Seen) -> dict[str, Any]:
    return {
        "id": str(target.public_id),
        "account": f"{target.chain}:{target.address}",
        "asset": target.asset,
        "symbol": target.symbol,
        "decimals": target.decimals,
        "state": seen.state,
        "evidence_state": target.evidence_state,
        "amounts": {
            "requested": str(target.requested),
            "located": str(seen.located),
            "held": str(seen.held),
            "frozen": str(seen.frozen),
            "seized": str(seen.seized),
            "returned": str(seen.returned),
        },
        "confirmation": {name: str(seen.by[name]) for name in AMOUNTS},
        "held_until": seen.held_until.isoformat() if seen.held_until else None,
        "parts": [_part(one) for one in seen.parts],
        "evidence": target.evidence,
        "answers": [
            {
                "outcome": a.outcome,
                "amount": None if a.amount is None else str(a.amount),
                "held_until": a.held_until.isoformat() if a.held_until else None,
                "text": a.text,
                "by": a.owner.name if a.owner else None,
                "at": a.created_at.isoformat(),
                "marking": a.marking,
            }
            for a in seen.answers
        ],
    }


def _part(part: SeenPart) -> dict[str, Any]:
    """A piece of a target with a state of its own; the sizes of all add up to what is requested."""
    amounts: dict[str, SeenAmount] = {name: getattr(part, name) for name in AMOUNTS}
    return {
        "number": part.number,
        "size": str(part.size),
        "state": part.state,
        "amounts": {name: str(amount.units) for name, amount in amounts.items()},
        "confirmation": {name: str(amount.by) for name, amount in amounts.items()},
        "held_until": part.held_until.isoformat() if part.held_until else None,
    }


class FreezeJson(FreezeExport):
    """The same, as a file with its evidence path."""

    slug: ClassVar[str] = "json"
    media_type: ClassVar[str] = "application/json"

    def render(self, request: FreezeRequest, seen: Mapping[int, Seen]) -> bytes:
        return json.dumps(as_json(request, seen), indent=2, ensure_ascii=False).encode()
