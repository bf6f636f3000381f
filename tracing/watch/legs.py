"""The far side of crossings: matched, followed on, taken back. By the far chain's watcher alone.

Whoever watches the near side only writes crossings and withdraws them. So each row of a leg, and
each step of a crossing that rests on a landing, has one writer, which holds the chain's lease.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.lookups import IsNull

from incidents import access
from incidents.ports import AssetName
from tracing.core import legs as core
from tracing.core.crossings import Certainty
from tracing.core.state import LotRow, lot_from_row, lot_to_row
from tracing.crossing_events import CrossingSuspected
from tracing.models import (
    Arrival,
    Asset,
    Block,
    Chain,
    Crossing,
    Exposure,
    Finding,
    Hop,
    Landing,
    Lead,
    PoolEvent,
    RangeAccount,
    RangeUndo,
    Seed,
    Trace,
    Undo,
)
from tracing.models.trace import STANDS
from tracing.services import assets
from tracing.watch import far_side
from tracing.watch.findings import finding
from tracing.watch.lease import Lease
from tracing.watch.memory import Memory
from tracing.watch.source import Source
from tracing.watch.withdrawals import withdraw

State = Crossing.State


class Legs:
    """The far sides on one chain, under its lease."""

    def __init__(self, chain: Chain, source: Source, lease: Lease, memory: Memory) -> None:
        self.chain = chain
        self.source = source
        self.lease = lease
        self.memory = memory

    def settle(self) -> set[int]:
        """Bring crossings and legs in line with what was read by now; harmless to repeat.

        Answers the incidents whose rooms have something to hear.

        :raises LeaseLostError: somebody else writes for this chain; nothing was written.
        """
        told: set[int] = set()
        if not self._concerned():
            return told
        for leg in self._fallen():
            self._take_back(leg)
            told.add(leg.incident_id)
        for crossing in far_side.awaiting(self.chain):
            if self._judge(crossing):
                told.add(crossing.trace.incident_id)
        for crossing in self._due():
            self._open(crossing)
        return told

    def _concerned(self) -> bool:
        mine = Q(far_chain=self.chain.caip2) | Q(leg__chain=self.chain)
        may_be = far_side.still_awaited() & (
            Q(to_chain__in=("", self.chain.caip2)) | Q(trace__chain=self.chain)
        )
        return Crossing.objects.filter(mine | may_be).exists()

    def _fallen(self) -> QuerySet[Trace]:
        """Legs whose crossing does not stand any more, and that were not taken back yet."""
        rows = Trace.objects.filter(chain=self.chain, crossing__isnull=False, seeds__isnull=False)
        return rows.exclude(STANDS).select_related("chain", "crossing__trace__chain").distinct()

    def _take_back(self, leg: Trace) -> None:
        assert leg.crossing is not None  # noqa: S101 (a leg has one)
        self.memory.forget(leg.pk)
        with transaction.atomic():
            came_from = leg.crossing.trace.chain.caip2
            withdraw(leg, Finding.objects.all(), came_from=came_from)
            erase(leg)
            self.lease.write()

    def _judge(self, crossing: Crossing) -> bool:
        """Compare a crossing with what landed here; True: its room has something to hear."""
        found = far_side.best(crossing, self.chain)
        if found is None:
            return False
        landing, verdict = found
        is_certain = verdict.certainty is Certainty.CERTAIN
        if not is_certain and crossing.state != State.OPEN:
            return False  # a person has it, or said no
        state = State.CERTAIN if is_certain else State.PROBABLE
        with transaction.atomic():
            if not note_landing(crossing, landing, state, confidence=verdict.confidence):
                return False
            if not is_certain:
                suspect(crossing, landing, verdict.confidence)
            self.lease.write()
        return not is_certain

    def _due(self) -> QuerySet[Crossing]:
        """Crossings that stand, came out here, and are not followed on yet."""
        begun = Seed.objects.filter(trace__crossing=OuterRef("pk"))
        # What a person follows from there as a theft of its own would count twice. One that not
        # all who see the crossing see must not keep its leg from them.
        apart = Seed.objects.filter(
            _seen_by_all_of("trace__"),
            trace__incident=OuterRef("trace__incident"),
            trace__crossing__isnull=True,
            tx=OuterRef("far_tx"),
            receiver=OuterRef("far_address"),
        )
        return (
            Crossing.objects.filter(
                state__in=(State.CERTAIN, State.CONFIRMED),
                far_chain=self.chain.caip2,
                far_amount__isnull=False,
            )
            .exclude(Exists(begun))
            .exclude(Exists(apart))
            .select_related("trace")
        )

    def _open(self, crossing: Crossing) -> None:
        """Follow on from the landing, with the lots as they arrived."""
        names = assets.read_names(self.chain, self.source.adapter, [crossing.far_asset])
        with transaction.atomic():
            standing = Crossing.objects.select_for_update(no_key=True).filter(
                pk=crossing.pk, state__in=(State.CERTAIN, State.CONFIRMED)
            )
            if not standing.exists():
                return  # the near side was dropped in between
            assets.note(self.chain, names)
            leg = _trace_of(crossing, self.chain)
            Seed.objects.create(
                trace=leg,
                key=f"leg:{crossing.key}",
                tx=crossing.far_tx,
                block_number=leg.start_number,
                receiver=crossing.far_address,
                asset=crossing.far_asset,
                **_arrived(crossing, names[crossing.far_asset]),
            )
            self.lease.write()


def _seen_by_all_of(parent: str) -> Q:
    """Traces that every party sees, or the same people as a crossing's trace."""
    found = Q(
        trace__marking=OuterRef(f"{parent}marking"), trace__author=OuterRef(f"{parent}author")
    )
    for name in ("audience_people", "audience_organizations"):
        told = OuterRef(f"{parent}{name}")
        neither = Q(IsNull(told, True), **{f"trace__{name}__isnull": True})
        found &= Q(**{f"trace__{name}": told}) | neither
    return found | Q(trace__in=access.visible(access.EVERY_PARTY, Trace.objects.all()))


def note_landing(crossing: Crossing, landing: Landing, state: str, *, confidence: int) -> bool:
    """Set what was seen of the far side; False: the crossing was withdrawn or decided meanwhile."""
    waiting = Crossing.objects.filter(pk=crossing.pk, state__in=Crossing.AWAITED)
    return bool(
        waiting.update(
            state=state,
            confidence=confidence,
            far_chain=landing.chain.caip2,
            far_address=landing.to_address,
            far_asset=landing.asset,
            far_amount=landing.amount,
            far_tx=landing.tx,
            far_block_number=landing.block.number,
            far_block_hash=landing.block.hash,
            decided_by=None,
            decided_at=None,
        )
    )


def _trace_of(crossing: Crossing, chain: Chain) -> Trace:
    """The leg's trace: the parent's terms, from the block of the landing on."""
    parent, number = crossing.trace, crossing.far_block_number or 0
    place = {"start_number": number, "cursor_number": number - 1, "is_live": False}
    leg, _ = Trace.objects.update_or_create(
        crossing=crossing,
        defaults=place,
        create_defaults=place
        | {
            "crossing": crossing,
            "incident_id": parent.incident_id,
            "chain": chain,
            "policy": parent.policy,
            "policy_version": parent.policy_version,
            "marking": parent.marking,
            "owner_id": parent.owner_id,
            "author_id": parent.author_id,
            "audience_organizations": parent.audience_organizations,
            "audience_people": parent.audience_people,
        },
    )
    return leg


def _arrived(crossing: Crossing, far: AssetName) -> dict[str, int | list[LotRow]]:
    landed = core.land(
        [lot_from_row(row) for row in crossing.lots],
        crossing.departed or 0,
        crossing.far_amount or 0,
        same_unit=_is_same_money(crossing, far),
    )
    return {"amount": landed.amount, "lots": [lot_to_row(lot) for lot in landed.lots]}


def _is_same_money(crossing: Crossing, far: AssetName) -> bool:
    """Whether one unit is the same on both sides: docs/taint.md, crossings and legs."""
    one, other = (asset.rpartition("/")[2] for asset in (crossing.asset, crossing.far_asset))
    if one.startswith("slip44:") or other.startswith("slip44:"):
        return one == other
    near = Asset.objects.filter(caip19=crossing.asset).first()
    named = near is not None and near.symbol != "" and near.symbol == far.symbol
    return named and near is not None and near.decimals == far.decimals


def erase(leg: Trace) -> None:
    """Everything that a leg found, whose crossing does not stand: as if it had never begun."""
    for model in (Exposure, Undo, Hop, RangeAccount, RangeUndo, PoolEvent, Seed):
        model.objects.filter(trace=leg).delete()
    Arrival.objects.filter(trace=leg).update(is_withdrawn=True)
    Lead.objects.filter(trace=leg).update(state=Lead.State.WITHDRAWN)
    Crossing.objects.filter(trace=leg).update(state=State.WITHDRAWN)
    Trace.objects.filter(pk=leg.pk).update(is_live=False)


def drop_near_side(dropped: Iterable[Block]) -> None:
    """Crossings of dropped blocks are withdrawn; their legs fall when their chains settle.

    Before anything else of a rollback: from here on no far side adds to them.
    """
    Crossing.objects.filter(block__in=list(dropped)).update(state=State.WITHDRAWN)


def drop_far_side(chain: Chain, dropped: Iterable[Block]) -> None:
    """Landings of dropped blocks are gone; what rested on them waits for its far side again.

    What the legs found is undone already, block by block: they began in a dropped block.
    """
    blocks = list(dropped)
    Landing.objects.filter(block__in=blocks).delete()
    rested = Crossing.objects.filter(
        far_chain=chain.caip2, far_block_hash__in=[block.hash for block in blocks]
    ).exclude(state=State.WITHDRAWN)
    for crossing in rested.select_related("trace__chain"):
        found = Finding.objects.filter(key=suspected_key(crossing, crossing.far_block_hash))
        withdraw(crossing.trace, found, came_from=chain.caip2)
        Seed.objects.filter(trace__crossing=crossing).delete()
        Trace.objects.filter(crossing=crossing).update(is_live=False)
    rested.update(
        state=State.OPEN,
        confidence=0,
        decided_by=None,
        decided_at=None,
        far_amount=None,
        far_block_number=None,
        **dict.fromkeys(("far_chain", "far_address", "far_asset", "far_tx", "far_block_hash"), ""),
    )


def suspect(crossing: Crossing, landing: Landing, confidence: int) -> None:
    """Tell the room that something looks like the far side. In the crossing's transaction: whoever
    drops the near side withdraws the crossing first, and then whatever was found of its block."""
    event = CrossingSuspected(
        crossing=str(crossing.public_id),
        bridge=crossing.bridge,
        chain=crossing.trace.chain.caip2,
        tx=crossing.tx,
        far_chain=landing.chain.caip2,
        far_tx=landing.tx,
        far_address=landing.to_address,
        confidence=confidence,
    )
    finding(
        crossing.trace,
        crossing.block,
        suspected_key(crossing, landing.block.hash),
        event.kind,
        event.content(),
    ).save()


def suspected_key(crossing: Crossing, far_block_hash: str) -> str:
    """The key of the finding that something looks like this crossing's far side."""
    return f"far:{crossing.public_id}:{far_block_hash}"
