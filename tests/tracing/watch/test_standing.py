"""What an applied block's row tells of who vouches for it."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tracing.chains.base import ChainAdapter, RawBlock
from tracing.chains.quorum import Agreement, Digest, Standing

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Block

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def vouching(town: "Town", monkeypatch: pytest.MonkeyPatch, agreement: Agreement) -> None:
    """From now on the adapter's answers carry this agreement."""
    adapter = town.source.adapter
    real = adapter.read_block

    def read_block(number: int) -> RawBlock:
        raw = real(number)
        digest = replace(agreement.digest, hash=raw.head.hash)
        return replace(raw, agreement=replace(agreement, digest=digest))

    monkeypatch.setattr(adapter, "read_block", read_block)
    monkeypatch.setattr(adapter, "read_blocks", partial(ChainAdapter.read_blocks, adapter))


def top(town: "Town") -> "Block":
    from tracing.models import Block

    return Block.objects.exclude(state="orphaned").get(chain=town.chain, number=town.height)


def test_one_endpoint_alone_is_a_single_source(town: "Town") -> None:
    town.mine(2)
    town.follow()
    row = top(town)
    assert (row.standing, row.operators, row.verified_at) == (Standing.SINGLE, ["local"], None)


@pytest.mark.parametrize("standing", [Standing.UNVERIFIED, Standing.LOGS, Standing.VERIFIED])
def test_a_block_keeps_who_vouches_for_it(
    town: "Town", monkeypatch: pytest.MonkeyPatch, standing: Standing
) -> None:
    agreement = Agreement(standing, Digest("", "c" * 64, "t" * 64), ("one", "two"))
    vouching(town, monkeypatch, agreement)
    town.mine()
    town.follow()
    row = top(town)
    assert (row.standing, row.operators) == (standing, ["one", "two"])
    assert (row.contents_digest, row.traces_digest) == ("c" * 64, "t" * 64)
    assert (row.verified_at is None) == (standing == Standing.UNVERIFIED)


def test_a_block_that_comes_back_is_vouched_for_anew(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tracing.watch.town import STRANGER

    def branch(value: int) -> None:
        town.send(STRANGER, "0x" + "c1" * 20, value)
        town.mine(2)
        town.follow()

    town.mine()
    branch(1)
    first = town.head_hash
    town.drop(2)
    branch(2)
    town.drop(2)
    agreement = Agreement(Standing.VERIFIED, Digest("", "c" * 64, "t" * 64), ("one", "two"))
    vouching(town, monkeypatch, agreement)
    branch(1)
    row = top(town)
    assert (row.hash, row.times_adopted) == (first, 2)
    assert (row.standing, row.operators) == (Standing.VERIFIED, ["one", "two"])


def test_the_line_of_an_alert_tells_what_its_block_is_by_now(town: "Town") -> None:
    from incidents import access
    from incidents.access import SYSTEM
    from incidents.serialized import entries_json
    from tests.tracing.watch.town import FINAL_DEPTH

    town.trace(town.steal())

    def told() -> list[tuple[str, str, bool]]:
        lines = entries_json(access.entries(SYSTEM, town.incident))
        stolen = [line for line in lines if line["kind"] == "trace.funds_stolen"]
        return [(o["block_state"], o["block_standing"], o["is_provisional"]) for o in stolen]

    town.follow()
    assert told() == [("seen", "single", True)]
    town.mine(FINAL_DEPTH + 1)
    town.follow()
    assert told() == [("final", "single", False)]
