"""A lead is noted once, goes with its block, and keeps what a person decided."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Lead, Trace

pytestmark = [pytest.mark.node, pytest.mark.django_db]
SOMEBODY = "0x" + "5a" * 20


def noted(trace: "Trace") -> "tuple[Lead, bool]":
    from tests.tracing.watch.town import CHAIN
    from tracing.models import Block, Lead
    from tracing.services import leads

    block = Block.objects.filter(chain=trace.chain).exclude(state="orphaned").latest("number")
    return leads.note(
        trace,
        Lead.Kind.HUB,
        f"hub:{SOMEBODY}",
        CHAIN,
        SOMEBODY,
        confidence=70,
        evidence={"counterparties": 1500},
        block=block,
    )


def test_a_repeat_finds_the_lead_that_is_there(town: "Town") -> None:
    from tracing.models import Lead

    trace = town.trace(town.steal())
    town.follow()
    lead, is_new = noted(trace)
    assert is_new
    assert noted(trace) == (lead, False)
    assert list(Lead.objects.values_list("state", "confidence", "evidence")) == [
        ("open", 70, {"counterparties": 1500})
    ]


@pytest.mark.parametrize("decision", ["", "dismissed"])
def test_a_lead_goes_and_comes_back_with_its_block(town: "Town", decision: str) -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.models import Lead

    trace = town.trace(town.steal())
    town.send(THIEF, MULE, ETHER)
    town.mine()
    town.follow()
    lead, _ = noted(trace)
    first = lead.block_hash
    Lead.objects.filter(pk=lead.pk).update(decision=decision, state=decision or "open")

    town.drop(1)
    town.mine(2)
    town.follow()
    lead.refresh_from_db()
    assert lead.state == Lead.State.WITHDRAWN

    again, is_new = noted(trace)
    assert (again.pk, is_new) == (lead.pk, True)
    again.refresh_from_db()
    assert again.state == (decision or "open")
    assert again.block_hash != first
