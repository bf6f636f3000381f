"""The directory's labels as a file of one of the formats."""

from __future__ import annotations

from collections.abc import Iterator

from incidents.access import EVERY_PARTY
from incidents.exceptions import BadInput
from tracing import labels as formats
from tracing.labels.base import LabelFact, WritableFormat
from tracing.models import Label
from tracing.services import labels


def facts(chain: str = "", source: str = "") -> Iterator[LabelFact]:
    """The directory's labels; a room's own words stay in the room."""
    rows = labels.directory_rows(EVERY_PARTY)
    if chain:
        rows = rows.filter(chain__caip2=chain)
    if source:
        rows = rows.filter(source=source)
    ordered = rows.order_by("chain__caip2", "address", "source", "name")
    for row in ordered.iterator(chunk_size=2000):
        yield LabelFact(
            chain=row.chain.caip2,
            address=row.address,
            name=row.name,
            category=row.category or (row.service.category if row.service else ""),
            actor=row.service.slug if row.service else "",
            source=row.source,
            dated=row.dated,
            confidence=row.stated,
            is_inferred=row.confidence == Label.Confidence.INFERRED,
        )


def export_labels(slug: str, *, title: str, chain: str = "", source: str = "") -> Iterator[str]:
    """The directory's labels in pieces of text.

    :raises BadInput: no such format, or it is only read.
    """
    writer = formats.registry().get(slug)
    if writer is None:
        raise BadInput(f"The formats are {', '.join(formats.registry())}.", field="format")
    if not isinstance(writer, WritableFormat):
        raise BadInput(f"{writer.name} is only read.", field="format")
    yield from writer.write(facts(chain, source), title=title, creator="Holdfast")
