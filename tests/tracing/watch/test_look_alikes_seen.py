"""Address poisoning on a real chain: flagged and never followed. Real value is followed."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Lead

pytestmark = [pytest.mark.node, pytest.mark.django_db]
MAKER, POISONER = "0x" + "c0" * 20, "0x" + "c7" * 20
MULE = "0xabcd" + "11" * 16 + "7890"
LIKE = "0xabcd" + "22" * 16 + "7890"


def alikes() -> "list[Lead]":
    from tracing.models import Lead

    return list(Lead.objects.filter(kind=Lead.Kind.LOOK_ALIKE).order_by("pk"))


def paid_mule(town: "Town") -> str:
    """A theft of a known token, of which the mule got some. The token's address."""
    from tests.tracing.watch.test_hubs_met import give, send, stolen, token

    at = token(town)
    stolen(town, at)
    give(town, at, POISONER)
    send(town, "0x" + "b0" * 20, at, MULE, 1000)
    return at


def test_bait_is_flagged_and_not_followed(town: "Town") -> None:
    from tests.tracing.watch.test_hubs_met import send
    from tests.tracing.watch.test_tokens import call, deploy
    from tests.tracing.watch.town import THIEF
    from tracing.models import Exposure

    at = paid_mule(town)
    call(town, POISONER, "StableToken", at, "transferFrom", THIEF, LIKE, 0)
    town.follow()
    (lead,) = alikes()
    assert (lead.address, lead.confidence, lead.state) == (LIKE, 90, "open")
    assert (lead.evidence["like"], lead.evidence["why"]) == (MULE, "zero_value")
    assert lead.evidence["txs"]
    (line,) = town.lines("trace.look_alike")
    assert not line.is_alert

    send(town, POISONER, at, LIKE, 10_000)
    send(town, LIKE, at, THIEF, 50)  # dust, from the look-alike itself
    fake = deploy(town, "HostileToken", "USDX")
    call(town, MAKER, "HostileToken", fake, "spoof", THIEF, LIKE, 10**12)
    town.follow()
    assert len(alikes()) == len(town.lines("trace.look_alike")) == 1
    assert not Exposure.objects.filter(address=LIKE).exists()
    town.check()


def test_real_value_to_a_similar_address_is_followed(town: "Town") -> None:
    from tests.tracing.watch.test_hubs_met import send
    from tests.tracing.watch.town import THIEF
    from tracing.models import Exposure

    at = paid_mule(town)
    send(town, THIEF, at, LIKE, 5_000)
    assert alikes() == []
    assert Exposure.objects.get(address=LIKE).tainted == 5_000

    send(town, LIKE, at, "0x" + "d7" * 20, 5_000)
    assert Exposure.objects.get(address="0x" + "d7" * 20).tainted == 5_000


def test_one_that_was_flagged_is_followed_when_value_comes(town: "Town") -> None:
    from tests.tracing.watch.test_hubs_met import send
    from tests.tracing.watch.test_tokens import call
    from tests.tracing.watch.town import THIEF
    from tracing.models import Exposure

    at = paid_mule(town)
    call(town, POISONER, "StableToken", at, "transferFrom", THIEF, LIKE, 0)
    send(town, THIEF, at, LIKE, 5_000)
    assert len(alikes()) == 1
    assert Exposure.objects.get(address=LIKE).tainted == 5_000


def test_a_flood_of_look_alikes_ends_in_one_lead(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tracing.watch.test_tokens import call
    from tests.tracing.watch.town import THIEF
    from tracing.models import Lead
    from tracing.watch import leads

    monkeypatch.setattr(leads, "MOST_LOOK_ALIKES", 3)
    at = paid_mule(town)
    for number in range(5):
        like = "0xabcd" + f"{number:032x}" + "7890"
        call(town, POISONER, "StableToken", at, "transferFrom", THIEF, like, 0)
    town.follow()
    assert len(alikes()) == 3
    (bound,) = Lead.objects.filter(kind=Lead.Kind.WORK_BOUND)
    assert bound.evidence == {"what": "look-alikes", "bound": 3}
    assert len(town.lines("trace.work_bound")) == 1


def test_what_is_over_a_bound_is_told_and_still_followed(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.models import Lead
    from tracing.watch import leads

    monkeypatch.setattr(leads, "MOST_LOTS", 3)
    trace = town.trace(town.steal())
    for _ in range(5):
        town.send(THIEF, MULE, ETHER)
        town.mine()
    town.follow()
    (bound,) = Lead.objects.filter(kind=Lead.Kind.WORK_BOUND)
    assert (bound.address, bound.evidence) == (MULE, {"what": "lots of one account", "bound": 3})
    assert town.held(trace)[MULE] == 5 * ETHER
    town.check()


def test_a_reorganisation_withdraws_it(town: "Town") -> None:
    from tests.tracing.watch.test_tokens import call
    from tests.tracing.watch.town import THIEF

    at = paid_mule(town)
    call(town, POISONER, "StableToken", at, "transferFrom", THIEF, LIKE, 0)
    town.follow()
    town.drop(1)
    town.mine(2)
    town.follow()
    assert [lead.state for lead in alikes()] == ["withdrawn"]
    assert town.lines("trace.look_alike") == []
