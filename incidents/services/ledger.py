"""Verifying an incident's ledger from its rows alone."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from incidents import events
from incidents.access import Mark
from incidents.choices import Marking
from incidents.ledger import leaf as leaves
from incidents.models import Incident, LedgerEntry, MovedLine, TimelineEntry
from incidents.services import markables
from incidents.services.markings import digest_of_lines
from incidents.services.timeline import leaf_input


@dataclass(frozen=True)
class Fault:
    """What does not fit, and where."""

    seq: int
    reason: str


def verify(incident: Incident) -> Iterator[Fault]:
    """Every fault of the chained leaves: gaps, altered entries, altered heads, altered text,
    and lines of the timeline that are not what their entry says."""
    head, expected = leaves.EMPTY_HEAD, 1
    rows = (
        LedgerEntry.objects.filter(incident=incident)
        .select_related("owner", "organization", "incident", "author", "shown")
        .prefetch_related("personal")
        .order_by("seq")
    )
    moves = _moves(incident)
    for entry in rows.iterator(chunk_size=500):
        if entry.seq != expected:
            yield Fault(expected, f"missing: the next entry is {entry.seq}")
        expected = entry.seq + 1
        if not _fits(entry):
            yield Fault(entry.seq, "the entry does not fit its leaf")
        head = leaves.chain(head, bytes(entry.leaf))
        if head != bytes(entry.head):
            yield Fault(entry.seq, "the head does not follow from the leaves before")
            head = bytes(entry.head)
        yield from _personal_faults(entry)
        yield from _move_faults(entry, moves)
        yield from _line_faults(entry, moves)
    incident = Incident.objects.get(pk=incident.pk)
    if bytes(incident.head) != head or incident.next_seq != expected:
        yield Fault(expected, "the incident's head is not that of its last entry")


def _fits(entry: LedgerEntry) -> bool:
    try:
        return leaves.leaf(bytes(entry.salt), leaf_input(entry)) == bytes(entry.leaf)
    except leaves.NotCanonical:  # a number that RFC 8785 refuses: we never wrote that
        return False


def _personal_faults(entry: LedgerEntry) -> Iterator[Fault]:
    # Altered content may be any JSON; that it is altered has been said by then.
    committed = entry.content.get("personal", {}) if isinstance(entry.content, dict) else {}
    if not isinstance(committed, dict):
        return
    kept = {row.name: row for row in entry.personal.all()}
    for name, value in committed.items():
        row = kept.get(name)
        if row is None:
            yield Fault(entry.seq, f"the text “{name}” is missing")
        elif row.value is not None and leaves.commitment(bytes(row.salt), row.value) != value:
            yield Fault(entry.seq, f"the text “{name}” does not fit its commitment")


@dataclass
class _Moves:
    """What changes of marking took along. ``lines``: by change, the public ids of its lines;
    ``last``: by line, the entry of the change that moved it last."""

    lines: dict[int, list[UUID]]
    last: dict[int, LedgerEntry]


def _moves(incident: Incident) -> _Moves:
    moves = _Moves(defaultdict(list), {})
    rows = MovedLine.objects.filter(remark__incident=incident)
    for row in rows.select_related("remark__entry", "line").order_by("remark__seq"):
        moves.lines[row.remark.entry_id].append(row.line.public_id)
        moves.last[row.line.entry_id] = row.remark.entry
    return moves


def _move_faults(entry: LedgerEntry, moves: _Moves) -> Iterator[Fault]:
    moved = moves.lines.get(entry.pk, [])
    if entry.kind != events.ItemRemarked.kind:
        if moved:
            yield Fault(entry.seq, "lines were moved by what moves none")
    elif not isinstance(entry.content, dict) or entry.content.get("lines") != digest_of_lines(
        moved
    ):
        yield Fault(entry.seq, "it moved other lines than it says")


# What people are shown of an entry, and to whom, is read from the line beside it.
_SAME = ("incident_id", "public_id", "seq", "kind", "owner_id", "author_id")
# These an owner may change: they are what the last change says.
_MARKS = ("marking", "audience_organizations", "audience_people")


def _line_faults(entry: LedgerEntry, moves: _Moves) -> Iterator[Fault]:
    author = str(entry.author.public_id) if entry.author else "system"
    if author != entry.actor:
        yield Fault(entry.seq, "the author is not the actor that the leaf names")
    line: TimelineEntry | None = getattr(entry, "shown", None)
    if line is None:
        yield Fault(entry.seq, "the timeline does not show it")
        return
    for name in _SAME:
        if getattr(line, name) != getattr(entry, name):
            yield Fault(entry.seq, f"the timeline has another {name.removesuffix('_id')}")
    said = _mark_said(entry, moves.last.get(entry.pk))
    for name in _MARKS:
        if getattr(line, name) != said[name]:
            yield Fault(entry.seq, f"the timeline has another {name}")


def _mark_said(entry: LedgerEntry, change: LedgerEntry | None) -> dict[str, Any]:
    """The marking and audience that the ledger gives a line to this day."""
    if change is None:
        return Mark.of(entry).fields
    mark = Mark.of(change)
    noun = change.content.get("noun") if isinstance(change.content, dict) else None
    if noun in markables.nouns() and entry.kind in markables.kind(noun).tip_offs:
        mark = mark.at_most(Marking.AMBER)
    return mark.fields


def incidents(slug: str | None = None) -> list[Incident]:
    """One incident by slug, or all."""
    rows = Incident.objects.order_by("pk")
    return list(rows.filter(slug=slug) if slug else rows)
