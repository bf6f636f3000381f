"""JSON shapes that the API, the sockets and the exports share. Amounts are strings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict

from incidents.display import addresses, backfills
from incidents.events import UnknownEvent
from incidents.models import TimelineEntry
from incidents.ports import Strip, WatchState, money
from incidents.services import timeline

# How kinds begin of what is recorded without a person.
_OF_THE_TRACE = (
    *("trace.", "address.", "freeze.drafted", "freeze.target_", "freeze.evidence_"),
    *("freeze.on_chain", "freeze.chain_step_", "freeze.correction_drafted", "freeze.same_account"),
)
_OF_A_DESK = ("freeze.answered", "freeze.page_")


class EntryJSON(TypedDict):
    id: str  # also the cursor
    kind: str
    headline: str
    subject: str
    at: str
    happened_at: str
    marking: str | None
    organization: str | None
    by: str  # party, trace, desk (through its page, without an account), installation
    is_alert: bool
    is_provisional: bool
    is_withdrawn: bool
    block_state: str  # seen, safe, final or orphaned; "": it tells of no block that was applied
    block_standing: str  # single, unverified, logs or verified
    content: dict[str, Any]


class StripJSON(TypedDict):
    asset: str
    symbol: str
    decimals: int
    stolen: str
    at_large: str
    at_services: str
    in_crossing: str
    held: str
    frozen: str
    recovered: str
    lost: str


def entries_json(lines: Iterable[TimelineEntry]) -> list[EntryJSON]:
    """Entries of the timeline for whoever may see them, with what their blocks are by now: what
    tells of a final block is provisional no longer."""
    found = [entry_json(line) for line in lines]
    named = [(_text(entry, "chain"), _text(entry, "block_hash")) for entry in found]
    marks = money().block_marks({name for name in named if all(name)})
    for entry, name in zip(found, named, strict=True):
        if mark := marks.get(name):
            entry["block_state"], entry["block_standing"] = mark.state, mark.standing
            entry["is_provisional"] &= mark.state != "final"
    return found


def _text(entry: EntryJSON, name: str) -> str:
    value = entry["content"].get(name)
    return value if isinstance(value, str) else ""


def entry_json(line: TimelineEntry) -> EntryJSON:
    """One entry of the timeline for whoever may see it, of a block whatever it is by now."""
    is_signed = True
    try:
        event = timeline.event_of(line)
        headline, is_signed = event.headline(), not event.is_unsigned
    except UnknownEvent:
        headline = f"({line.kind}: recorded by a newer release)"
    organization = line.entry.organization
    return {
        "id": str(line.public_id),
        "kind": line.kind,
        "headline": addresses.checksummed(headline),
        "subject": line.subject,
        "at": line.entry.at.isoformat(),
        "happened_at": line.happened_at.isoformat(),
        "marking": line.marking,
        "organization": organization.name if organization and is_signed else None,
        "by": _by(line),
        "is_alert": line.is_alert,
        "is_provisional": line.is_provisional,
        "is_withdrawn": line.withdrawn_by_id is not None,
        "block_state": "",
        "block_standing": "",
        "content": {k: v for k, v in line.entry.content.items() if k != "personal"},
    }


def _by(line: TimelineEntry) -> str:
    """Whose word a line is. What nobody signed is the trace's where it tells of money, a desk's
    where it came through the desk's page, and otherwise of this installation: a clock that ran out,
    a mail that came back."""
    if line.entry.actor != "system" or line.entry.organization is not None:
        return "party"
    if line.kind.startswith(_OF_THE_TRACE):
        return "trace"
    return "desk" if line.kind.startswith(_OF_A_DESK) else "installation"


def strip_json(strip: Strip) -> StripJSON:
    """The money strip of one asset."""
    return {
        "asset": strip.asset,
        "symbol": strip.symbol,
        "decimals": strip.decimals,
        "stolen": str(strip.stolen),
        "at_large": str(strip.at_large),
        "at_services": str(strip.at_services),
        "in_crossing": str(strip.in_crossing),
        "held": str(strip.held),
        "frozen": str(strip.frozen),
        "recovered": str(strip.recovered),
        "lost": str(strip.lost),
    }


def watch_json(state: WatchState) -> dict[str, Any]:
    """How far the chains were followed."""
    return {
        "chains": [
            {
                "chain": c.caip2,
                "name": c.name,
                "applied_block": c.applied_block,
                "verified_at": c.verified_at.isoformat() if c.verified_at else None,
                "head": c.head,
                "error": c.error,
                "final_block": c.final_block,
                "standing": c.standing,
                "verified_block": c.verified_block,
                "unverified_since": c.unverified_since.isoformat() if c.unverified_since else None,
                "lag_blocks": c.lag_blocks,
            }
            for c in state.chains
        ],
        "parked_findings": state.parked_findings,
        "behind": state.behind,
        "backfills": [
            {
                "subject": b.subject,
                "chain": b.chain,
                "first_block": b.first,
                "last_block": b.last,
                "done": b.done,
                "total": b.total,
                "rate": b.rate,
                "seconds_left": b.seconds_left,
                "told_by": b.told_by,
                "words": backfills.words(b),
            }
            for b in state.backfills
        ],
    }
