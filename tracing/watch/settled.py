"""What chains settled of the accounts that desks are asked to freeze.

Alerts go out when a block is seen; a target moves when the chain counts the block as settled
(`settings.FREEZE_SETTLED`: "seen", "safe" or "final", see docs/adr/0020). What is there is compared
with what the targets' logs say, so that nothing is lost when a process is killed between them, and
a repeat writes nothing.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db.models import Q

from incidents.access import Mark
from incidents.choices import RequestState, Stage, TargetState
from incidents.exceptions import HoldfastError
from incidents.models import FreezeRequest, FreezeTarget, TargetStep
from incidents.services import target_chain
from incidents.services.target_chain import Seen
from tracing import events
from tracing.models import Block, ChainFreeze, Exposure, Finding, Trace
from tracing.watch import rested
from tracing.watch.evidence import HopJSON

logger = logging.getLogger(__name__)
State = Block.State
# Block states from which on something counts, by the setting.
_COUNTS = {
    "seen": (State.SEEN, State.SAFE, State.FINAL),
    "safe": (State.SAFE, State.FINAL),
    "final": (State.FINAL,),
}
Account = tuple[str, str, str]  # chain, address, asset


def reconcile_all() -> int:
    """Every open room that asks a desk for something; returns how many steps were written."""
    asking = FreezeRequest.objects.filter(incident__stage=Stage.OPEN)
    asking = asking.exclude(state=RequestState.WITHDRAWN)
    rooms = asking.order_by().values_list("incident_id", flat=True).distinct()
    return sum(reconcile(pk) for pk in list(rooms))


def reconcile(incident_pk: int) -> int:
    """Write what was settled, and take back what was dropped, of one room's targets. A room that
    refuses is left alone: others go on."""
    rows = FreezeTarget.objects.filter(request__incident=incident_pk)
    rows = rows.exclude(state__in=(TargetState.RETURNED, TargetState.WITHDRAWN))
    targets = list(rows.select_related("request__incident"))
    if not targets:
        return 0
    try:
        standing = target_chain.standing(targets)
        done = _take_back(standing) + rested.reconcile(targets)
        return done + _freezes(targets, standing) + _seizures(incident_pk, targets, standing)
    except HoldfastError as refusal:
        logger.warning("targets of incident %s stay as they are: %s", incident_pk, refusal.code)
        return 0


def _take_back(standing: Iterable[TargetStep]) -> int:
    steps = [step for step in standing if step.block_hash]
    dropped = set(
        Block.objects.filter(
            hash__in={step.block_hash for step in steps}, state=State.ORPHANED
        ).values_list("chain__caip2", "hash")
    )
    gone = [step for step in steps if (step.chain, step.block_hash) in dropped]
    return sum(target_chain.take_back(step) is not None for step in gone)


# -- freezes ------------------------------------------------------------------------------------


def _freezes(targets: list[FreezeTarget], standing: list[TargetStep]) -> int:
    by_account = _by_account(targets)
    rows = ChainFreeze.objects.filter(
        address__in={address for _, address, _ in by_account},
        asset__in={asset for _, _, asset in by_account},
    ).exclude(confirmation=ChainFreeze.Confirmation.DENIED)
    done, last = 0, _last(standing)
    for row in rows.select_related("chain", "block", "lifted_in").order_by("block__number", "pk"):
        for target in by_account.get((row.chain.caip2, row.address, row.asset), []):
            done += _one(target, row, last.get(target.pk))
    return done


def _last(standing: Iterable[TargetStep]) -> dict[int, TargetStep]:
    """By target: the newest step that says whether it is frozen."""
    kinds = (TargetState.FROZEN, TargetState.RELEASED)
    return {step.target_id: step for step in standing if step.kind in kinds}


def _one(target: FreezeTarget, row: ChainFreeze, last: TargetStep | None) -> int:
    """One freeze and one target. Frozen already, by whatever event, is not frozen again."""
    frozen = last is not None and last.kind == TargetState.FROZEN
    told = last.block if last is not None and last.block is not None else -1
    if row.lifted_in is not None:
        if not frozen or not _is_settled(row.lifted_in) or told > row.lifted_in.number:
            return 0
        seen = Seen(row.chain.caip2, "", row.lifted_in.number, row.lifted_in.hash)
        step = target_chain.settle(target, TargetState.RELEASED, target.requested, seen)
        return int(step is not None)
    if frozen or not _is_settled(row.block):
        return 0
    amount = frozen_amount(target)
    if not amount:
        return 0
    seen = Seen(row.chain.caip2, row.tx, row.block.number, row.block.hash)
    return int(target_chain.settle(target, TargetState.FROZEN, amount, seen) is not None)


def frozen_amount(target: FreezeTarget) -> int:
    """How much of a target an issuer's freeze of its account holds, in base units.

    A freeze takes the whole account, whatever is in it and whoever owns it. Of that we may call
    ours at most what was asked for (``requested``), and at most the stolen value that is still
    there: what left before the freeze is not held by it. So it is the smaller of the two. Stolen
    value is counted from traces that whoever sees the request may see as well, since the number
    would tell of the others; where none of these followed the account it is what was asked for.
    """
    rows = Exposure.objects.filter(
        trace__incident=target.request.incident_id,
        chain=target.chain,
        address=target.address,
        asset=target.asset,
    ).select_related("trace")
    there: list[int] = [row.tainted for row in rows if covers(row.trace, target.request)]
    requested: int = target.requested
    return min(requested, sum(there)) if there else requested


def covers(trace: Trace, request: FreezeRequest) -> bool:
    """Whether everybody who sees the request may know what the trace found."""
    found, asked = Mark.of(trace), Mark.of(request)
    if found == asked and trace.owner_id == request.owner_id:
        return True
    return found.is_room_wide and found.rank >= asked.rank


# -- seizures -----------------------------------------------------------------------------------


def _seizures(incident_pk: int, targets: list[FreezeTarget], standing: list[TargetStep]) -> int:
    by_account = _by_account(targets)
    known = {(step.target_id, step.tx) for step in standing if step.kind == TargetState.SEIZED}
    found = Finding.objects.filter(
        incident=incident_pk, kind=events.FundsSeized.kind, state=Finding.State.POSTED
    )
    done = 0
    for row in found.select_related("trace__chain").order_by("pk"):
        told = row.payload
        account = (told["chain"], told["from_address"], told["asset"])
        for target in by_account.get(account, []):
            if (target.pk, told["tx"]) in known or not covers(row.trace, target.request):
                continue
            block = Block.objects.filter(chain=row.trace.chain_id, hash=row.block_hash).first()
            if block is None or not _is_settled(block):
                continue
            seen = Seen(told["chain"], told["tx"], row.block_number, row.block_hash)
            amount = int(told["amount"])
            done += target_chain.settle(target, TargetState.SEIZED, amount, seen) is not None
    return done


def _by_account(targets: Iterable[FreezeTarget]) -> dict[Account, list[FreezeTarget]]:
    found: dict[Account, list[FreezeTarget]] = defaultdict(list)
    for target in targets:
        found[target.chain, target.address, target.asset].append(target)
    return found


def _is_settled(block: Block) -> bool:
    return block.state in _COUNTS[settings.FREEZE_SETTLED]


# -- what moved on ------------------------------------------------------------------------------

_MOVES = frozenset(
    kind.kind
    for kind in (
        events.FundsMoved,
        events.FundsArrived,
        events.FundsConverted,
        events.FundsCrossed,
        events.FundsLost,
    )
)


def note_move(finding: Finding) -> int:
    """Stolen value left an account that a desk is asked to freeze: said at once, of a block that
    was only seen; a reorganisation takes it back. A desk's own sweep is no movement."""
    told = finding.payload
    if finding.kind not in _MOVES or not told.get("from_address"):
        return 0
    asset = told.get("from_asset") or told["asset"]
    rows = FreezeTarget.objects.filter(
        Q(request__incident=finding.incident_id),
        ~Q(state__in=(TargetState.RETURNED, TargetState.WITHDRAWN)),
        chain=told["chain"],
        address=told["from_address"],
        asset=asset,
    )
    seen = Seen(told["chain"], told["tx"], finding.block_number, finding.block_hash)
    amount, to = int(told.get("from_amount") or told["amount"]), told["to_address"]
    done = 0
    for target in rows.select_related("request__incident"):
        own = told.get("service_slug") and told["service_slug"] == target.request.desk_slug
        if not own and covers(finding.trace, target.request):
            done += target_chain.moved(target, amount, seen, to=to, key=finding.key) is not None
    return done


def left_behind(finding: Finding, path: Sequence[HopJSON]) -> FreezeTarget | None:
    """The target whose money arrived elsewhere by this way: the newest account on it, before the
    last, that a desk was asked to freeze. None: there is none."""
    way = [(hop["chain"], hop["from_address"]) for hop in path]
    rows = FreezeTarget.objects.filter(
        request__incident=finding.incident_id, address__in={address for _, address in way}
    ).select_related("request")
    known = {(row.chain, row.address): row for row in rows if covers(finding.trace, row.request)}
    return next((known[place] for place in reversed(way) if place in known), None)
