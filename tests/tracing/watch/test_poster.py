"""The poster tells each room once, in order; a room that refuses stops neither chain nor others."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def counts() -> list[int]:
    """How much there is of everything that a finding can bring about."""
    from incidents.models import FreezeRequest, FreezeTarget, TimelineEntry, TrackedAddress

    tables = (TimelineEntry, TrackedAddress, FreezeRequest, FreezeTarget)
    return [model.objects.count() for model in tables]


def close(town: "Town") -> None:
    from incidents.choices import Stage
    from incidents.models import Incident

    Incident.objects.filter(pk=town.incident.pk).update(stage=Stage.CLOSED)


def test_a_room_that_refuses_parks_the_finding_and_the_chain_goes_on(town: "Town") -> None:
    from incidents.access import SYSTEM
    from incidents.ports import money
    from tests.tracing.watch.town import ETHER, EXCHANGE, THIEF
    from tracing.models import Finding

    another = town.another_room()
    tx = town.steal()
    town.trace(tx)
    town.trace(tx, another)
    town.follow()
    close(town)
    before = len(town.lines("trace.funds_arrived"))
    town.send(THIEF, EXCHANGE, ETHER)
    town.mine(2)
    town.follow()

    assert town.canonical() == town.on_chain()
    assert len(town.lines("trace.funds_arrived")) == before == 0
    assert money().watch_state(town.incident, SYSTEM).parked_findings == 1
    parked = Finding.objects.get(state=Finding.State.PARKED)
    assert (parked.incident, parked.kind) == (town.incident, "trace.funds_arrived")
    assert parked.refusal

    assert len(town.lines("trace.funds_arrived", another)) == 1  # the positive twin
    assert money().watch_state(another, SYSTEM).parked_findings == 0


def test_a_finding_that_breaks_the_poster_stops_neither_chain_nor_others(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    from incidents.access import SYSTEM
    from incidents.ports import money
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF
    from tracing.watch import poster

    town.trace(town.steal())
    town.send(THIEF, EXCHANGE, ETHER)
    town.mine()
    town.send(THIEF, MULE, ETHER)
    town.mine()

    def fail(_: object) -> None:
        raise KeyError("secret words")

    monkeypatch.setattr(poster, "_draft", fail)
    town.follow()
    assert town.canonical() == town.on_chain()
    assert money().watch_state(town.incident, SYSTEM).parked_findings == 1
    assert town.lines("trace.funds_arrived") == []
    assert len(town.lines("trace.funds_moved")) == 1


def test_a_repeat_of_a_posted_finding_is_harmless(town: "Town") -> None:
    from incidents.models import FreezeTarget
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF
    from tracing.models import Finding
    from tracing.watch import poster

    town.trace(town.steal())
    town.send(THIEF, MULE, ETHER)
    town.mine()
    town.send(MULE, EXCHANGE, ETHER)
    town.mine()
    town.follow()
    before = counts()
    assert 0 not in before
    Finding.objects.update(state=Finding.State.PENDING)
    assert poster.post_all(town.incident.pk) == Finding.objects.count()
    assert counts() == before
    asked = FreezeTarget.objects.order_by("address").values_list("address", "requested")
    # the mule forwarded all it had: it looks like a deposit address of the exchange
    assert list(asked) == [(MULE, ETHER), (EXCHANGE, ETHER)]


def test_what_a_killed_watcher_did_not_tell_is_told(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing import tasks
    from tracing.watch import loop

    town.trace(town.steal())
    town.follow()
    for tell in (tasks.sweep_unposted, lambda: (town.take_over(), town.watcher.run(seconds=0))):
        told = len(town.lines("trace.funds_moved"))
        town.send(THIEF, MULE, ETHER)
        town.mine()
        with monkeypatch.context() as killed:  # between the block's commit and its posting
            killed.setattr(loop.poster, "post_all", lambda *_: 0)
            town.follow()
        assert len(town.lines("trace.funds_moved")) == told
        tell()
        assert len(town.lines("trace.funds_moved")) == told + 1


def test_findings_are_told_in_the_order_of_the_chain(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF

    town.trace(town.steal())
    town.send(THIEF, MULE, 3 * ETHER)
    town.mine()
    town.send(MULE, EXCHANGE, ETHER)
    town.mine()
    town.follow()
    kinds = ("trace.funds_stolen", "trace.funds_moved", "trace.funds_arrived", "freeze.drafted")
    seqs = [line.seq for kind in kinds for line in town.lines(kind)]
    assert len(seqs) == len(kinds)
    assert seqs == sorted(seqs)


def test_what_a_finding_costs(town: "Town", monkeypatch: pytest.MonkeyPatch) -> None:
    """A growth is a decision: a thief who pays fifty addresses in one block makes fifty of them."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.tracing.watch.town import ETHER, EXCHANGE, THIEF
    from tracing.watch import poster

    town.trace(town.steal())
    town.follow()
    costs = []
    with monkeypatch.context() as patch:
        patch.setattr(poster, "post_all", lambda incident_pk: 0)
        for number in range(4):
            town.send(THIEF, "0x" + f"{number + 16:02x}" * 20, ETHER)
        town.mine()
        town.follow()
    for setup in (None, EXCHANGE, EXCHANGE):
        if setup is not None:
            with monkeypatch.context() as patch:
                patch.setattr(poster, "post_all", lambda incident_pk: 0)
                town.send(THIEF, setup, ETHER)
                town.mine()
                town.follow()
        with CaptureQueriesContext(connection) as queries:
            assert poster.post_all(town.incident.pk) in (1, 4)
        costs.append(len(queries))
    moved, first_request, next_target = costs
    assert (moved, first_request, next_target) == (2 + 4 * 14, 2 + 46, 2 + 35)
