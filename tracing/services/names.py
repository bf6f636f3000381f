"""Symbols and decimals of assets, and what labels say, for a viewer."""

from collections.abc import Iterable

from incidents import access
from incidents.access import SYSTEM, Actor
from incidents.models import Incident
from incidents.ports import AssetName
from incidents.services import addresses
from tracing.core.types import AccountKind
from tracing.models import Asset, Label


def asset_names(caip19: Iterable[str]) -> dict[str, AssetName]:
    """Names of assets; an unknown one reads as its identifier with no decimals."""
    wanted = set(caip19)
    rows = Asset.objects.filter(caip19__in=wanted).values_list("caip19", "symbol", "decimals")
    known = {c: AssetName(symbol, decimals) for c, symbol, decimals in rows}
    return {c: known.get(c, AssetName(c.rsplit("/", 1)[-1], 0)) for c in wanted}


def labels(chain: str, viewer: Actor = SYSTEM) -> dict[str, Label]:
    """Sourced and confirmed labels of one chain that the viewer may see: address -> label."""
    rows = Label.objects.filter(chain__caip2=chain).exclude(confidence="inferred")
    rows = access.visible(viewer, rows).select_related("service").order_by("pk")
    return {row.address: row for row in rows}


def kinds(chain: str, viewer: Actor = SYSTEM) -> dict[str, AccountKind]:
    """What sourced labels make of addresses; services without a kind of account are left out."""
    return {
        address: AccountKind(label.service.kind)
        for address, label in labels(chain, viewer).items()
        if label.service is not None and label.service.kind
    }


def kinds_for(incident: Incident, chain: str, viewer: Actor) -> dict[str, AccountKind]:
    """What addresses are to a viewer. Accounts keep the kind that they were opened as: where only
    a label or a return address that the viewer may not see says so, the value reads as followed."""

    def known(to: Actor) -> dict[str, AccountKind]:
        returns = addresses.accepted_returns(incident, chain, to)
        return kinds(chain, to) | dict.fromkeys(returns, AccountKind.RETURN)

    everything = known(SYSTEM)
    if viewer.is_system:
        return everything
    return dict.fromkeys(everything, AccountKind.FOLLOWED) | known(viewer)
