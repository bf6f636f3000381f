"""What must hold of the watcher's rows, against the made-up chain and what was really served.

Imports the models: to be imported inside tests only.
"""

from __future__ import annotations

import time
from collections import Counter
from itertools import pairwise
from typing import Any

from incidents.models import TimelineEntry
from tests.liars import shapes
from tests.liars.blocks import Block
from tests.liars.chain import movements
from tests.liars.ledger import Moved
from tests.liars.operators import Operator
from tests.liars.room import Watch
from tracing.chains import evm_digest
from tracing.chains.base import Head, RawBlock
from tracing.chains.errors import RetryableChainError
from tracing.chains.quorum import Digest, Standing
from tracing.models import Arrival, Chain, Endpoint, Exposure, Hop, RangeAccount, Transfer
from tracing.models import Block as Row
from tracing.services import replay

_TOLD = ("tx", "to_address", "asset", "amount")  # of an alert
AGREED = (Standing.LOGS, Standing.VERIFIED)


def digest_of(block: Block) -> Digest:
    """As an honest node with a tracer gives it to be compared."""
    if "digest" not in block.told:
        head = Head(block.number, block.name, "0x" + block.parent_hash.hex(), block.time)
        raw = RawBlock(
            head, shapes.whole_block(block), shapes.receipts(block), shapes.flat_traces(block)
        )
        block.told["digest"] = evm_digest.digest(raw)
    return block.told["digest"]  # type: ignore[return-value]


def canonical(watch: Watch) -> list[Row]:
    """The applied blocks, in order."""
    rows = Row.objects.filter(chain=watch.chain).exclude(state=Row.State.ORPHANED)
    return list(rows.order_by("number"))


def check_always(watch: Watch, final: dict[int, str], dishonest: set[str]) -> None:
    """The invariants of any moment. ``final``: what was final before, by height; it is kept up."""
    chain = Chain.objects.get(pk=watch.chain.pk)
    assert chain.quorum == watch.terms.quorum, "the quorum is never lowered"
    rows = canonical(watch)
    _check_line(rows, chain)
    for row in rows:
        if row.standing in AGREED:
            _check_vouched(watch, row)
        if row.state in (Row.State.SAFE, Row.State.FINAL) and watch.terms.quorum > 1:
            assert row.standing in AGREED, f"{row.number} is {row.state} and {row.standing}"
        if row.state == Row.State.FINAL:
            assert final.setdefault(row.number, row.hash) == row.hash, "what is final changed"
            assert watch.world.head.line[row.number].name == row.hash, "a lie is final"
    kept = {row.number: row.hash for row in rows}
    assert all(kept.get(number) == name for number, name in final.items()), "a final block went"
    if rows and watch.terms.quorum > 1:
        lowest = next((row.number for row in rows if row.standing not in AGREED), None)
        assert (chain.unverified_since is None) == (lowest is None), "since when it is not verified"
        number = -1 if chain.verified_number is None else chain.verified_number
        assert number == (chain.cursor_number if lowest is None else lowest - 1), "verified up to"
    out = Endpoint.objects.filter(chain=chain, state=Endpoint.State.QUARANTINED)
    assert set(out.values_list("operator", flat=True)) <= dishonest, "an honest one is quarantined"


def _check_line(rows: list[Row], chain: Chain) -> None:
    """No gap, no double, and every block on its parent, up to the cursor."""
    assert [row.number for row in rows] == list(range(len(rows)))
    assert all(row.parent_hash == below.hash for below, row in pairwise(rows))
    at = (rows[-1].number, rows[-1].hash) if rows else (-1, "")
    assert (chain.cursor_number, chain.cursor_hash) == at


def _check_vouched(watch: Watch, row: Row) -> None:
    """A quorum of operators really sent this block, as it really is."""
    assert row.hash in watch.world.true_hashes, f"{row.number} is {row.standing} and was never true"
    block = watch.world.blocks[bytes.fromhex(row.hash[2:])]
    true = digest_of(block)
    assert row.contents_digest == true.contents, f"{row.number} is {row.standing} and forged"
    who = {one.name for one in watch.operators if _has_served(watch, one, block, "traces")}
    if row.standing == Standing.VERIFIED:
        assert row.traces_digest == true.traces, f"{row.number} is verified and its traces forged"
        assert len(who) >= watch.terms.quorum, f"{row.number} is verified by {who} alone"
    who = {one.name for one in watch.operators if _has_served(watch, one, block, "receipts")}
    assert len(who) >= watch.terms.quorum, f"{row.number} is {row.standing} by {who} alone"
    assert set(row.operators) <= who, f"{row.operators} are named and {who} served it"


def _has_served(watch: Watch, operator: Operator, block: Block, part: str) -> bool:
    """Whether the operator has truly sent the block and all of this part of it."""
    served, one = watch.served, {operator.name}
    if not served.truly(one, "block", block.name):
        return False
    if not block.transactions:
        return True
    if part == "receipts" and not operator.has_block_receipts:
        names = [shapes.as_hex(tx.hash) for tx in block.transactions]
        return all(served.truly(one, name, block.name) for name in names)
    return bool(served.truly(one, part, block.name))


# -- at the end ------------------------------------------------------------------------------------


def check_rest(watch: Watch, dishonest: set[str]) -> None:
    """The truth is applied, and vouched for as far as those who are honest can."""
    rows = canonical(watch)
    assert [row.hash for row in rows] == [one.name for one in watch.world.head.line], "no truth"
    tracing = sum(bool(one.tracer) for one in watch.operators if one.name not in dishonest)
    wanted = {Standing.VERIFIED} if tracing >= watch.terms.quorum else set(AGREED)
    left = [(row.number, row.standing) for row in rows if row.standing not in wanted]
    assert not left, f"not vouched for: {left}"


def how_far(watch: Watch) -> tuple[str, int]:
    """What is applied, and how much of it is vouched for."""
    rows = canonical(watch)
    return rows[-1].hash if rows else "", sum(row.standing in AGREED for row in rows)


def check_end(watch: Watch, dishonest: set[str]) -> None:
    """Everybody who is honest is back, and the watcher had its time: nothing is left to wish."""
    check_rest(watch, dishonest)
    check_transfers(watch.world.head.line)
    assert _differences(watch) == []


def _differences(watch: Watch) -> list[str]:
    """Replay asks once, and here nobody waits long: on a busy machine it is asked again."""
    for _ in range(9):
        try:
            return replay.differences(watch.incident, watch.chain.caip2)
        except RetryableChainError:
            time.sleep(0.1)
    return replay.differences(watch.incident, watch.chain.caip2)


def is_out(watch: Watch, operator: Operator) -> bool:
    return watch.endpoint(operator).state == Endpoint.State.QUARANTINED


def check_transfers(line: tuple[Block, ...]) -> None:
    """Every kept transaction is kept whole and once, as the ledger has it; none of an orphan."""
    found: dict[tuple[str, str], list[Moved]] = {}
    rows = Transfer.objects.select_related("block")
    for row in rows:
        moved = Moved(row.kind, row.asset, row.from_address, row.to_address, int(row.amount))
        found.setdefault((row.block.hash, row.tx), []).append(moved)
    true = {(block.name, tx): moved for block in line for tx, moved in movements(block).items()}
    for key, moved in found.items():
        assert sorted(moved) == true.get(key), f"{key} is kept otherwise than it was"


def figures(watch: Watch) -> dict[str, Counter[Any]]:
    """What another watcher that had no trouble must come to as well."""
    hops = Hop.objects.filter(trace__incident=watch.incident)
    told = TimelineEntry.objects.filter(
        incident=watch.incident, kind__startswith="trace.funds", withdrawn_by__isnull=True
    ).select_related("entry")
    return {
        "transfers": Counter(
            Transfer.objects.values_list(
                "block__hash", "tx", "kind", "asset", "from_address", "to_address", "amount"
            )
        ),
        "exposures": Counter(
            Exposure.objects.filter(trace__incident=watch.incident).values_list(
                "address", "asset", "kind", "tainted", "balance", "is_history_incomplete"
            )
        ),
        "ranges": Counter(
            RangeAccount.objects.filter(trace__incident=watch.incident).values_list(
                "policy", "address", "asset", "kind", "tainted"
            )
        ),
        "hops": Counter(
            hops.values_list(
                "block__hash", "tx", "from_address", "to_address", "to_asset", "amount_to", "depth"
            )
        ),
        "arrivals": Counter(
            Arrival.objects.filter(trace__incident=watch.incident, is_withdrawn=False).values_list(
                "block_hash", "tx", "address", "asset", "amount"
            )
        ),
        "told": Counter(
            (line.kind, *(str(line.entry.content.get(name)) for name in _TOLD)) for line in told
        ),
    }
