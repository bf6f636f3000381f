"""Withdrawals from a mixer's pool that took in stolen value: leads with a score, and nothing more.

They move no taint and ask for no freeze. What a pool took in and gave out is counted from the
trace's first deposit on, for a month after its last one.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Max

from tracing import lead_events, mixers
from tracing.chains.errors import ChainError
from tracing.core.logs import BadLog, Log
from tracing.core.mixing import Coincidences, parts, score
from tracing.core.types import AccountKey, AccountKind
from tracing.mixers.base import Deposit, Seen, Withdrawal
from tracing.mixers.contracts import of_chain
from tracing.models import Block, Exposure, Hop, Lead, PoolEvent, Trace
from tracing.services import leads
from tracing.watch.findings import finding
from tracing.watch.source import ChainBlock, Source

logger = logging.getLogger(__name__)
WINDOW = timedelta(days=30)
MOST_LEADS = 50  # of one pool and trace; how many more there were is a lead too
MOST_EVENTS = 10_000  # of one pool and trace
MOST_READ = 50  # recipients of one block whose past is looked at
DEPOSIT, WITHDRAWAL = PoolEvent.Kind.DEPOSIT, PoolEvent.Kind.WITHDRAWAL


@dataclass(frozen=True)
class Reading:
    """What pools logged in one block. ``fresh``: recipients without coin or code before it."""

    seen: list[tuple[Log, Seen]] = field(default_factory=list)
    fresh: frozenset[str] = frozenset()

    @property
    def pools(self) -> set[str]:
        return {one.pool for _, one in self.seen}


def read(source: Source, block: ChainBlock, traces: Iterable[Trace]) -> Reading:
    """The deposits and withdrawals of pools that hold value of these traces, or may from this block
    on; and whether the recipients are new. Most blocks have none, and cost nothing."""
    seen = [(log, one) for log in block.logs for one in decode(log)]
    if not seen or not traces:
        return Reading()
    reading = Reading(seen)
    rows = Exposure.objects.filter(trace__in=traces, kind=AccountKind.MIXER)
    touched = set(rows.filter(address__in=reading.pools).values_list("address", flat=True))
    recipients = list(
        dict.fromkeys(
            one.recipient for _, one in seen if isinstance(one, Withdrawal) and one.pool in touched
        )
    )
    return Reading(seen, _fresh(source, recipients[:MOST_READ], block.movements.parent_hash))


def decode(log: Log) -> list[Seen]:
    """A log that only looks like a mixer's says nothing, and stops nothing."""
    if not mixers.is_of_interest(log):
        return []
    try:
        one = mixers.read(log)
    except BadLog as error:
        logger.warning("log %s of %s is refused: %s", log.index, log.tx, error)
        return []
    return [] if one is None else [one]


def _fresh(source: Source, recipients: list[str], parent_hash: str) -> frozenset[str]:
    if not recipients:
        return frozenset()
    keys = {AccountKey(source.adapter.chain, one, source.native): one for one in recipients}
    try:
        balances = source.adapter.balances(keys, parent_hash)
        code = source.adapter.has_code(recipients, parent_hash)
    except ChainError as error:
        logger.warning("recipients of a mixer cannot be looked at: %s", error)
        return frozenset()
    return frozenset(
        one for key, one in keys.items() if balances.get(key) == 0 and not code.get(one, True)
    )


def save(block: Block, reading: Reading, traces: Iterable[Trace]) -> None:
    """Count what the pools took in and gave out, and note a lead for each withdrawal."""
    if not reading.seen or not traces:
        return
    rows = Exposure.objects.filter(
        trace__in=traces, kind=AccountKind.MIXER, address__in=reading.pools, tainted__gt=0
    )
    touched: dict[int, set[str]] = {}
    for pk, address in rows.values_list("trace_id", "address"):
        touched.setdefault(pk, set()).add(address)
    for trace in traces:
        for pool in sorted(touched.get(trace.pk, ())):
            _Pool(trace, block, pool, reading).save()


class _Pool:
    """One pool that one trace reached, in one block."""

    def __init__(self, trace: Trace, block: Block, pool: str, reading: Reading) -> None:
        self.trace, self.block, self.pool, self.reading = trace, block, pool, reading
        self.events = PoolEvent.objects.filter(trace=trace, pool=pool)

    def save(self) -> None:
        mixed = Hop.objects.filter(
            trace=self.trace, block=self.block, kind="mix", to_address=self.pool
        )
        ours = set(mixed.values_list("tx", flat=True))
        for log, one in self.reading.seen:
            if one.pool != self.pool or self.events.count() >= MOST_EVENTS:
                continue
            if isinstance(one, Deposit):
                if log.tx in ours or self._is_waiting():
                    self._note(log, one, one.depositor, is_tainted=log.tx in ours)
            elif self._is_waiting():
                self._note(log, one, one.recipient)
                self._lead(log, one)
        recount(self.trace, self.pool)

    def _is_waiting(self) -> bool:
        """Whether the trace's last deposit is less than a month ago."""
        last = self.events.filter(is_tainted=True).aggregate(at=Max("block__timestamp"))["at"]
        return last is not None and self.block.timestamp - last <= WINDOW

    def _note(self, log: Log, one: Seen, who: str, *, is_tainted: bool = False) -> None:
        PoolEvent.objects.get_or_create(
            trace=self.trace,
            block=self.block,
            index=log.index,
            defaults={
                "tx": log.tx,
                "pool": self.pool,
                "kind": DEPOSIT if isinstance(one, Deposit) else WITHDRAWAL,
                "address": who,
                "amount": one.amount,
                "is_tainted": is_tainted,
            },
        )

    def _lead(self, log: Log, one: Withdrawal) -> None:
        found = self._coincidences(one)
        key = f"mixer:{self.pool}:{log.tx}:{log.index}"
        known = Lead.objects.filter(trace=self.trace, kind=Lead.Kind.MIXER_WITHDRAWAL)
        mine = known.filter(key__startswith=f"mixer:{self.pool}:")
        standing = mine.exclude(state=Lead.State.WITHDRAWN)
        if standing.count() >= MOST_LEADS and not mine.filter(key=key).exists():
            return
        contract = of_chain(self.trace.chain.caip2).get(self.pool)
        lead, is_new = leads.note(
            self.trace,
            Lead.Kind.MIXER_WITHDRAWAL,
            key,
            self.trace.chain.caip2,
            one.recipient,
            confidence=score(found),
            evidence={
                "pool": self.pool,
                "pool_name": contract.name if contract else "",
                "tx": log.tx,
                "log": log.index,
                "relayer": one.relayer,
                "amount": None if one.amount is None else str(one.amount),
                "takes_own_deposit_back": one.is_return,
                "points": parts(found),
                "deposits_of_this_trace": found.tainted,
                "other_deposits_since": found.others,
                "withdrawals_since": self.events.filter(kind=WITHDRAWAL).count(),
                "seconds_since_last_deposit": found.seconds,
            },
            block=self.block,
        )
        if is_new:
            self._tell(lead, log, contract.name if contract else self.pool)

    def _tell(self, lead: Lead, log: Log, pool: str) -> None:
        event = lead_events.MixerWithdrawalSeen(
            chain=lead.chain,
            block=self.block.number,
            block_hash=self.block.hash,
            address=lead.address,
            tx=log.tx,
            pool=pool,
            confidence=lead.confidence,
        )
        # The key of a lead names the thing; a line is of a block, and withdrawn with it.
        key = hashlib.sha256(f"{self.block.ident}|{lead.key}".encode()).hexdigest()
        finding(self.trace, self.block, key, event.kind, event.content()).save()

    def _coincidences(self, one: Withdrawal) -> Coincidences:
        deposits = self.events.filter(kind=DEPOSIT)
        ours = deposits.filter(is_tainted=True)
        last = ours.aggregate(at=Max("block__timestamp"))["at"]
        met = [who for who in (one.recipient, one.relayer) if who]
        known = Exposure.objects.filter(trace=self.trace, address__in=met)
        return Coincidences(
            tainted=ours.count(),
            others=deposits.filter(is_tainted=False).count(),
            nth=self.events.filter(kind=WITHDRAWAL, address=one.recipient).count(),
            seconds=int((self.block.timestamp - last).total_seconds()),
            is_fresh=one.recipient in self.reading.fresh,
            has_relayer=bool(one.relayer),
            is_met=known.exclude(kind=AccountKind.MIXER).exists(),
            is_return=one.is_return,
        )


def recount(trace: Trace, pool: str) -> None:
    """Say how many withdrawals there were beyond those that have a lead."""
    count = PoolEvent.objects.filter(trace=trace, pool=pool, kind=WITHDRAWAL).count()
    known = Lead.objects.filter(trace=trace, kind=Lead.Kind.MIXER_WITHDRAWAL)
    mine = known.filter(key__startswith=f"mixer:{pool}:").exclude(state=Lead.State.WITHDRAWN)
    more = max(0, count - mine.count())
    key = f"mixer-more:{pool}"
    evidence = {"pool": pool, "more": more, "shown": MOST_LEADS}
    row = Lead.objects.filter(trace=trace, key=key).first()
    if row is not None:
        row.evidence = evidence
        row.save(update_fields=["evidence"])
    elif more:
        chain, kind = trace.chain.caip2, Lead.Kind.WORK_BOUND
        leads.note(trace, kind, key, chain, pool, confidence=0, evidence=evidence)


def forget(trace: Trace, dropped: list[Block]) -> None:
    """Undo what dropped blocks counted. Their leads are withdrawn with all others of the block."""
    events = PoolEvent.objects.filter(trace=trace, block__in=dropped)
    pools = set(events.values_list("pool", flat=True))
    events.delete()
    for pool in sorted(pools):
        recount(trace, pool)
