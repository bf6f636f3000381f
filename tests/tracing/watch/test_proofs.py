"""A block whose traces one operator tells alone is verified by balances that its hash binds."""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.tracing.watch.liar import Liar, Refusal
from tracing.chains.evm import EvmAdapter
from tracing.chains.quorum import Standing

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Trace

pytestmark = [pytest.mark.node, pytest.mark.django_db]

FORWARDER = "0x" + "fd" * 20  # sends on to MULE whatever it is paid


@pytest.fixture
def tracer(town: "Town") -> Iterator[Liar]:
    """One of two operators, which must agree; the other has no tracer."""
    from tests.tracing.watch.town import CHAIN, MULE
    from tracing.services import endpoints

    body = "0x" + "6000" * 4 + "34" + "73" + MULE[2:] + "5a" + "f1" + "00"
    town.node.call("anvil_setCode", FORWARDER, body)
    town.mine(2)
    with closing(Liar(town.node.url)) as tracer, closing(Liar(town.node.url)) as other:
        for method in ("trace_block", "debug_traceBlockByHash"):
            other.lies[method] = lambda _, __: Refusal(-32601, "Method not found")
        endpoints.connect(CHAIN, name="Test chain", url=other.url, operator="other", quorum=2)
        town.take_over(tracer.url)
        yield tracer
        town.source.adapter.close()


def passes_on(town: "Town") -> "Trace":
    """A theft that is followed, and then ether of the thief's on its way through a contract."""
    from tests.tracing.watch.town import ETHER, THIEF

    trace = town.trace(town.steal())
    town.follow()
    town.send(THIEF, FORWARDER, 40 * ETHER)
    town.mine()
    return trace


def look(town: "Town") -> Standing:
    """What the newest block is called once it was asked about again."""
    from tracing.models import Block

    town.follow()
    verifier = town.watcher.verifier
    for pauses in (verifier._all, verifier._blocks, verifier._traces):
        pauses._due.clear()
    for _ in range(town.height + 2):  # one block a turn, the oldest first
        verifier._quiet_until = 0.0
        town.watcher.step(town.source)
    return Standing(Block.objects.get(number=town.height).standing)


def test_native_movements_are_verified_by_proof(town: "Town", tracer: Liar) -> None:
    from tests.tracing.watch.town import ETHER, MULE

    trace = passes_on(town)
    assert look(town) is Standing.VERIFIED
    assert town.held(trace)[MULE] == 40 * ETHER


def test_nothing_is_verified_where_nobody_proves(
    town: "Town", tracer: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EvmAdapter, "proved_balances", lambda *_: None)
    passes_on(town)
    assert look(town) is Standing.LOGS


def test_false_traces_are_not_verified(town: "Town", tracer: Liar) -> None:
    """The only tracer leaves out where the ether went, and all say the same of the rest."""

    def short(_: list[Any], traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [trace for trace in traces if not trace["traceAddress"]]

    tracer.lies["trace_block"] = short
    passes_on(town)
    assert look(town) is Standing.LOGS
