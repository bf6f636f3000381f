"""A freeze request as JSON: what its page shows. Amounts are strings in base units, time is UTC."""

from collections.abc import Mapping, Sequence
from typing import Any

from incidents.models import FreezeAnswer, FreezeRequest, FreezeTarget

FORMAT = "holdfast-freeze-request-1"
AMOUNTS = ("requested", "located", "held", "frozen", "returned")


def as_json(
    request: FreezeRequest, answers: Mapping[int, Sequence[FreezeAnswer]]
) -> dict[str, Any]:
    """``answers``: by target's key, already cut to what the reader may see."""
    return {
        "format": FORMAT,
        "id": str(request.public_id),
        "reference": request.reference,
        "desk": request.desk_name,
        "state": request.state,
        "marking": request.marking,
        "drafted_by_trace": request.drafted_by_trace,
        "created_at": request.created_at.isoformat(),
        "approved_at": request.approved_at.isoformat() if request.approved_at else None,
        "sent_at": request.sent_at.isoformat() if request.sent_at else None,
        "targets": [_target(t, answers.get(t.pk, ())) for t in request.targets.all()],
    }


def _target(target: FreezeTarget, answers: Sequence[FreezeAnswer]) -> dict[str, Any]:
    return {
        "id": str(target.public_id),
        "account": f"{target.chain}:{target.address}",
        "asset": target.asset,
        "symbol": target.symbol,
        "decimals": target.decimals,
        "state": target.state,
        "evidence_state": target.evidence_state,
        "amounts": {name: str(getattr(target, name)) for name in AMOUNTS},
        "held_until": target.held_until.isoformat() if target.held_until else None,
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
            for a in answers
        ],
    }
