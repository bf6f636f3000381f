"""Traces with their legs, as a viewer sees them: what a leg took over counts there alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from tracing.core.legs import without
from tracing.core.state import lot_from_row
from tracing.core.types import Account, AccountKey, Lot
from tracing.models import Crossing, Trace


@dataclass(frozen=True)
class Family:
    """Traces in view with the legs among them. A leg that is not in view took nothing over: for
    that viewer the value is still in crossing."""

    legs: Mapping[int, list[Trace]] = field(default_factory=dict)  # by the trace they go on from

    def walk(self, trace: Trace) -> Iterator[Trace]:
        """A trace, its legs, and theirs."""
        yield trace
        for leg in self.legs.get(trace.pk, ()):
            yield from self.walk(leg)

    def crossings(self, trace: Trace) -> list[Crossing]:
        """The crossings of a trace whose lots a leg in view took over."""
        return [leg.crossing for leg in self.legs.get(trace.pk, ()) if leg.crossing]

    def remaining(
        self, trace: Trace, accounts: Mapping[AccountKey, Account]
    ) -> Mapping[AccountKey, Account]:
        """The accounts of a trace without what its legs took over."""
        gone: dict[AccountKey, list[Lot]] = defaultdict(list)
        for crossing in self.crossings(trace):
            key = AccountKey(trace.chain.caip2, crossing.escrow_address, crossing.asset)
            gone[key] += map(lot_from_row, crossing.lots)
        left = dict(accounts)
        for key in gone.keys() & accounts.keys():
            account = accounts[key].copy()
            account.lots = type(account.lots)(without(account.lots, gone[key]))
            left[key] = account
        return left

    def kept(self, trace: Trace) -> Mapping[str, int]:
        """Origin asset -> what bridges kept as their fee: it went in, and no leg has it."""
        kept: Counter[str] = Counter()
        for leg in self.legs.get(trace.pk, ()):
            if leg.crossing is not None:
                kept.update(_origins(leg.crossing.lots))
            for seed in leg.seeds.all():
                kept.subtract(_origins(seed.lots))
        return kept


def family(traces: Iterable[Trace]) -> Family:
    """The legs among traces that stand, all in view, with their seeds and crossings loaded."""
    legs: dict[int, list[Trace]] = defaultdict(list)
    for trace in traces:
        if trace.crossing is not None and trace.seeds.all():
            legs[trace.crossing.trace_id].append(trace)
    return Family(legs)


def taken_over(traces: QuerySet[Trace]) -> Counter[tuple[int, AccountKey]]:
    """Units of bridges' accounts, by trace, that its legs among ``traces`` took over."""
    over: Counter[tuple[int, AccountKey]] = Counter()
    legs = traces.filter(crossing__isnull=False, seeds__isnull=False).distinct()
    for leg in legs.select_related("crossing__trace__chain"):
        if (one := leg.crossing) is not None:
            key = AccountKey(one.trace.chain.caip2, one.escrow_address, one.asset)
            over[one.trace_id, key] += int(one.amount)
    return over


def _origins(lots: Iterable[dict[str, str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for lot in lots:
        found[lot["origin_asset"]] += int(lot["origin_amount"])
    return found
