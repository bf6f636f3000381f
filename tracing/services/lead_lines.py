"""Leads as people read them, cut to what the viewer may see: they carry their trace's marking."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from incidents import access
from incidents.access import Actor
from incidents.exceptions import NotFound
from incidents.models import Incident, TimelineEntry
from incidents.ports import AssetName
from incidents.services import timeline
from tracing.lead_events import LeadDecided
from tracing.models import Lead
from tracing.services import names

LONGEST_FACT = 200
STANDING = ("certain", "confirmed")  # crossings: a leg of any other does not count
_ADDRESSES = {
    "like": "Looks like",
    "beside": "Put beside",
    "wallet": "Forwards to",
    "by": "Swapped by",
    "paid_to": "Paid to",
    "pool": "Mixer pool",
    "relayer": "Paid by the relayer",
}
_TOKENS = {"gave": "Gave", "token": "For the token"}
_FACTS = {
    "share": "Forwarded, percent",
    "counterparties": "Counterparties before",
    "first_block": "Counted from block",
    "last_block": "Counted to block",
    "what": "What",
    "bound": "Looked into at most",
    "why": "Came by",
    "bridge": "Bridge",
    "ask": "Ask for",
    "pool_name": "Pool",
    "points": "Points",
    "deposits_of_this_trace": "Deposits of this trace",
    "other_deposits_since": "Other deposits since",
    "withdrawals_since": "Withdrawals since",
    "seconds_since_last_deposit": "Last deposit before",
    "takes_own_deposit_back": "Takes back its own deposit",
    "more": "Withdrawals without a lead",
    "shown": "Withdrawals with one, at most",
}
_WHY = {"zero_value": "a transfer of nothing", "unknown_token": "a token that nobody knows"}
_SHOWN_APART = frozenset({"txs", "tx", "log", "forwards", "asset", "amount", "switched_at"})


@dataclass(frozen=True)
class Moved:
    """A transfer that is evidence. ``amount`` in base units."""

    tx: str
    amount: int
    name: AssetName


@dataclass(frozen=True)
class LeadLine:
    """A lead with its evidence. Texts of ``facts`` may come from a chain and are hostile."""

    row: Lead
    facts: list[tuple[str, str]]
    addresses: list[tuple[str, str]]
    tokens: list[tuple[str, str]]  # CAIP-19
    amount: tuple[int, AssetName] | None  # base units
    moved: list[Moved]
    txs: list[str]
    decision: TimelineEntry | None  # the last one that the viewer may read
    reason: str


def rows(viewer: Actor, incident: Incident) -> QuerySet[Lead]:
    """Leads of the traces that the viewer may see: what needs a look first, then the newest."""
    order = Case(
        When(state=Lead.State.OPEN, then=Value(0)),
        When(state=Lead.State.WITHDRAWN, then=Value(2)),
        default=Value(1),
        output_field=IntegerField(),
    )
    stands = Q(trace__crossing__isnull=True) | Q(trace__crossing__state__in=STANDING)
    found = Lead.objects.filter(stands, trace__incident=incident).select_related(
        "service", "trace__chain", "trace__incident"
    )
    return access.visible(viewer, found, prefix="trace__").order_by(order, "-pk")


def wanted(
    viewer: Actor, incident: Incident, kind: str = "", state: str = "", address: str = ""
) -> QuerySet[Lead]:
    """Those of a kind, in a state, at an address (as stored); blank: any."""
    chosen = {"kind": kind, "state": state, "address": address}
    return rows(viewer, incident).filter(**{name: value for name, value in chosen.items() if value})


def get(viewer: Actor, incident: Incident, public_id: UUID) -> Lead:
    """One lead. :raises NotFound: absent, or not the viewer's to see."""
    try:
        found = rows(viewer, incident).filter(public_id=public_id).first()
    except ValidationError as error:
        raise NotFound from error
    if found is None:
        raise NotFound
    return found


def told(viewer: Actor, incident: Incident, leads: Iterable[Lead]) -> list[LeadLine]:
    """Leads with their evidence and the last decision, in a fixed number of queries."""
    leads = list(leads)
    decisions = _decisions(viewer, incident, leads)
    known = names.asset_names(asset for lead in leads for asset in _assets(lead.evidence))
    return [_line(lead, known, decisions.get(f"lead:{lead.public_id}")) for lead in leads]


def look_alikes(
    viewer: Actor, incident: Incident, chain: str, addresses: Collection[str]
) -> set[str]:
    """Those of the addresses of a chain that nobody dismissed as look-alikes."""
    found = rows(viewer, incident).filter(
        kind=Lead.Kind.LOOK_ALIKE,
        state__in=(Lead.State.OPEN, Lead.State.CONFIRMED),
        chain=chain,
        address__in=list(addresses),
    )
    return set(found.values_list("address", flat=True))


def _decisions(viewer: Actor, incident: Incident, leads: list[Lead]) -> dict[str, TimelineEntry]:
    subjects = [f"lead:{lead.public_id}" for lead in leads if lead.decided_at]
    if not subjects:
        return {}
    entries = access.entries(viewer, incident).filter(
        kind=LeadDecided.kind, subject__in=subjects, withdrawn_by__isnull=True
    )
    entries = entries.select_related("entry", "owner", "author").prefetch_related("entry__personal")
    return {entry.subject: entry for entry in entries.order_by("seq")}


def _assets(evidence: Mapping[str, Any]) -> list[str]:
    found = [row.get("asset") for row in evidence.get("forwards") or ()]
    return [str(asset) for asset in (*found, evidence.get("asset")) if asset]


def _line(lead: Lead, known: dict[str, AssetName], entry: TimelineEntry | None) -> LeadLine:
    evidence = lead.evidence
    forwards = [
        Moved(str(row["tx"]), int(row["amount"]), known[str(row["asset"])])
        for row in evidence.get("forwards") or ()
    ]
    txs = [str(tx) for tx in evidence.get("txs") or ([evidence["tx"]] if "tx" in evidence else [])]
    moved = {row.tx for row in forwards}
    reason = ""
    if entry is not None:
        event = timeline.event_of(entry)
        reason = event.reason if isinstance(event, LeadDecided) else ""
    return LeadLine(
        lead,
        _facts(evidence),
        _worded(_ADDRESSES, evidence),
        _worded(_TOKENS, evidence),
        _amount(evidence, known),
        forwards,
        [tx for tx in txs if tx not in moved],
        entry,
        reason,
    )


def _facts(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Everything else, by name: other modules say what they know in their own words."""
    found = []
    for key, value in sorted(evidence.items(), key=lambda fact: (fact[0] not in _FACTS, fact[0])):
        if key in _SHOWN_APART or key in _ADDRESSES or key in _TOKENS or value in ("", None):
            continue
        word = _FACTS.get(key, key.replace("_", " ").capitalize())
        found.append((word, _text(key, value)[:LONGEST_FACT]))
    return found


def _text(key: str, value: object) -> str:
    if key == "why":
        return _WHY.get(str(value), str(value))
    if key == "seconds_since_last_deposit" and isinstance(value, int):
        hours, seconds = divmod(value, 3600)
        return f"{hours} h {seconds // 60} min"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)


def _worded(words: Mapping[str, str], evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(word, str(evidence[key])) for key, word in words.items() if evidence.get(key)]


def _amount(
    evidence: Mapping[str, Any], known: Mapping[str, AssetName]
) -> tuple[int, AssetName] | None:
    asset, amount = evidence.get("asset"), evidence.get("amount")
    return (int(amount), known[str(asset)]) if asset and amount is not None else None
