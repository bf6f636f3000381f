"""What a request that was sent rests on changed: what desks got is superseded at once."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from incidents.models import FreezeTarget
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def sent(town: "Town") -> "FreezeTarget":
    """Stolen ether arrived at the exchange, which was asked to hold it."""
    from incidents.models import FreezeTarget
    from incidents.services import freezes
    from tests.tracing.watch.town import ETHER, EXCHANGE, THIEF

    town.trace(town.steal())
    town.send(THIEF, EXCHANGE, ETHER)
    town.mine()
    town.follow()
    target = FreezeTarget.objects.select_related("request").get(address=EXCHANGE)
    for actor in (town.cast.lead, town.cast.rival):
        freezes.approve(target.request, actor=actor)
    freezes.send(target.request, actor=town.cast.rival)
    return target


def editions(target: "FreezeTarget") -> list[tuple[int, str, bool]]:
    rows = target.request.packets.order_by("version")
    return [(row.version, row.state, row.is_correction) for row in rows]


def changed(town: "Town", target: "FreezeTarget", why: str) -> None:
    """A correction is drafted, and people are alarmed."""
    target.refresh_from_db()
    assert (target.evidence_state, target.requested) == ("changed", 0)
    assert editions(target) == [(1, "superseded", False), (2, "draft", True)]
    (alarm,) = town.lines("freeze.evidence_changed")
    (told,) = town.lines("freeze.correction_drafted")
    assert alarm.is_alert
    assert told.is_alert
    assert why in told.entry.content["because"]


def test_reorganisation_that_removes_the_arrival_drafts_a_correction(town: "Town") -> None:
    from incidents.services import dispatches

    target = sent(town)
    assert editions(target) == [(1, "issued", False)]
    town.drop(1)
    town.mine(2)
    town.follow()
    changed(town, target, "was dropped by the chain")
    draft = target.request.packets.get(version=2)
    out = dispatches.correct(draft, actor=town.cast.lead)
    assert [(row.channel, row.packet.version) for row in out if row.packet] == [("room", 2)]
    assert editions(target) == [(1, "superseded", False), (2, "issued", True)]


def test_label_that_counts_no_more_drafts_a_correction(town: "Town") -> None:
    from tests.tracing.watch.town import EXCHANGE
    from tracing.models import Label
    from tracing.watch import settled

    target = sent(town)
    assert settled.reconcile(town.incident.pk) == 0
    Label.objects.filter(address=EXCHANGE).delete()
    assert [settled.reconcile(town.incident.pk) for _ in range(2)] == [1, 0]
    changed(town, target, "label")
