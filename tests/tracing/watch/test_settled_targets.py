"""What the chain settled moves the targets of desks; what it drops is taken back; and money that
leaves a target is told at once."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from incidents.models import FreezeTarget
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]

MAKER, THIEF, MULE, NEXT = ("0x" + pair * 20 for pair in ("c0", "b0", "b1", "b2"))
SAFE = 20  # half of the town's depth of finality


def moved_to_a_mule(town: "Town") -> str:
    """1000 of a freezable token was stolen, and 600 of it rests at the mule."""
    from tests.tracing.watch.test_freezes import stolen
    from tests.tracing.watch.test_tokens import call

    token = stolen(town)
    call(town, THIEF, "StableToken", token, "transfer", MULE, 600)
    town.follow()
    return token


def only(address: str = MULE) -> "FreezeTarget":
    from incidents.models import FreezeTarget

    return FreezeTarget.objects.select_related("request", "moved_from").get(address=address)


def settle(town: "Town", blocks: int = SAFE + 1) -> int:
    from tracing.watch import settled

    town.mine(blocks)
    town.follow()
    return settled.reconcile(town.incident.pk)


def state(address: str = MULE) -> tuple[str, int, int]:
    row = only(address)
    return row.state, row.frozen, row.seized


def test_freeze_counts_once_its_block_is_settled_and_until_it_is_lifted(town: "Town") -> None:
    from incidents.access import SYSTEM
    from incidents.models import TargetStep
    from incidents.services import answers
    from tests.tracing.watch.test_freezes import freeze

    token = moved_to_a_mule(town)
    freeze(town, token, MULE)
    assert settle(town, 1) == 0
    assert len(town.lines("trace.frozen_on_chain")) == 1  # told at once, all the same
    assert [settle(town), settle(town, 1)] == [1, 0]
    assert state() == ("frozen", 600, 0)
    step = TargetStep.objects.get(confirmation="chain")
    assert (step.kind, step.amount, step.chain) == ("frozen", 600, town.chain.caip2)
    assert step.tx.startswith("0x")
    assert step.block_hash.startswith("0x")
    assert answers.seen(SYSTEM, [only()])[only().pk].by["frozen"] == "chain"
    freeze(town, token, MULE, "unBlacklist")
    assert [settle(town), settle(town, 1)] == [1, 0]
    assert state() == ("released", 0, 0)
    assert [line.entry.content["did"] for line in town.lines("freeze.on_chain")] == [
        "frozen",
        "released",
    ]


def test_dropped_block_takes_its_step_back(town: "Town", settings: object) -> None:
    from tests.tracing.watch.test_freezes import freeze

    settings.FREEZE_SETTLED = "seen"  # type: ignore[attr-defined]
    token = moved_to_a_mule(town)
    freeze(town, token, MULE)
    assert settle(town, 0) == 1
    assert state() == ("frozen", 600, 0)
    town.drop(1)
    assert settle(town, 2) == 1
    assert state() == ("draft", 0, 0)
    assert len(town.lines("freeze.chain_step_taken_back")) == 1
    freeze(town, token, MULE)
    assert settle(town, 1) == 1
    assert state() == ("frozen", 600, 0)


def test_money_that_leaves_a_target_is_told_and_becomes_a_new_target(town: "Town") -> None:
    from tests.tracing.watch.test_tokens import call

    token = moved_to_a_mule(town)
    call(town, MULE, "StableToken", token, "transfer", NEXT, 250)
    town.follow()
    assert state() == ("moved_on", 0, 0)
    (alarm,) = town.lines("freeze.target_moved")
    assert alarm.is_alert
    assert (alarm.entry.content["amount"], alarm.entry.content["to"]) == ("250", NEXT)
    new = only(NEXT)
    assert (new.moved_from, new.requested) == (only(), 250)
    town.drop(1)
    assert settle(town, 2) == 1
    assert state() == ("draft", 0, 0)


def test_only_what_is_still_there_is_frozen(town: "Town") -> None:
    from tests.tracing.watch.test_freezes import freeze
    from tests.tracing.watch.test_tokens import call

    token = moved_to_a_mule(town)
    call(town, MULE, "StableToken", token, "transfer", NEXT, 250)
    freeze(town, token, MULE)
    assert settle(town) == 1
    row = only()
    assert (row.requested, row.frozen) == (600, 350)


def test_seizure_is_settled_as_well(town: "Town") -> None:
    from tests.handmade import logs, program
    from tests.tracing.watch.test_freezes import become
    from tests.tracing.watch.test_seizures import DESTROYED, word
    from tests.tracing.watch.test_tokens import call
    from tracing.models import Asset

    token = moved_to_a_mule(town)
    Asset.objects.filter(contract=token).update(freeze_interface="tether")
    data = bytes(12) + bytes.fromhex(MULE[2:]) + word(600)
    become(town, token, program({}, logs(DESTROYED, data=data)))
    call(town, MAKER, "StableToken", token, "mint", THIEF, 1)
    town.follow()
    assert settle(town) == 1
    assert state()[0] == "seized"
    assert state()[2] == 600
