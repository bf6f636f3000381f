"""Leads: what the machine noticed, noted once and decided on by people."""

from __future__ import annotations

from typing import Any

from tracing.models import Block, Lead, Service, Trace

_FLOOR, _CEILING = 0, 100


def note(
    trace: Trace,
    kind: str,
    key: str,
    chain: str,
    address: str,
    *,
    service: Service | None = None,
    confidence: int,
    evidence: dict[str, Any],
    block: Block | None = None,
) -> tuple[Lead, bool]:
    """The lead of this key, and whether it is new to people (noted now, or back with its block).

    ``confidence`` in percent. ``evidence`` is JSON: facts with their transactions. ``key`` names
    the thing and not the block, so that a repeat and the same block on another branch meet the
    lead that is there; what a person decided on it stays. Call it in the caller's transaction.
    """
    fields = {
        "service": service,
        "confidence": max(_FLOOR, min(_CEILING, confidence)),
        "evidence": evidence,
        "block_number": block.number if block else None,
        "block_hash": block.hash if block else "",
    }
    row, is_new = Lead.objects.get_or_create(
        trace=trace,
        key=key,
        defaults={"kind": kind, "chain": chain, "address": address, **fields},
    )
    if is_new or row.state != Lead.State.WITHDRAWN:
        return row, is_new
    for name, value in fields.items():
        setattr(row, name, value)
    row.state = row.decision or Lead.State.OPEN
    row.save(update_fields=["state", *fields])
    return row, True


def withdraw(trace: Trace, block_hashes: list[str]) -> None:
    """The leads of dropped blocks, decided ones too: what they rest on is not on the chain."""
    Lead.objects.filter(trace=trace, block_hash__in=block_hashes).update(state=Lead.State.WITHDRAWN)
