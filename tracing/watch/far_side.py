"""Which landing is a crossing's far side: candidates from the database, judged by the core."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.db.models.lookups import Exact

from tracing.core.crossings import RULES, Kind, Match, Seen, match
from tracing.core.sides import Departure
from tracing.core.sides import Landing as CoreLanding
from tracing.models import Asset, Block, Chain, Crossing, Landing

# How long a landing waits for its near side. Longer than any backfill of a first hour takes, short
# enough that a busy chain's landings stay a small table.
KEPT = timedelta(days=7)
_EARLY, _LATE = timedelta(seconds=RULES.skew), timedelta(seconds=RULES.window)


def still_awaited() -> Q:
    """Crossings whose far side is still looked for: not for ever, each costs a look at each block.
    Counted from when it was found here: a theft of long ago waits as long as one of today."""
    found_since = Now() - timedelta(days=settings.FAR_SIDE_DAYS)
    return Q(state__in=Crossing.AWAITED, created_at__gte=found_since)


def awaiting(chain: Chain) -> QuerySet[Crossing]:
    """Crossings that may have come out on a chain, and for which a landing there may speak."""
    rows = Crossing.objects.filter(
        Q(trace__chain=chain) & _met(chain, is_refund=True)
        | ~Q(trace__chain=chain) & Q(to_chain__in=("", chain.caip2)) & _met(chain, is_refund=False),
        still_awaited(),
    )
    return rows.select_related("trace__chain", "block").order_by("pk")


def _met(chain: Chain, *, is_refund: bool) -> Q:
    """One condition per way to meet, so that each has an index of its own: landings are many."""
    rows = Landing.objects.filter(chain=chain, bridge=OuterRef("bridge"), is_refund=is_refund)
    left_at = OuterRef("block__timestamp")
    fitting = rows.filter(
        Q(to_address__in=(OuterRef("to_address"), "")) | Q(Exact(OuterRef("to_address"), "")),
        block__timestamp__gte=ExpressionWrapper(left_at - _EARLY, DateTimeField()),
        block__timestamp__lte=ExpressionWrapper(left_at + _LATE, DateTimeField()),
    )
    same_key = Q(Exists(rows.filter(match_key=OuterRef("match_key")))) & ~Q(match_key="")
    there_none, here_none = Q(Exists(fitting.filter(match_key=""))), Q(Exists(fitting))
    return same_key | there_none | (here_none & Q(match_key=""))


def best(crossing: Crossing, chain: Chain) -> tuple[Landing, Match] | None:
    """The landing on a chain that fits best; None: none does."""
    left_at = crossing.block.timestamp
    rows = Landing.objects.filter(
        chain=chain, bridge=crossing.bridge, is_refund=crossing.trace.chain_id == chain.pk
    )
    whom = Q(to_address__in=(crossing.to_address, "")) if crossing.to_address else Q()
    fitting = whom & Q(block__timestamp__range=(left_at - _EARLY, left_at + _LATE))
    if crossing.match_key:
        rows = rows.filter(Q(match_key=crossing.match_key) | Q(match_key="") & fitting)
    else:
        rows = rows.filter(fitting)
    by_place = {}
    seen = []
    for row in rows.select_related("block", "chain").order_by("block__number", "position"):
        by_place[row.tx, row.position] = row
        seen.append(Seen(_landing(row), int(row.block.timestamp.timestamp())))
    assets = {crossing.asset, *(one.landing.asset for one in seen)}
    found = match(_departure(crossing), int(left_at.timestamp()), seen, kinds=_kinds(assets))
    if not found:
        return None
    return by_place[found[0].landing.tx, found[0].landing.index], found[0]


def prune(chain: Chain) -> None:
    """Forget landings that no crossing came for, once they are final and old."""
    old = Landing.objects.filter(chain=chain, block__state=Block.State.FINAL)
    old.filter(block__timestamp__lt=Now() - KEPT).delete()


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
