"""The poster: findings in order become calls of the room's services, once each.

A room that refuses is parked and shown; chains go on.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from incidents import access
from incidents.access import SYSTEM, Act
from incidents.choices import Marking
from incidents.exceptions import HoldfastError
from incidents.services import addresses, freezes, target_evidence, timeline
from incidents.services.freezes import TargetDraft
from incidents.services.timeline import Audience
from tracing import events, freeze_events
from tracing.models import Arrival, Block, Finding, Trace
from tracing.services import prices
from tracing.services.claims import event_of
from tracing.watch import settled, tip_offs
from tracing.watch.evidence import path_of

logger = logging.getLogger(__name__)
# What one finding can be wrong in itself: it would fail again for ever, and its chain with it. A
# database that is away is none of these: that passes.
BROKEN = (DataError, IntegrityError, ArithmeticError, LookupError, TypeError, ValueError)
_TIP_OFFS = (freeze_events.FreezePending.kind,)
Times: TypeAlias = Mapping[tuple[int, str], datetime]  # of blocks, by chain and hash
_FOLLOWED = (events.FundsMoved.kind, events.FundsStolen.kind, events.FundsLanded.kind)


def incidents_with_findings() -> list[int]:
    """Incidents that something waits for."""
    rows = Finding.objects.filter(state=Finding.State.PENDING)
    return list(rows.order_by().values_list("incident_id", flat=True).distinct())


def post_all(incident_pk: int, limit: int = 1000) -> int:
    """Post what is pending for one incident, oldest first; returns how many were posted."""
    pending = Finding.objects.filter(incident_id=incident_pk, state=Finding.State.PENDING)
    waiting = pending.order_by("pk").values_list("pk", "trace__chain", "block_hash")[:limit]
    times = _block_times({(chain, block_hash) for _, chain, block_hash in waiting})
    posted = 0
    for pk, _, _ in waiting:
        try:
            posted += _post_one(pk, times)
        except Exception:  # outermost shell of the room: no fault in it may stop a chain
            logger.exception("finding %s could not be posted; it stays pending", pk)
            break  # later findings of this room wait: they are told in order
    return posted


def _post_one(pk: int, times: Times) -> int:
    try:
        with transaction.atomic():
            finding = (
                Finding.objects.select_for_update(of=("self",))
                .select_related("trace__chain", "trace__owner", "incident")
                .get(pk=pk)
            )
            if finding.state != Finding.State.PENDING:
                return 0  # another poster was quicker
            _post(finding, times)
            finding.state, finding.posted_at = Finding.State.POSTED, timezone.now()
            finding.save(update_fields=["state", "posted_at"])
            return 1
    except HoldfastError as refusal:
        logger.warning("finding %s was refused: %s", pk, refusal.code)
        return _park(pk, refusal.detail)
    except BROKEN as error:
        logger.exception("finding %s cannot be posted", pk)
        return _park(pk, f"internal error ({type(error).__name__})")


def _park(pk: int, reason: str) -> int:
    """Put a finding aside, counted and shown; what comes after it goes on."""
    Finding.objects.filter(pk=pk, state=Finding.State.PENDING).update(
        state=Finding.State.PARKED, refusal=reason[:200]
    )
    return 0


def _post(finding: Finding, times: Times) -> None:
    """One finding, inside one transaction."""
    trace = finding.trace
    # Nothing is added to a closed room: neither the alert nor half of what comes with it.
    access.require(SYSTEM, finding.incident, Act.WRITE)
    if finding.kind == events.Reorganised.kind:
        _withdraw(finding)
        return
    timeline.record(
        finding.incident,
        event_of(finding),
        actor=SYSTEM,
        **_shown_to(finding),
        owner=trace.owner,
        happened_at=times.get((trace.chain_id, finding.block_hash)),
        is_provisional=finding.block_hash != "",  # of no block: nothing takes it back
        key=_line_key(finding, finding.key),
    )
    if finding.kind in _FOLLOWED:
        _follow(finding)
    settled.note_move(finding)
    if finding.payload.get("arrival"):
        _draft(finding)


def _withdraw(finding: Finding) -> None:
    timeline.withdraw(
        finding.incident,
        _line_key(finding, finding.payload["withdraws"]),
        event_of(finding),
        actor=SYSTEM,
    )
    if finding.payload.get("arrival"):
        target_evidence.withdraw_evidence(
            finding.incident,
            _evidence_key(finding),
            _why(finding),
            actor=SYSTEM,
        )


def _why(finding: Finding) -> str:
    if came_from := finding.payload.get("came_from"):
        return f"the crossing from {came_from} that it rests on was dropped by that chain"
    return f"block {finding.block_number} was dropped by the chain"


def _follow(finding: Finding) -> None:
    """Put the recipient on the room's list, as a candidate: the entry just recorded says so."""
    trace = finding.trace
    addresses.follow(
        finding.incident,
        finding.payload["chain"],
        finding.payload["to_address"],
        marking=trace.marking or "",
        audience=_audience(trace),
        owner=trace.owner,
    )


def _draft(finding: Finding) -> None:
    arrival = (
        Arrival.objects.select_related("service__organization")
        .filter(trace=finding.trace_id, key=finding.payload["arrival"])
        .first()
    )
    if arrival is None or arrival.service is None or arrival.is_withdrawn:
        return
    trace, service = finding.trace, arrival.service
    path = path_of(arrival)
    freezes.draft(
        finding.incident,
        TargetDraft(
            chain=arrival.chain,
            address=arrival.address,
            asset=arrival.asset,
            symbol=finding.payload["symbol"],
            decimals=finding.payload["decimals"],
            amount=arrival.amount,
            evidence_key=_evidence_key(finding),
            evidence=path,
            moved_from=settled.left_behind(finding, path),
            usd=_worth(finding, arrival.asset),
            inferred=int(finding.payload.get("confidence", 0)),
        ),
        desk_name=service.name,
        desk_slug=service.slug,
        desk=service.organization,
        actor=SYSTEM,
        marking=trace.marking or "",
        audience=_audience(trace),
        owner=trace.owner,
    )


def _worth(finding: Finding, asset: str) -> tuple[str, datetime, str] | None:
    """What one whole unit was worth when it was stolen, where anybody says so."""
    price = prices.at_the_theft(finding.incident, asset)
    return (price.usd, price.at, price.source) if price is not None else None


def _line_key(finding: Finding, key: str) -> str:
    """Two traces find the same movement under one key: each tells those who may see it, and the
    one that is narrower must not swallow what the other has to say."""
    return f"finding:{finding.trace_id}:{key}"


def _evidence_key(finding: Finding) -> str:
    return f"{finding.trace_id}:{finding.payload['arrival']}"


def _shown_to(finding: Finding) -> dict[str, Any]:
    """As the trace is marked; a tip-off goes to people who are named for it, and to nobody else:
    whoever hears of it can still move the money."""
    trace = finding.trace
    if finding.kind not in _TIP_OFFS:
        return {"marking": trace.marking or "", "audience": _audience(trace)}
    at = finding.payload
    people = tip_offs.people(trace, at["chain"], at["address"])
    return {"marking": Marking.RED, "audience": Audience(people=people)}


def _audience(trace: Trace) -> Audience:
    return Audience(trace.audience_organizations, trace.audience_people)


def _block_times(blocks: set[tuple[int, str]]) -> Times:
    """When these blocks were made: asked once for a whole round of posting."""
    if not blocks:
        return {}
    chains, hashes = {chain for chain, _ in blocks}, {block_hash for _, block_hash in blocks}
    rows = Block.objects.filter(chain__in=chains, hash__in=hashes)
    return {(chain, name): at for chain, name, at in rows.values_list("chain", "hash", "timestamp")}
