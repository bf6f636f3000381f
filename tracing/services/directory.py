"""The directory of services, assets and labels: adding to it, with the source of each fact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from incidents import scope
from incidents.choices import Marking
from incidents.models import Organization
from tracing.core.types import AccountKind, AssetRole
from tracing.models import Asset, Chain, Label, Service

DESK_FIELDS = ("desk_channel", "desk_contact", "desk_wants", "desk_hold_days", "desk_source")


@scope.trusted
@transaction.atomic
def ensure_service(
    slug: str,
    name: str,
    *,
    kind: AccountKind,
    category: str,
    organization: Organization | None = None,
    oracle: str = "",
) -> Service:
    """A service; ``kind`` is what value at its addresses is for a trace."""
    row, _ = Service.objects.update_or_create(
        slug=slug,
        defaults={
            "name": name,
            "kind": kind.value,
            "category": category,
            "organization": organization,
            "oracle": oracle,
        },
    )
    return row


def set_desk(service: Service, facts: Mapping[str, Any]) -> None:
    """How a service's desk wants to be asked: some of DESK_FIELDS; the others stay."""
    names = [name for name in DESK_FIELDS if name in facts]
    for name in names:
        setattr(service, name, facts[name])
    if names:
        service.save(update_fields=names)


@scope.trusted
@transaction.atomic
def ensure_asset(
    chain: Chain,
    caip19: str,
    *,
    symbol: str,
    decimals: int,
    contract: str = "",
    role: AssetRole = AssetRole.PLAIN,
    underlying: str = "",
    lender: Service | None = None,
    issuer: Service | None = None,
    freeze_interface: str = "",
    follow_threshold: int | None = None,
    is_rebasing: bool = False,
) -> Asset:
    """An asset with the facts that netting and freezes need."""
    row, _ = Asset.objects.update_or_create(
        caip19=caip19,
        defaults={
            "chain": chain,
            "contract": contract,
            "symbol": symbol,
            "decimals": decimals,
            "role": role.value,
            "underlying": underlying,
            "lender": lender,
            "issuer": issuer,
            "is_rebasing": is_rebasing,
            "is_noted": False,
            "freeze_interface": freeze_interface,
            "follow_threshold": "" if follow_threshold is None else str(follow_threshold),
        },
    )
    return row


@scope.trusted
@transaction.atomic
def ensure_label(
    chain: Chain, address: str, service: Service, *, source: str, dated: date, name: str = ""
) -> Label:
    """A sourced label, readable by every party of every room (TLP:GREEN). Of a source that has
    said one thing of the address so far, that is what is changed."""
    rows = Label.objects.filter(chain=chain, address=address, source=source, incident=None)
    known = rows.filter(name=name).first() or rows.order_by("pk").first()
    row = known or Label(chain=chain, address=address, source=source, marking=Marking.GREEN)
    row.service, row.name, row.dated, row.category = service, name, dated, service.category
    row.save()
    return row
