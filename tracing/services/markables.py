"""What of the trace can be marked anew. A trace takes along what follows from it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from incidents.choices import RequestState
from incidents.exceptions import WrongState
from incidents.models import FreezeRequest, TrackedAddress
from incidents.models.marked import Marked
from incidents.services import markables
from incidents.services.markables import Change, Kind
from incidents.services.timeline import Audience
from tracing import freeze_events
from tracing.models import Crossing, Exposure, FlowTable, Label, Lead, Lookback, Trace
from tracing.services import flow_tables, labels, lookbacks, traces


def _lines_of_trace(trace: Trace) -> Q:
    """What it found and what was decided on it; lines of a leg are the leg's."""
    crossings = Crossing.objects.filter(trace=trace).values_list("public_id", flat=True)
    leads = Lead.objects.filter(trace=trace).values_list("public_id", flat=True)
    return (
        Q(key__startswith=f"finding:{trace.pk}:")
        | Q(key__startswith=f"withdraw:finding:{trace.pk}:")
        | Q(kind="trace.started", entry__content__trace=str(trace.public_id))
        | Q(kind="trace.crossing_decided", subject__in=[f"crossing:{pk}" for pk in crossings])
        | Q(kind="trace.lead_decided", subject__in=[f"lead:{pk}" for pk in leads])
    )


def _refuse_trace(change: Change) -> None:
    if change.item.crossing_id is not None:
        raise WrongState("It goes on from another trace: change the marking of that one.")


def _along(change: Change) -> list[Marked]:
    """Legs, and what the machine made of the trace, where it still carries the trace's mark."""
    trace: Trace = change.item
    same: dict[str, Any] = {"owner": trace.owner_id, **change.old.fields}
    moved = [trace, *_legs(trace, same)]
    found: list[Marked] = list(moved[1:])
    found += _addresses(moved, same, change.widens)
    found += _drafts(moved, same, change.widens)
    seeds = trace.seeds.values_list("receiver", flat=True)
    found += Lookback.objects.filter(
        incident=trace.incident_id,
        chain=trace.chain_id,
        address__in=list(seeds),
        first_number=trace.start_number,
        **same,
    )
    if not change.widens:
        found += FlowTable.objects.filter(trace__in=moved, **same)
    return found


def _legs(trace: Trace, same: dict[str, Any]) -> list[Trace]:
    legs: list[Trace] = []
    for leg in Trace.objects.filter(crossing__trace=trace, **same):
        legs += [leg, *_legs(leg, same)]
    return legs


def _addresses(moved: list[Trace], same: dict[str, Any], widens: bool) -> list[TrackedAddress]:
    """Candidates that these traces put on the list. What another trace of the same mark holds as
    well stays where that one shows it."""
    held = Exposure.objects.filter(trace__incident=moved[0].incident_id)
    ours = set(held.filter(trace__in=moved).values_list("chain", "address"))
    others = Trace.objects.filter(incident=moved[0].incident_id, **same)
    others = others.exclude(pk__in=[trace.pk for trace in moved])
    if not widens:
        ours -= set(held.filter(trace__in=others).values_list("chain", "address"))
    rows = TrackedAddress.objects.filter(
        incident=moved[0].incident_id, found_by_trace=True, called_for=None, **same
    )
    return [row for row in rows if (row.chain, row.address) in ours]


def _drafts(moved: list[Trace], same: dict[str, Any], widens: bool) -> list[FreezeRequest]:
    """Requests that nobody signed yet and that rest on these traces: widened where on them alone,
    narrowed where on them at all, since its evidence is their path."""
    keys = tuple(f"{trace.pk}:" for trace in moved)
    rows = FreezeRequest.objects.filter(
        incident=moved[0].incident_id, drafted_by_trace=True, state=RequestState.DRAFT, **same
    )
    found = []
    for row in rows.prefetch_related("targets"):
        ours = [key.startswith(keys) for one in row.targets.all() for key in one.evidence]
        if all(ours) if widens else any(ours):
            found.append(row)
    return found


def _refuse_table(change: Change) -> None:
    new = change.new.fields
    audience = Audience(new["audience_organizations"], new["audience_people"])
    flow_tables.within(change.item.trace, audience, str(change.new.marking))


def _refuse_word(change: Change) -> None:
    if change.old.is_room_wide and not change.new.is_room_wide:
        raise WrongState(
            "Every party reads it, and the traces of this room go by it: say another word instead."
        )


def _lines_of_lookback(row: Lookback) -> Q:
    return Q(key__startswith=f"lookback:{row.public_id}:") | Q(
        kind="lookback.asked",
        subject=f"address:{row.chain.caip2}:{row.address}",
        entry__content__first=row.first_number,
    )


def register() -> None:
    """Called once when Django is ready."""
    markables.register(
        Kind(
            noun="trace",
            model=Trace,
            rows=traces.seen_by,
            name=lambda row: "a trace",
            subject=lambda row: "",
            page=lambda row: ("trace", (str(row.public_id),)),
            lines=_lines_of_trace,
            tip_offs=(freeze_events.FreezePending.kind,),
            refuse=_refuse_trace,
            hanging=_along,
        )
    )
    markables.register(
        Kind(
            noun="flow_table",
            model=FlowTable,
            rows=flow_tables.seen_by,
            name=lambda row: f"the flow table {row.name}",
            subject=lambda row: f"flow_table:{row.public_id}",
            page=lambda row: ("flow_table", (str(row.trace.public_id), str(row.public_id))),
            lines=lambda row: Q(
                kind__startswith="flow_table.", subject=f"flow_table:{row.public_id}"
            ),
            incident=lambda row: row.trace.incident,
            refuse=_refuse_table,
        )
    )
    markables.register(
        Kind(
            noun="lookback",
            model=Lookback,
            rows=lookbacks.seen_by,
            name=lambda row: f"the look back at {row.address}",
            subject=lambda row: f"address:{row.chain.caip2}:{row.address}",
            page=lambda row: ("address", (row.chain.caip2, row.address)),
            lines=_lines_of_lookback,
        )
    )
    markables.register(
        Kind(
            noun="label",
            model=Label,
            rows=labels.words,
            name=lambda row: f"a word on {row.address}",
            subject=lambda row: f"address:{row.chain.caip2}:{row.address}",
            page=lambda row: ("address", (row.chain.caip2, row.address)),
            lines=lambda row: Q(kind="address.labelled", entry__content__label=str(row.public_id)),
            refuse=_refuse_word,
        )
    )
