"""Without an endpoint that traces, native value that moves inside transactions is suspected from
balances: told once for an address and block, taken back with its block, and not followed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from config.embedded.node import Node
from tests.tracing.chains.pools import untraced
from tests.tracing.watch.liar import Liar

if TYPE_CHECKING:
    from incidents.models import TimelineEntry
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]

KIND = "trace.internal_suspected"
PAYER = "0x" + "d7" * 20
PAYS_THE_THIEF = "0x5f5f5f5f3473" + "b0" * 20 + "5af100"  # sends on what it is sent


@pytest.fixture
def blind(node: Node) -> Iterator[Liar]:
    """An endpoint without a tracer."""
    liar = Liar(node.url)
    untraced(liar)
    yield liar
    liar.close()


def headline(line: "TimelineEntry") -> str:
    from incidents.services import timeline

    return str(timeline.event_of(line).headline())


def pay_inside(town: "Town", wei: int) -> None:
    """The thief gets so much by a call inside a transaction."""
    from tests.tracing.watch.town import STRANGER

    town.node.call("anvil_setCode", PAYER, PAYS_THE_THIEF)
    town.send(STRANGER, PAYER, wei)
    town.mine()


def test_a_gain_that_nothing_explains_is_told_once(town: "Town", blind: Liar) -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.models import Lead

    town.take_over(blind.url)
    trace = town.trace(town.steal())
    town.follow()
    town.send(THIEF, MULE, 10 * ETHER)
    town.mine(3)
    town.follow()
    assert town.lines(KIND) == []  # what the block tells explains everything

    pay_inside(town, 5 * ETHER)
    town.mine(3)
    town.follow()
    (line,) = town.lines(KIND)
    assert f"{THIEF} gained 5 ETH that no transaction" in headline(line)
    (lead,) = Lead.objects.filter(trace=trace, kind=Lead.Kind.INTERNAL_SUSPECTED)
    assert (lead.address, lead.block_number) == (THIEF, town.height - 3)
    assert town.held(trace) == {THIEF: 90 * ETHER, MULE: 10 * ETHER}
    town.check()


def test_with_traces_there_is_nothing_to_suspect(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER

    town.trace(town.steal())
    town.follow()
    pay_inside(town, 5 * ETHER)
    town.follow()
    assert town.lines(KIND) == []
    town.check()


def test_the_suspicion_goes_with_its_block(town: "Town", blind: Liar) -> None:
    from tests.tracing.watch.town import ETHER
    from tracing.models import Lead

    town.take_over(blind.url)
    town.trace(town.steal())
    town.mine()
    town.follow()
    pay_inside(town, 5 * ETHER)
    town.follow()
    assert len(town.lines(KIND)) == 1
    town.drop(1)
    town.mine(2)
    town.follow()
    assert town.lines(KIND) == []
    (lead,) = Lead.objects.filter(kind=Lead.Kind.INTERNAL_SUSPECTED)
    assert lead.state == Lead.State.WITHDRAWN


def test_more_addresses_than_are_compared_are_said(
    town: "Town", blind: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.watch import hidden

    monkeypatch.setattr(hidden, "MOST_COMPARED", 1)
    town.take_over(blind.url)
    town.trace(town.steal())
    town.follow()
    town.send(THIEF, MULE, 10 * ETHER)
    town.mine(2)
    town.follow()
    (line,) = town.lines("trace.work_bound")
    assert "More than 1 balances to compare without traces" in headline(line)
    pay_inside(town, 5 * ETHER)  # to whoever holds most
    town.follow()
    assert len(town.lines(KIND)) == 1
