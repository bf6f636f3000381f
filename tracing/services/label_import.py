"""Label files into the directory: all of a file or nothing, as often as one likes, in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from django.db import transaction

from incidents import scope
from incidents.choices import Marking
from incidents.exceptions import BadInput
from tracing import labels as formats
from tracing.labels.base import BadLabelFile, BadRow, LabelFact, Said
from tracing.labels.categories import COMPARED, kind_of
from tracing.models import Chain, Label, Seed, Service, Trace
from tracing.services import chains
from tracing.watch import bulk

BATCH = 2000
MOST_SHOWN = 50
_Key = tuple[str, str, str, str]  # chain, address, source, name
_COLUMNS = (
    *("chain_id", "address", "service_id", "name", "category", "source", "dated"),
    *("confidence", "stated", "marking"),
)
_INFERRED, _SOURCED = Label.Confidence.INFERRED.value, Label.Confidence.SOURCED.value
_FIELDS = ("service_id", "category", "dated", "confidence", "stated")


class BadLabels(BadInput):
    """Nothing was written. The message has a line for each refused row, MOST_SHOWN at most."""

    code = "bad_labels"

    def __init__(self, rows: Sequence[BadRow]) -> None:
        told = [f"{row.place}: {row.reason}" for row in rows[:MOST_SHOWN]]
        rest = [f"... and {len(rows) - MOST_SHOWN} more."] if len(rows) > MOST_SHOWN else []
        super().__init__("\n".join([*told, *rest]))


@dataclass
class Imported:
    """What an import did, or in a preview would have done.

    ``conflicting``: addresses of the file on which labels contradict each other now.
    ``at_seeds``: addresses that a label calls a service and where a trace's stolen value was
    received first: there the seed wins.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    repeated: int = 0
    services: int = 0
    conflicting: int = 0
    at_seeds: int = 0
    traces: int = 0
    bad: list[BadRow] = field(default_factory=list)


@scope.trusted
def import_labels(
    slug: str, stream: BinaryIO, said: Said, *, preview: bool = False, skip_bad: bool = False
) -> Imported:
    """Take the labels of a file into the directory, readable by every party (TLP:GREEN).

    :raises BadInput: no such format, or the file is not of it. :raises BadLabels: rows are refused
        and ``skip_bad`` was not said. Nothing is written then.
    """
    reader = formats.registry().get(slug)
    if reader is None:
        raise BadInput(f"The formats are {', '.join(formats.registry())}.", field="format")
    facts, bad = [], []
    try:
        for row in reader.read(stream, said):
            if isinstance(row, LabelFact):
                facts.append(row)
            else:
                bad.append(row)
    except BadLabelFile as error:
        raise BadInput(str(error), field="file") from error
    if bad and not skip_bad:
        raise BadLabels(bad)
    if not facts and not bad:
        raise BadInput("There is no label in it.", field="file")
    return save(facts, preview=preview, bad=bad)


@scope.trusted
@transaction.atomic
def save(
    facts: Sequence[LabelFact], *, preview: bool = False, bad: Sequence[BadRow] = ()
) -> Imported:
    """Write facts as labels of the directory; in a preview everything but the counts is undone."""
    kept = _newest(facts)
    done = Imported(repeated=len(facts) - len(kept), bad=list(bad))
    places = {caip2: chains.ensure_known(caip2) for caip2 in {key[0] for key in kept}}
    services = _services(kept.values(), done)
    known = _known(places, kept)
    fresh, changed = [], []
    for key, fact in kept.items():
        row = _row(places[fact.chain], fact, services)
        old = known.pop(key, None)
        if old is None:
            fresh.append(row)
        elif any(getattr(old, name) != getattr(row, name) for name in _FIELDS):
            row.pk = old.pk
            changed.append(row)
        else:
            done.same += 1
    new = ([getattr(row, name) for name in _COLUMNS] for row in fresh)
    bulk.insert_fenced(Label, _COLUMNS, new)
    Label.objects.bulk_update(changed, _FIELDS, batch_size=BATCH)
    done.new, done.changed = len(fresh), len(changed)
    _compare(kept, services, known, done)
    done.traces = Trace.objects.filter(chain__in=places.values()).count()
    transaction.set_rollback(preview)
    return done


def _newest(facts: Iterable[LabelFact]) -> dict[_Key, LabelFact]:
    """One fact for each address, source and name: the newest, and of one day the first."""
    kept: dict[_Key, LabelFact] = {}
    for fact in facts:
        key = (fact.chain, fact.address, fact.source, fact.name)
        if key not in kept or kept[key].dated < fact.dated:
            kept[key] = fact
    return kept


def _service_key(fact: LabelFact) -> tuple[str, str] | None:
    """Whose address it is and what for; None: of nobody whose addresses are sinks."""
    if not fact.actor or kind_of(fact.category) is None:
        return None
    return fact.actor, fact.category


def _services(facts: Iterable[LabelFact], done: Imported) -> dict[tuple[str, str], Service]:
    """The services that facts name. Where one of another category has the slug already, the
    category goes into the slug: a service is one thing to a trace."""
    wanted = dict.fromkeys(key for fact in facts if (key := _service_key(fact)) is not None)
    slugs = {slug for slug, _ in wanted} | {f"{slug}-{category}"[:80] for slug, category in wanted}
    known = Service.objects.in_bulk(slugs, field_name="slug")
    found: dict[tuple[str, str], Service] = {}
    made: list[Service] = []
    for slug, category in wanted:
        row = known.get(slug)
        if row is not None and row.category != category:
            slug_of_part = f"{slug}-{category}"[:80]
            row = known.get(slug_of_part)
        else:
            slug_of_part = slug
        if row is None:
            kind = kind_of(category)
            name = slug_of_part.replace("-", " ").title()[:120]
            row = Service(slug=slug_of_part, name=name, kind=kind or "", category=category)
            known[slug_of_part] = row
            made.append(row)
        found[slug, category] = row
    Service.objects.bulk_create(made)
    done.services = len(made)
    return found


def _row(chain: Chain, fact: LabelFact, services: dict[tuple[str, str], Service]) -> Label:
    key = _service_key(fact)
    return Label(
        chain=chain,
        address=fact.address,
        service=services[key] if key else None,
        name=fact.name,
        category=fact.category,
        source=fact.source,
        dated=fact.dated,
        confidence=_INFERRED if fact.is_inferred else _SOURCED,
        stated=fact.confidence,
        marking=Marking.GREEN.value,
    )


def _batches(rows: Iterable[str]) -> Iterator[list[str]]:
    held = sorted(set(rows))
    for start in range(0, len(held), BATCH):
        yield held[start : start + BATCH]


def _known(places: dict[str, Chain], kept: Iterable[_Key]) -> dict[_Key, Label]:
    """The directory's labels of the addresses, by what makes them one."""
    addresses = defaultdict(set)
    for key in kept:
        addresses[key[0]].add(key[1])
    found: dict[_Key, Label] = {}
    for caip2, chain in places.items():
        for batch in _batches(addresses[caip2]):
            rows = Label.objects.filter(chain=chain, address__in=batch, incident__isnull=True)
            for row in rows.select_related("service"):
                found[caip2, row.address, row.source, row.name] = row
    return found


def _compare(
    kept: dict[_Key, LabelFact],
    services: dict[tuple[str, str], Service],
    others: dict[_Key, Label],
    done: Imported,
) -> None:
    """Count the addresses on which labels contradict each other, or a seed."""
    meanings: dict[tuple[str, str], set[str]] = defaultdict(set)
    sinks: dict[str, set[str]] = defaultdict(set)
    for (chain, address, _, _), fact in kept.items():
        key = _service_key(fact)
        if fact.is_inferred:
            continue
        if key is not None:
            meanings[chain, address].add(f"service:{services[key].slug}")
            sinks[chain].add(address)
        elif fact.category in COMPARED:
            meanings[chain, address].add(f"category:{fact.category}")
    for (chain, address, _, _), row in others.items():
        if row.meaning and row.confidence == Label.Confidence.SOURCED:
            meanings[chain, address].add(row.meaning)
    done.conflicting = sum(len(said) > 1 for said in meanings.values())
    for caip2, addresses in sinks.items():
        for batch in _batches(addresses):
            rows = Seed.objects.filter(trace__chain__caip2=caip2, receiver__in=batch)
            done.at_seeds += rows.values("receiver").distinct().count()
