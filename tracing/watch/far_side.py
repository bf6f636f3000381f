"""Which landing is a crossing's far side: candidates from the database, judged by the core."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import (
    CharField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Now

from tracing.core.crossings import RULES, Kind, Match, Seen, match
from tracing.core.sides import Departure
from tracing.core.sides import Landing as CoreLanding
from tracing.models import Asset, Chain, Crossing, Landing

# How long a landing waits for its near side. Longer than any backfill of a first hour takes, short
# enough that a busy chain's landings stay a small table.
KEPT = timedelta(days=7)
_EARLY, _LATE = timedelta(seconds=RULES.skew), timedelta(seconds=RULES.window)


def awaiting(chain: Chain) -> QuerySet[Crossing]:
    """Crossings that may have come out on a chain, and for which a landing there may speak."""
    here = _candidates(
        chain,
        bridge=OuterRef("bridge"),
        key=OuterRef("match_key"),
        recipient=OuterRef("to_address"),
        left_at=OuterRef("block__timestamp"),
    )
    came_back = Q(trace__chain=chain) & Exists(here.filter(is_refund=True))
    went_over = ~Q(trace__chain=chain) & Exists(here.filter(is_refund=False))
    rows = Crossing.objects.filter(
        came_back | (went_over & Q(to_chain__in=("", chain.caip2))), state__in=Crossing.AWAITED
    )
    return rows.select_related("trace__chain", "block").order_by("pk")


def best(crossing: Crossing, chain: Chain) -> tuple[Landing, Match] | None:
    """The landing on a chain that fits best; None: none does."""
    rows = _candidates(
        chain,
        bridge=crossing.bridge,
        key=crossing.match_key,
        recipient=crossing.to_address,
        left_at=crossing.block.timestamp,
    )
    rows = rows.filter(is_refund=crossing.trace.chain_id == chain.pk)
    by_place = {}
    seen = []
    for row in rows.select_related("block", "chain").order_by("block__number", "position"):
        by_place[row.tx, row.position] = row
        seen.append(Seen(_landing(row), int(row.block.timestamp.timestamp())))
    assets = {crossing.asset, *(one.landing.asset for one in seen)}
    left_at = int(crossing.block.timestamp.timestamp())
    found = match(_departure(crossing), left_at, seen, kinds=_kinds(assets))
    if not found:
        return None
    return by_place[found[0].landing.tx, found[0].landing.index], found[0]


def prune(chain: Chain) -> None:
    """Forget landings that no crossing came for, once they are final and old."""
    final = (chain.cursor_number or 0) - chain.final_depth
    old = Landing.objects.filter(chain=chain, block__number__lt=final)
    old.filter(block__timestamp__lt=Now() - KEPT).delete()


def _candidates(
    chain: Chain,
    *,
    bridge: str | OuterRef,
    key: str | OuterRef,
    recipient: str | OuterRef,
    left_at: datetime | OuterRef,
) -> QuerySet[Landing]:
    """Landings with that key; where one side has none, those to the recipient in time."""
    rows = Landing.objects.filter(chain=chain, bridge=bridge)
    rows = rows.alias(
        key=ExpressionWrapper(_as_value(key), CharField()),
        recipient=ExpressionWrapper(_as_value(recipient), CharField()),
        left=ExpressionWrapper(_as_value(left_at), DateTimeField()),
    )
    same_key = Q(match_key=F("key")) & ~Q(match_key="")
    no_key = (Q(match_key="") | Q(key="")) & (
        (Q(to_address=F("recipient")) | Q(to_address="") | Q(recipient=""))
        & Q(block__timestamp__gte=F("left") - _EARLY, block__timestamp__lte=F("left") + _LATE)
    )
    return rows.filter(same_key | no_key)


def _as_value(told: str | datetime | OuterRef) -> Value | OuterRef:
    return told if isinstance(told, OuterRef) else Value(told)


def _departure(row: Crossing) -> Departure:
    return Departure(
        bridge=row.bridge,
        chain=row.trace.chain.caip2,
        tx=row.tx,
        index=row.position,
        contract="",
        sender=row.from_address,
        asset=row.asset,
        amount=row.departed,
        to_chain=row.to_chain,
        to_address=row.to_address,
        to_asset=row.to_asset,
        to_amount=row.to_amount,
        match_key=row.match_key,
    )


def _landing(row: Landing) -> CoreLanding:
    return CoreLanding(
        bridge=row.bridge,
        chain=row.chain.caip2,
        tx=row.tx,
        index=row.position,
        contract=row.contract,
        from_chain=row.from_chain,
        to_address=row.to_address,
        asset=row.asset,
        amount=row.amount,
        match_key=row.match_key,
        is_refund=row.is_refund,
    )


def _kinds(assets: Iterable[str]) -> dict[str, Kind]:
    """What can be compared: assets of the directory, and chains' native ones."""
    wanted = set(assets)
    tokens = Asset.objects.filter(caip19__in=wanted).exclude(symbol="")
    native = Chain.objects.filter(native_asset__in=wanted)
    return {row.caip19: Kind(row.symbol, row.decimals) for row in tokens} | {
        row.native_asset: Kind(row.native_symbol, row.native_decimals) for row in native
    }
