"""From hops to findings: what of a block the room must be told, one finding per way and asset."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from incidents.events.base import Event
from incidents.ports import AssetName
from tracing import events, issuers
from tracing.bridges import Departure
from tracing.core.types import SEIZED_ADDRESS, AccountKey, Hop, HopKind
from tracing.mixers import contracts as mixers
from tracing.models import Arrival, Block, Finding, Service, Trace
from tracing.services import names
from tracing.watch import bulk
from tracing.watch.directory import Directory

_FINDING = (
    "trace_id",
    "incident_id",
    "key",
    "kind",
    "payload",
    "block_number",
    "block_hash",
    "state",
    "refusal",
    "created_at",
)
_SILENT = frozenset({HopKind.FEE, HopKind.DUST, HopKind.ADJUSTMENT})
# Categories whose desks can hold what reached them.
FREEZABLE = frozenset({"exchange", "custodian", "bridge", "issuer"})
_NO_DEPARTURES: Mapping[tuple[str, AccountKey], Departure] = {}


@dataclass(frozen=True)
class Way:
    """All pieces of one transaction that went the same way."""

    tx: str
    kind: HopKind
    frm: AccountKey | None
    to: AccountKey
    amount_from: int
    amount_to: int
    estimated: bool


def ways(hops: Iterable[Hop]) -> list[Way]:
    """Hops summed up by transaction, kind, account from and account to, in order."""
    sums: dict[tuple[str, HopKind, AccountKey | None, AccountKey], list[Any]] = {}
    for hop in hops:
        if hop.kind in _SILENT:
            continue
        row = sums.setdefault((hop.tx, hop.kind, hop.frm, hop.to), [0, 0, False])
        row[0] += hop.amount_from
        row[1] += hop.amount_to
        row[2] = row[2] or hop.estimated
    return [Way(*key, *row) for key, row in sums.items()]


class Writer:
    """Writes the findings and arrivals of one block for one trace."""

    def __init__(
        self,
        trace: Trace,
        block: Block,
        directory: Directory,
        departures: Mapping[tuple[str, AccountKey], Departure] = _NO_DEPARTURES,
    ) -> None:
        self.trace = trace
        self.block = block
        self.directory = directory
        self.departures = departures
        self.names: dict[str, AssetName] = {}

    def write(self, hops: list[Hop], opened: set[AccountKey]) -> None:
        """Rows for every way of the block; the poster takes them from there."""
        found = ways(hops)
        assets = {way.to.asset for way in found} | {way.frm.asset for way in found if way.frm}
        self.names = names.asset_names(assets)
        findings, now = [], timezone.now()
        for way in found:
            arrival = self._arrival(way)
            event = self._event(way, arrival, is_first=way.to in opened)
            key = way_key(self.block.ident, way)
            payload = event.content()
            if arrival is not None:
                payload["arrival"] = arrival.key
            findings.append((key, event.kind, bulk.as_json(payload)))
        bulk.insert(Finding, _FINDING, (self._row(now, *one) for one in findings))

    def _row(self, now: datetime, key: str, kind: str, payload: str) -> bulk.Row:
        """In order of _FINDING: what ``finding`` makes as an object."""
        block, trace = self.block, self.trace
        place = (trace.pk, trace.incident_id, key, kind, payload, block.number, block.hash)
        return (*place, Finding.State.PENDING.value, "", now)

    def _arrival(self, way: Way) -> Arrival | None:
        service = self._desk(way)
        if service is None:
            return None
        return Arrival.objects.create(
            trace=self.trace,
            service=service,
            key=way_key(self.block.ident, way),
            block_number=self.block.number,
            block_hash=self.block.hash,
            tx=way.tx,
            chain=way.to.chain,
            address=way.to.address,
            asset=way.to.asset,
            amount=way.amount_to,
        )

    def _desk(self, way: Way) -> Service | None:
        """Who can hold the value where it is now: the labelled service, or the issuer."""
        # A leg's seed is an arrival like any other: it was stolen long before.
        landed = way.kind is HopKind.SEED and self.trace.crossing_id is not None
        service = self.directory.service_at(way.to.address, self.trace)
        if way.kind in (HopKind.ARRIVAL, HopKind.CROSSING) or (landed and service is not None):
            return service if service is not None and service.category in FREEZABLE else None
        at_rest = landed or way.kind in (HopKind.TRANSFER, HopKind.CONVERSION, HopKind.LOAN)
        asset = self.directory.assets.get(way.to.asset)
        if at_rest and asset is not None and asset.issuer and issuers.named(asset.freeze_interface):
            return asset.issuer
        return None

    def _event(self, way: Way, arrival: Arrival | None, *, is_first: bool) -> Event:
        common = self._common(way)
        service = self.directory.service_at(way.to.address, self.trace)
        named: dict[str, Any] = {
            "service": service.name if service else _place(way.to),
            "service_slug": service.slug if service else "",
        }
        match way.kind:
            case HopKind.SEED:
                return self._began(common)
            case HopKind.CONVERSION | HopKind.LOAN | HopKind.REPAY:
                return self._converted(way, common)
            case HopKind.ARRIVAL:
                return events.FundsArrived(**common, **named)
            case HopKind.CROSSING:
                return self._crossed(way, common | named)
            case HopKind.MIX | HopKind.BURN:
                return events.FundsLost(**common, service=named["service"], how=way.kind.value)
            case HopKind.CUSTODY if way.to.address == SEIZED_ADDRESS:
                return events.FundsSeized(**common)
            case HopKind.RETURN | HopKind.CUSTODY:
                return events.FundsSecured(**common, how=way.kind.value)
        return events.FundsMoved(**common, is_first=is_first)

    def _began(self, common: dict[str, Any]) -> Event:
        crossing = self.trace.crossing
        if crossing is None:
            return events.FundsStolen(**common)
        by_key = crossing.state == crossing.State.CERTAIN
        return events.FundsLanded(
            **common,
            bridge=crossing.bridge,
            from_chain=crossing.trace.chain.caip2,
            from_tx=crossing.tx,
            confirmed_by="bridge" if by_key else "analyst",
        )

    def _crossed(self, way: Way, known: dict[str, Any]) -> Event:
        left = self.departures.get((way.tx, way.to))
        if left is None:
            return events.FundsCrossed(**known)
        if not known["service_slug"]:
            known["service"] = left.bridge
        return events.FundsCrossed(
            **known, bridge=left.bridge, to_chain=left.to_chain, recipient=left.to_address
        )

    def _converted(self, way: Way, common: dict[str, Any]) -> Event:
        asset = way.frm.asset if way.frm else way.to.asset
        return events.FundsConverted(
            **common,
            how=way.kind.value,
            from_asset=asset,
            from_symbol=self.names[asset].symbol,
            from_decimals=self.names[asset].decimals,
            from_amount=str(way.amount_from),
            is_estimated=way.estimated,
        )

    def _common(self, way: Way) -> dict[str, Any]:
        name = self.names[way.to.asset]
        return {
            "chain": way.to.chain,
            "block": self.block.number,
            "block_hash": self.block.hash,
            "tx": way.tx,
            "asset": way.to.asset,
            "symbol": name.symbol,
            "decimals": name.decimals,
            "amount": str(way.amount_to),
            "from_address": way.frm.address if way.frm else "",
            "to_address": way.to.address,
        }


def finding(trace: Trace, block: Block, key: str, kind: str, payload: dict[str, Any]) -> Finding:
    """An unsaved finding of one block."""
    return Finding(
        trace=trace,
        incident_id=trace.incident_id,
        key=key,
        kind=kind,
        payload=payload,
        block_number=block.number,
        block_hash=block.hash,
    )


def way_key(block_ident: str, way: Way) -> str:
    """The same for the same way in the same block, whoever computes it: repeats are harmless."""
    parts = [block_ident, way.tx, way.kind.value]
    for account in (way.frm, way.to):
        parts += [account.chain, account.address, account.asset] if account else ["-"]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _place(key: AccountKey) -> str:
    """What a place without a label is called: mixers are known without one."""
    contract = mixers.of_chain(key.chain).get(key.address)
    return contract.name if contract else key.address
