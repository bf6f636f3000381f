"""Verifying an incident's ledger from its rows alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from incidents.ledger import leaf as leaves
from incidents.models import Incident, LedgerEntry, TimelineEntry
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
        yield from _line_faults(entry)
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


# What people are shown of an entry, and to whom, is read from the line beside it.
_SAME = (
    "incident_id",
    "public_id",
    "seq",
    "kind",
    "marking",
    "owner_id",
    "author_id",
    "audience_organizations",
    "audience_people",
)


def _line_faults(entry: LedgerEntry) -> Iterator[Fault]:
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


def incidents(slug: str | None = None) -> list[Incident]:
    """One incident by slug, or all."""
    rows = Incident.objects.order_by("pk")
    return list(rows.filter(slug=slug) if slug else rows)
