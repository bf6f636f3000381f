"""Symbols and decimals of assets, and what labels say, for a viewer."""

from collections.abc import Collection, Iterable

from incidents.access import SYSTEM, Actor
from incidents.models import Incident
from incidents.ports import AssetName
from incidents.services import addresses as returns
from tracing import bridges
from tracing.core.types import AccountKind
from tracing.mixers import contracts as mixers
from tracing.models import Asset, Label, Trace
from tracing.services import labels as all_labels


def asset_names(caip19: Iterable[str]) -> dict[str, AssetName]:
    """Names of assets; an unknown one reads as its identifier with no decimals."""
    wanted = set(caip19)
    rows = Asset.objects.filter(caip19__in=wanted).values_list("caip19", "symbol", "decimals")
    known = {c: AssetName(symbol, decimals) for c, symbol, decimals in rows}
    return {c: known.get(c, AssetName(c.rsplit("/", 1)[-1], 0)) for c in wanted}


def labels(
    chain: str,
    viewer: Actor = SYSTEM,
    incident: Incident | None = None,
    addresses: Collection[str] | None = None,
) -> dict[str, Label]:
    """The labels that count (tracing/core/labelling.py), of those that the viewer may see."""
    known = all_labels.told(chain, viewer, incident, addresses)
    return {address: told.label for address, told in known.items() if told.label is not None}


def kinds(
    chain: str,
    viewer: Actor = SYSTEM,
    incident: Incident | None = None,
    addresses: Collection[str] | None = None,
) -> dict[str, AccountKind]:
    """What the labels that count make of addresses; without one, a bridge's contract is one."""
    known = all_labels.told(chain, viewer, incident, addresses)
    said = {address: told.kind for address, told in known.items() if told.kind is not None}
    return bridge_kinds(chain, addresses) | said


def bridge_kinds(chain: str, addresses: Collection[str] | None = None) -> dict[str, AccountKind]:
    """Contracts into which value goes when it leaves for another chain: public facts."""
    known = bridges.contracts().get(chain, {})
    wanted = known if addresses is None else known.keys() & addresses
    return dict.fromkeys(wanted, AccountKind.CROSSING)


def kinds_for(
    incident: Incident, chain: str, viewer: Actor, addresses: Collection[str] | None = None
) -> dict[str, AccountKind]:
    """What addresses are to a viewer. Accounts keep the kind that they were opened as: where only
    a label or a return address that the viewer may not see says so, the value reads as followed."""
    every = all_labels.told(chain, SYSTEM, incident, addresses)
    mine = every if viewer.is_system else all_labels.told(chain, viewer, incident, addresses)
    facts = bridge_kinds(chain, addresses)
    found = dict(facts)
    for address in every:
        seen = mine.get(address)
        if seen is not None and seen.kind is not None:
            found[address] = seen.kind
        elif not _is_explained(seen, address, chain):
            found[address] = facts.get(address, AccountKind.FOLLOWED)
    if not viewer.is_system:
        for address in returns.accepted_returns(incident, chain) - found.keys():
            if not _is_explained(mine.get(address), address, chain):
                found[address] = AccountKind.FOLLOWED
    known = returns.accepted_returns(incident, chain, viewer)
    return found | dict.fromkeys(known, AccountKind.RETURN)


def _is_explained(seen: all_labels.Told | None, address: str, chain: str) -> bool:
    """Whether what the viewer sees can tell why an account is kept as it is: then a label that is
    hidden from them must not change what they are shown."""
    if address in mixers.of_chain(chain):
        return True
    return seen is not None and any(row.service and row.service.kind for row in seen.rows)


def kinds_of_trace(
    trace: Trace, viewer: Actor, addresses: Collection[str]
) -> dict[str, AccountKind]:
    """As `kinds_for`; a label where stolen value of the trace was received first counts not."""
    found = kinds_for(trace.incident, trace.chain.caip2, viewer, addresses)
    for address in all_labels.seed_receivers(trace, found):
        if found[address] is not AccountKind.RETURN:
            del found[address]
    return found
