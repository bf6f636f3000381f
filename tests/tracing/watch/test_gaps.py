"""No gap can be written, and one that is there all the same is found, told and shown."""

from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Trace

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def chase(town: "Town") -> "Trace":
    """A theft and two moves, followed live."""
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF

    trace = town.trace(town.steal())
    town.send(THIEF, MULE, 30 * ETHER)
    town.mine()
    town.send(MULE, EXCHANGE, 10 * ETHER)
    town.mine()
    town.follow()
    return trace


def verify(*options: Any) -> str:
    """What the command says of a chain that is whole."""
    said = StringIO()
    call_command("verify_chain", *options, stdout=said)
    return said.getvalue()


def refused(*options: Any) -> str:
    """What it says of one that is not."""
    said = StringIO()
    with pytest.raises(CommandError, match="finding"):
        call_command("verify_chain", *options, stdout=said)
    return said.getvalue()


def kinds(town: "Town") -> list[str]:
    from tracing.services import gaps

    return [flaw.kind for flaw in gaps.look(town.chain)]


def test_what_was_followed_is_whole_before_and_after_a_reorganisation(town: "Town") -> None:
    from tests.tracing.watch.town import CHAIN, ETHER, MULE, THIEF

    chase(town)
    assert verify() == f"{CHAIN}: whole from 0 to {town.height}.\n"
    town.drop(2)
    town.send(THIEF, MULE, ETHER)
    town.mine(3)
    town.follow()
    assert verify(CHAIN, "--deep") == f"{CHAIN}: whole from 0 to {town.height}.\n"


def test_a_writer_that_skips_a_block_is_refused(town: "Town") -> None:
    """Once by the lease's condition, and once more by the database itself."""
    from django.db import IntegrityError, transaction

    from tracing.models import Chain
    from tracing.watch import directory
    from tracing.watch.ingest import Ingest
    from tracing.watch.lease import GapError

    chase(town)
    town.mine(2)
    kept, watcher = town.canonical(), town.watcher
    ingest = Ingest(watcher.chain, town.source, watcher.lease, watcher.memory)
    far = town.source.read(town.height)
    with pytest.raises(GapError):
        ingest.live_block(far, directory.load(watcher.chain, far.movements), town.height)
    rows = Chain.objects.filter(pk=town.chain.pk)
    with pytest.raises(IntegrityError, match="may not move"), transaction.atomic():
        rows.update(cursor_number=town.height, cursor_hash=town.head_hash)
    with pytest.raises(IntegrityError, match="may not move"), transaction.atomic():
        rows.update(cursor_number=town.height - 1, cursor_hash="0x" + "00" * 32)
    assert town.canonical() == kept
    town.take_over()
    town.follow()  # the positive twin: one block after the other
    town.check()
    assert kinds(town) == []


def test_a_block_of_another_branch_does_not_follow(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, STRANGER, THIEF
    from tracing.watch import directory
    from tracing.watch.ingest import Ingest
    from tracing.watch.lease import GapError

    chase(town)
    town.drop(1)
    town.send(STRANGER, THIEF, ETHER)
    town.mine(2)
    kept, watcher = town.canonical(), town.watcher
    ingest = Ingest(watcher.chain, town.source, watcher.lease, watcher.memory)
    block = town.source.read(town.height)
    assert block.movements.number == kept[-1][0] + 1
    with pytest.raises(GapError):
        ingest.live_block(block, directory.load(watcher.chain, block.movements), town.height)
    assert town.canonical() == kept
    town.take_over()
    town.follow()  # the watcher rolls back first
    town.check()


def spoil_gap(town: "Town", trace: "Trace") -> None:
    from tracing.models import Block

    Block.objects.filter(chain=town.chain, number=0).delete()


def spoil_link(town: "Town", trace: "Trace") -> None:
    from tracing.models import Block

    Block.objects.filter(chain=town.chain, number=2).update(parent_hash="0x" + "11" * 32)


def spoil_cursor(town: "Town", trace: "Trace") -> None:
    from tracing.models import Chain

    Chain.objects.filter(pk=town.chain.pk).update(cursor_hash="0x" + "11" * 32)


def spoil_trace(town: "Town", trace: "Trace") -> None:
    from tracing.models import Trace

    Trace.objects.filter(pk=trace.pk).update(cursor_number=town.height - 1)


def spoil_doubled(town: "Town", trace: "Trace") -> None:
    from tracing.models import Block, Transfer

    row = Transfer.objects.order_by("pk").first()
    assert row is not None
    row.pk, row.block = None, Block.objects.get(chain=town.chain, number=town.height)
    row.position = 99
    row.save()


def spoil_undo(town: "Town", trace: "Trace") -> None:
    from tracing.models import Undo

    Undo.objects.filter(trace=trace, block_number=2).delete()


def spoil_lost(town: "Town", trace: "Trace") -> None:
    from tests.tracing.watch.town import MULE
    from tracing.models import Exposure

    Exposure.objects.filter(trace=trace, address=MULE).delete()


def spoil_standing(town: "Town", trace: "Trace") -> None:
    from tracing.models import Block, Chain

    Chain.objects.filter(pk=town.chain.pk).update(quorum=2, verified_number=2)
    Block.objects.filter(chain=town.chain).update(standing="verified")
    Block.objects.filter(chain=town.chain, number=2).update(standing="unverified")


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (spoil_gap, ["gap"]),
        (spoil_link, ["link"]),
        (spoil_cursor, ["cursor"]),
        (spoil_trace, ["trace"]),
        (spoil_doubled, ["doubled"]),
        (spoil_undo, ["undo"]),
        (spoil_lost, ["lost"]),
        (spoil_standing, ["standing"]),
    ],
)
def test_what_is_wrong_is_found_and_shown(town: "Town", spoil: Any, found: list[str]) -> None:
    from incidents.access import SYSTEM
    from incidents.ports import money
    from tests.tracing.watch.town import CHAIN
    from tracing import tasks

    trace = chase(town)
    assert kinds(town) == []
    spoil(town, trace)
    assert kinds(town) == found
    assert refused(CHAIN).startswith(f"{CHAIN}: {found[0]}: ")
    tasks.check_chains()
    (state,) = money().watch_state(town.incident, SYSTEM).chains
    assert state.error != ""


def test_the_range_bounds_what_is_looked_at(town: "Town") -> None:
    import json

    from tests.tracing.watch.town import CHAIN

    trace = chase(town)
    spoil_link(town, trace)
    assert verify(CHAIN, "--from=2").endswith("whole from 0 to 3.\n")
    told = json.loads(refused(CHAIN, "--json", "--to=2"))
    assert told["is_whole"] is False
    assert [(flaw["kind"], flaw["number"]) for flaw in told["chains"][CHAIN]] == [("link", 2)]


def test_a_deep_look_compares_with_the_endpoint(town: "Town") -> None:
    from tests.tracing.watch.town import CHAIN
    from tracing.models import Block, Transfer

    chase(town)
    Transfer.objects.filter(block__number=2).update(amount=7)
    assert verify(CHAIN).endswith("whole from 0 to 3.\n")
    said = refused(CHAIN, "--deep")
    assert said.count("is kept and not in the block") == 1
    assert said.count("is in the block and not kept") == 1
    Block.objects.filter(chain=town.chain, number=3).update(contents_digest="0" * 64)
    assert "its contents are others" in refused(CHAIN, "--deep", "--from=3")
    assert "its contents" not in refused(CHAIN, "--deep", "--to=2")


def test_a_chain_that_nobody_watches_is_refused(town: "Town") -> None:
    with pytest.raises(CommandError, match="not watched here"):
        verify("eip155:5")
