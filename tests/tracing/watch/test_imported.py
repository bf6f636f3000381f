"""A directory that is imported while a trace is live: what it changes, and what it leaves."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.tracing.test_import_directory import imported

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tracing.watch.town import Town

pytestmark = pytest.mark.node

CHAIN = "eip155:31337"
THIEF = "0x" + "b0" * 20
OLD, FRESH = ("0x" + pair * 20 for pair in ("d1", "d2"))
ETHER = 10**18
DESK: dict[str, Any] = {
    "source": "a test",
    "dated": "2026-11-21",
    "chain": CHAIN,
    "services": [{"slug": "desk", "name": "Desk", "kind": "service", "category": "exchange"}],
    "labels": [{"address": address, "service": "desk"} for address in (OLD, FRESH)],
}


def arrivals(town: "Town") -> set[tuple[str, str]]:
    from tracing.models import Arrival

    rows = Arrival.objects.select_related("service")
    return {(row.address, row.service.slug) for row in rows if row.service}


def test_an_import_acts_on_the_blocks_after_it(town: "Town", tmp_path: "Path") -> None:
    trace = town.trace(town.steal())
    town.send(THIEF, OLD, 10 * ETHER)
    town.mine()
    town.follow()
    assert arrivals(town) == set()

    said = imported(DESK, tmp_path)
    assert said[-1].startswith(f"1 trace(s) on {CHAIN}: what is new acts on blocks applied from")
    town.follow()
    assert arrivals(town) == set()

    town.send(THIEF, FRESH, 20 * ETHER)
    town.mine()
    town.follow()
    assert arrivals(town) == {(FRESH, "desk")}
    assert town.held(trace) == {THIEF: 70 * ETHER, OLD: 10 * ETHER, FRESH: 20 * ETHER}
    assert len(town.lines("trace.funds_arrived")) == 1


def test_an_address_that_was_followed_is_the_service_from_its_next_receipt_on(
    town: "Town", tmp_path: "Path"
) -> None:
    trace = town.trace(town.steal())
    town.send(THIEF, OLD, 10 * ETHER)
    town.mine()
    town.follow()
    imported(DESK, tmp_path)
    town.send(THIEF, OLD, 5 * ETHER)
    town.mine()
    town.follow()
    assert arrivals(town) == {(OLD, "desk")}
    town.node.call("anvil_setBalance", OLD, hex(100 * ETHER))
    town.send(OLD, FRESH, 15 * ETHER)
    town.mine()
    town.follow()
    assert town.held(trace) == {THIEF: 85 * ETHER, OLD: 15 * ETHER}
