"""Beside the number of a trace's own policy: what the other conserving ones say."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]

# The thief has 50 of his own when 100 stolen ones reach him, and sends 60 on: the classic question.
OWN, STOLEN, SENT = 50, 100, 60
SENT_TAINTED = {"fifo": 10, "lifo": 60, "haircut": 40, "taint-first": 60, "taint-last": 10}


def mixed(town: "Town", policy: str = "fifo") -> Any:
    """A theft into an account with money of its own, and a payment out of it."""
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.core.policies import PolicyName

    town.node.call("anvil_setBalance", THIEF, hex(OWN * ETHER))
    town.mine()
    trace = town.trace(town.steal(STOLEN * ETHER), policy=PolicyName(policy))
    town.follow()
    town.send(THIEF, MULE, SENT * ETHER)
    town.mine()
    town.follow()
    return trace


def at(town: "Town", address: str) -> dict[str, int]:
    """Whole ether per policy at an address."""
    from incidents.access import SYSTEM
    from tests.tracing.watch.town import CHAIN, ETHER, NATIVE
    from tracing.services import ranges

    found = ranges.at_address(SYSTEM, town.incident, CHAIN, address)
    return {name: amount // ETHER for name, amount in found[NATIVE].by_policy.items()}


def test_each_policy_answers_for_itself(town: "Town") -> None:
    from incidents.access import SYSTEM
    from tests.tracing.watch.town import CHAIN, ETHER, MULE, NATIVE, THIEF
    from tracing.services import ranges

    trace = mixed(town)
    assert at(town, MULE) == SENT_TAINTED
    assert at(town, THIEF) == {name: STOLEN - sent for name, sent in SENT_TAINTED.items()}
    here = ranges.at_address(SYSTEM, town.incident, CHAIN, MULE)[NATIVE]
    assert (here.low, here.high) == (10 * ETHER, 60 * ETHER)
    assert next(iter(here.by_policy)) == "fifo"
    assert town.held(trace) == {THIEF: 90 * ETHER, MULE: 10 * ETHER}
    trace.refresh_from_db()
    assert ranges.faults(trace) == []
    town.check()


def test_strip_has_a_range_per_bucket(town: "Town") -> None:
    from incidents.access import SYSTEM
    from tests.tracing.watch.town import ETHER, EXCHANGE, NATIVE, THIEF
    from tracing.services import ranges

    trace = mixed(town)
    town.send(THIEF, EXCHANGE, 30 * ETHER)
    town.mine()
    town.follow()
    buckets = ranges.of_trace(SYSTEM, trace)[NATIVE]
    arrived = {name: amount // ETHER for name, amount in buckets["at_services"].by_policy.items()}
    assert arrived == {
        "fifo": 30,
        "lifo": 30,
        "haircut": 20,
        "taint-first": 30,
        "taint-last": 30,
    }
    for name in SENT_TAINTED:
        parts = ("at_large", "held", "frozen", "recovered", "lost")
        assert sum(buckets[part].by_policy[name] for part in parts) == STOLEN * ETHER


@pytest.mark.parametrize("depth", [1, 5])
def test_reorganisation_restores_every_policy(town: "Town", depth: int) -> None:
    from tests.tracing.watch.town import ETHER, MULE, STRANGER, THIEF
    from tracing.models import RangeUndo

    trace = mixed(town)
    before = at(town, THIEF)
    for _ in range(depth):
        town.send(THIEF, STRANGER, ETHER)
        town.mine()
    town.follow()
    assert at(town, THIEF) != before
    town.drop(depth)
    town.mine(depth + 1)
    town.follow()
    assert (at(town, THIEF), at(town, MULE)) == (before, SENT_TAINTED)
    assert not RangeUndo.objects.filter(trace=trace, block_number__gt=town.height - depth).exists()
    town.check()


def test_backfill_gives_what_the_live_chain_gives(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF

    town.follow()
    town.node.call("anvil_setBalance", THIEF, hex(OWN * ETHER))
    town.mine()
    tx = town.steal(STOLEN * ETHER)
    town.send(THIEF, MULE, SENT * ETHER)
    town.mine(3)
    town.follow()
    town.trace(tx)
    town.follow()
    assert at(town, MULE) == SENT_TAINTED


def test_another_policy_may_be_pinned(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF

    trace = mixed(town, "haircut")
    assert (trace.policy, trace.policy_version) == ("haircut", "haircut-1")
    assert town.held(trace) == {THIEF: 60 * ETHER, MULE: 40 * ETHER}
    assert at(town, MULE) == SENT_TAINTED
    assert next(iter(at(town, MULE))) == "haircut"
    town.check()


def test_policy_that_conserves_nothing_is_refused(town: "Town") -> None:
    from incidents.exceptions import BadInput

    with pytest.raises(BadInput, match="poison") as refused:
        mixed(town, "poison")
    assert refused.value.field == "policy"


def test_range_is_of_traces_in_view_only(town: "Town") -> None:
    from tests.tracing.watch.town import CHAIN, MULE
    from tracing.models import Trace
    from tracing.services import ranges

    trace = mixed(town)
    desk = town.cast.exchange
    assert ranges.at_address(desk, town.incident, CHAIN, MULE)
    hidden = [trace.owner_id]
    Trace.objects.filter(pk=trace.pk).update(audience_organizations=hidden)
    assert ranges.at_address(desk, town.incident, CHAIN, MULE) == {}


def test_value_that_is_lost_is_a_fault(town: "Town") -> None:
    from tests.tracing.watch.town import MULE
    from tracing.models import RangeAccount
    from tracing.services import ranges

    trace = mixed(town)
    trace.refresh_from_db()
    RangeAccount.objects.filter(trace=trace, policy="lifo", address=MULE).delete()
    assert ranges.faults(trace) == ["lifo"]
