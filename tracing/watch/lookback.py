"""What passed through an address before anybody followed it: read from the blocks, in order.

A history may have told some of it already. What the blocks say counts: what a history did not tell
is added, what it told and no block has is marked so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import F, Q, QuerySet

from tracing.core.passed import Passed, numbered, through
from tracing.models import Chain, Lookback, PastTransfer
from tracing.watch import bulk
from tracing.watch.lease import Lease
from tracing.watch.source import ChainBlock

Standing = PastTransfer.Standing
COLUMNS = (
    "lookback_id",
    "block_number",
    "tx",
    "kind",
    "asset",
    "from_address",
    "to_address",
    "amount",
    "occurrence",
    "standing",
)


def unfinished(chain: Chain) -> QuerySet[Lookback]:
    """Those that have blocks to read, or whose room was not told that they have none left."""
    unread = Q(cursor_number__lt=F("target_number"))
    untold = Q(told_number=None) | Q(told_number__lt=F("target_number"))
    rows = Lookback.objects.filter(unread | untold, chain=chain)
    return rows.select_related("incident", "owner", "chain").order_by("pk")


def follows(row: Lookback, block: ChainBlock) -> bool:
    """Whether a block is the child of the last one that was read for this lookback."""
    return row.cursor_hash in ("", block.movements.parent_hash)


@transaction.atomic
def save(rows: Sequence[Lookback], blocks: Sequence[ChainBlock], lease: Lease) -> None:
    """Keep what these blocks say of each lookback's address, and move its cursor over them. They
    are linked, and the first follows each cursor.

    :raises LeaseLostError: somebody else writes for this chain; nothing was written.
    """
    found: dict[str, list[Passed]] = {}
    wanted = {row.address for row in rows}
    for block in blocks:
        for address, passed in through(block.movements, wanted).items():
            found.setdefault(address, []).extend(passed)
    for row in rows:
        mine = [b for b in blocks if row.cursor_number < b.movements.number <= row.target_number]
        if mine:
            _save(row, found.get(row.address, []), mine[-1])
    lease.write()


def _save(row: Lookback, found: Iterable[Passed], last: ChainBlock) -> None:
    locked = Lookback.objects.select_for_update(no_key=True).get(pk=row.pk)
    if locked.cursor_number != row.cursor_number:
        row.cursor_number = locked.cursor_number  # it was cut back, or another writer was here
        return
    number = min(last.movements.number, row.target_number)
    span = Q(lookback=row, block_number__gt=row.cursor_number, block_number__lte=number)
    claims = {_key(claim): claim.pk for claim in PastTransfer.objects.filter(span)}
    read = {one for one in numbered(found) if row.cursor_number < one[0].block <= number}
    new = sorted(read - claims.keys())
    bulk.insert(PastTransfer, COLUMNS, [_values(row.pk, one, Standing.READ) for one in new])
    agreed = [pk for key, pk in claims.items() if key in read]
    refuted = [pk for key, pk in claims.items() if key not in read]
    PastTransfer.objects.filter(pk__in=agreed).update(standing=Standing.READ)
    PastTransfer.objects.filter(pk__in=refuted).update(standing=Standing.DENIED)
    told = -1 if locked.history_number is None else locked.history_number
    row.missed = locked.missed + sum(1 for passed, _ in new if passed.block <= told)
    row.denied = locked.denied + len(refuted)
    row.cursor_number, row.cursor_hash = number, last.movements.hash
    row.save(update_fields=["missed", "denied", "cursor_number", "cursor_hash"])


def claim(row: Lookback, told: Iterable[Passed], number: int, operator: str) -> None:
    """Keep what a history told up to a block, but for blocks that were read by now. Inside of a
    transaction; ``row`` is locked."""
    after = max(row.cursor_number, -1 if row.history_number is None else row.history_number)
    values = [_values(row.pk, one, Standing.CLAIMED) for one in numbered(told)]
    bulk.insert(PastTransfer, COLUMNS, [one for one in values if after < int(str(one[1]))])
    row.history_number, row.history_operator, row.refusal = number, operator, ""
    row.save(update_fields=["history_number", "history_operator", "refusal"])


def cut(chain: Chain, number: int, block_hash: str) -> None:
    """Blocks above this one were dropped: what was read in them is read anew, and what a history
    told of them was of another branch. Inside of a rollback."""
    above = Lookback.objects.filter(chain=chain, target_number__gt=number)
    PastTransfer.objects.filter(lookback__in=above, block_number__gt=number).delete()
    above.filter(history_number__gt=number).update(history_number=number)
    read = above.filter(cursor_number__gt=number)
    read.filter(first_number__gt=number).update(cursor_number=F("first_number") - 1, cursor_hash="")
    read.filter(first_number__lte=number).update(cursor_number=number, cursor_hash=block_hash)


def _key(row: PastTransfer) -> tuple[Passed, int]:
    passed = Passed(
        row.block_number,
        row.tx,
        row.kind,
        row.asset,
        row.from_address,
        row.to_address,
        int(row.amount),
    )
    return passed, row.occurrence


def _values(lookback_pk: int, one: tuple[Passed, int], standing: Standing) -> bulk.Row:
    passed, occurrence = one
    return (
        lookback_pk,
        passed.block,
        passed.tx,
        passed.kind,
        passed.asset,
        passed.frm,
        passed.to,
        passed.amount,
        occurrence,
        standing.value,
    )
