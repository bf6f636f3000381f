"""Fill the directory from a file: all of it or nothing, and as often as one likes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from incidents import scope
from tracing.core.types import AccountKind, AssetRole
from tracing.models import Asset, Chain, Label, Service, Trace
from tracing.services import directory, directory_file
from tracing.services.directory_file import BadDirectoryFile, DirectoryFile

__all__ = ["BadDirectoryFile", "Counts", "Imported", "import_directory"]


@dataclass
class Counts:
    """How many rows of one kind an import found how."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        return f"{self.new} new, {self.changed} changed, {self.unchanged} unchanged"


@dataclass
class Imported:
    """What an import did, or in a dry run would have done.

    ``traces``: traces of the chain, which have applied blocks without the new rows. They read the
    directory anew for each block, so that the rows act on blocks applied from now on.
    """

    chain: str
    services: Counts = field(default_factory=Counts)
    assets: Counts = field(default_factory=Counts)
    labels: Counts = field(default_factory=Counts)
    traces: int = 0


@scope.trusted
def import_directory(data: object, *, dry_run: bool = False) -> Imported:
    """Take the services, assets and labels of a parsed JSON file into the directory.

    What a row leaves out stays as it is known here; a service keeps its organization. Raises
    BadDirectoryFile, with nothing written.
    """
    with transaction.atomic():
        caip2 = directory_file.chain_of(data)
        chain = Chain.objects.filter(caip2=caip2).first()
        found = directory_file.read(
            data,
            known_slugs=set(Service.objects.values_list("slug", flat=True)),
            native=chain.native_asset if chain else None,
            chain_here=chain is not None,
        )
        done = Imported(caip2)
        if chain is not None:
            _write(found, chain, done)
            done.traces = Trace.objects.filter(chain=chain).count()
        transaction.set_rollback(dry_run)
    return done


def _write(found: DirectoryFile, chain: Chain, done: Imported) -> None:
    for slug, row in found.services.items():
        _service(slug, row, done.services)
    services = Service.objects.in_bulk(field_name="slug")
    for caip19, row in found.assets.items():
        _asset(chain, caip19, row, services, done.assets)
    for address, row in found.labels.items():
        _label(chain, address, row, services[row["service"]], found, done.labels)


def _service(slug: str, row: Mapping[str, Any], counts: Counts) -> None:
    known = Service.objects.filter(slug=slug).first()
    if _differs(known, row, counts):
        made = directory.ensure_service(
            slug,
            row["name"],
            kind=AccountKind(row["kind"]),
            category=row["category"],
            organization=known.organization if known else None,
            oracle=row.get("oracle", known.oracle if known else "") or "",
        )
        directory.set_desk(made, {k: v for k, v in row.items() if k in directory.DESK_FIELDS})


def _asset(
    chain: Chain,
    caip19: str,
    row: Mapping[str, Any],
    services: Mapping[str, Service],
    counts: Counts,
) -> None:
    known = Asset.objects.filter(caip19=caip19).select_related("lender", "issuer").first()
    stated = dict(row)
    for key in ("lender", "issuer"):
        if stated.get(key):
            stated[key] = services[stated[key]]
    threshold = stated.get("follow_threshold")
    if "follow_threshold" in stated:
        stated["follow_threshold"] = "" if threshold is None else str(threshold)
    if not _differs(known, stated, counts):
        return
    kept = known or Asset()
    whole = {name: stated.get(name, getattr(kept, name)) for name in _ASSET_FIELDS}
    directory.ensure_asset(
        chain,
        caip19,
        symbol=whole["symbol"],
        decimals=whole["decimals"],
        contract=whole["contract"],
        role=AssetRole(whole["role"]),
        underlying=whole["underlying"] or "",
        lender=whole["lender"],
        issuer=whole["issuer"],
        freeze_interface=whole["freeze_interface"] or "",
        follow_threshold=int(whole["follow_threshold"]) if whole["follow_threshold"] else None,
        is_rebasing=whole["is_rebasing"],
    )


_ASSET_FIELDS = (
    *("symbol", "decimals", "contract", "role", "underlying"),
    *("lender", "issuer", "freeze_interface", "follow_threshold", "is_rebasing"),
)


def _label(
    chain: Chain,
    address: str,
    row: Mapping[str, Any],
    service: Service,
    found: DirectoryFile,
    counts: Counts,
) -> None:
    source = row.get("source", found.source)
    known = Label.objects.filter(chain=chain, address=address, source=source, incident=None).first()
    name = row.get("name", known.name if known else "")
    if _differs(known, {"service": service, "name": name, "dated": found.dated}, counts):
        directory.ensure_label(chain, address, service, source=source, dated=found.dated, name=name)


def _differs(known: models.Model | None, stated: Mapping[str, Any], counts: Counts) -> bool:
    """Whether a row has to be written; counts it as well."""
    if known is None:
        counts.new += 1
        return True
    if all((getattr(known, name) or None) == (value or None) for name, value in stated.items()):
        counts.unchanged += 1
        return False
    counts.changed += 1
    return True
