"""Hubs on a real chain: judged by what was before the first taint, and never a way out."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Lead, Trace

pytestmark = [pytest.mark.node, pytest.mark.django_db]
MAKER, HUB, BUSY = ("0x" + pair * 20 for pair in ("c0", "4b", "4c"))
ISSUED, ENOUGH, DUST = 10**12, 100, 99


def token(town: "Town") -> str:
    """A known token of the town."""
    from tests.tracing.watch.test_tokens import deploy
    from tracing.core import caip
    from tracing.services import directory

    address = deploy(town, "StableToken", "USDX")
    directory.ensure_asset(
        town.chain,
        caip.erc20(town.chain.caip2, address),
        symbol="USDX",
        decimals=6,
        contract=address,
        follow_threshold=ENOUGH,
    )
    give(town, address, HUB)
    return address


def give(town: "Town", at: str, to: str) -> None:
    """Clean money of somebody's own."""
    from tests.tracing.watch.test_tokens import call

    call(town, MAKER, "StableToken", at, "mint", to, ISSUED)


def people(count: int, *, acting: bool, town: "Town", first: int = 0) -> list[str]:
    """Addresses; acting ones sent transactions before."""
    found = [f"0x{0xAAAA_0000_0000 + first + number:040x}" for number in range(count)]
    for person in found if acting else ():
        town.node.call("anvil_setNonce", person, "0x5")
    return found


def pay(town: "Town", sender: str, at: str, to: list[str], amount: int) -> None:
    """Many are paid by one, a few hundred in a block."""
    from tracing.drills.calls import calldata

    for start in range(0, len(to), 250):
        for person in to[start : start + 250]:
            data = calldata("StableToken", "transfer", person, amount)
            asked = {"from": sender, "to": at, "gas": hex(100_000), "gasPrice": "0x0"}
            town.node.call("eth_sendTransaction", asked | {"input": data})
        town.mine()


def stolen(town: "Town", at: str, amount: int = 1_000_000) -> "Trace":
    from tests.tracing.watch.test_tokens import call
    from tests.tracing.watch.town import THIEF

    return town.trace(call(town, MAKER, "StableToken", at, "mint", THIEF, amount))


def send(town: "Town", sender: str, at: str, to: str, amount: int) -> None:
    from tests.tracing.watch.test_tokens import call

    call(town, sender, "StableToken", at, "transfer", to, amount)
    town.follow()


def hubs() -> "list[Lead]":
    from tracing.models import Lead

    return list(Lead.objects.filter(kind=Lead.Kind.HUB).order_by("pk"))


def tainted(trace: "Trace", address: str) -> dict[str, int]:
    """Tainted units there by kind of account."""
    from tracing.models import Exposure

    rows = Exposure.objects.filter(trace=trace, address=address)
    return {row.kind: int(row.tainted) for row in rows}


def test_a_hub_ends_a_branch_below_one_percent_and_shows_as_a_lead(town: "Town") -> None:
    from tests.tracing.watch.town import MULE, THIEF

    at = token(town)
    pay(town, HUB, at, people(120, acting=True, town=town), ENOUGH)
    trace = stolen(town, at)
    send(town, THIEF, at, HUB, 9_999)
    (lead,) = hubs()
    assert (lead.address, lead.state, lead.confidence) == (HUB, "open", 51)
    assert lead.evidence["counterparties"] == 120
    assert tainted(trace, HUB) == {"dust": 9_999}
    assert len(town.lines("trace.hub_met")) == 1

    send(town, THIEF, at, HUB, 1)  # now it is 1 % that went there
    send(town, HUB, at, MULE, 500)
    assert tainted(trace, HUB)["followed"] == 10_000
    assert len(hubs()) == 1
    town.check()


def test_more_than_one_percent_is_followed_through_a_hub_at_once(town: "Town") -> None:
    from tests.tracing.watch.town import MULE, THIEF

    at = token(town)
    pay(town, HUB, at, people(120, acting=True, town=town), ENOUGH)
    trace = stolen(town, at)
    send(town, THIEF, at, HUB, 500_000)
    assert len(hubs()) == 1
    assert tainted(trace, HUB) == {"followed": 500_000}
    send(town, HUB, at, MULE, ISSUED - 120 * ENOUGH + 200_000)  # its own comes first
    assert tainted(trace, MULE) == {"followed": 200_000}
    town.check()


@pytest.mark.parametrize(("amount", "acting"), [(DUST, True), (ENOUGH, False)])
def test_a_thousand_sends_before_the_theft_make_no_hub(
    town: "Town", amount: int, acting: bool
) -> None:
    """Dust to people who exist, and money to a thousand addresses of one hand."""
    from tests.tracing.watch.town import THIEF

    at = token(town)
    crowd = people(1000 if not acting else 300, acting=acting, town=town)
    give(town, at, BUSY)
    pay(town, BUSY, at, crowd, amount)
    trace = stolen(town, at)
    send(town, THIEF, at, BUSY, 500)
    assert hubs() == []
    assert tainted(trace, BUSY) == {"followed": 500}


def test_a_thousand_sends_after_the_first_taint_make_no_hub(town: "Town") -> None:
    from tests.tracing.watch.town import MULE, THIEF

    at = token(town)
    trace = stolen(town, at)
    give(town, at, BUSY)
    send(town, THIEF, at, BUSY, 500)
    pay(town, BUSY, at, people(300, acting=True, town=town), ENOUGH)
    send(town, THIEF, at, BUSY, 500)
    assert hubs() == []
    send(town, BUSY, at, MULE, ISSUED - 300 * ENOUGH + 1000)
    assert tainted(trace, MULE) == {"followed": 1000}
    town.check()


def test_a_reorganisation_takes_the_hub_back(town: "Town") -> None:
    from tests.tracing.watch.town import THIEF

    at = token(town)
    pay(town, HUB, at, people(120, acting=True, town=town), ENOUGH)
    trace = stolen(town, at)
    send(town, THIEF, at, HUB, 5_000)
    town.drop(1)
    town.mine(2)
    town.follow()
    assert [lead.state for lead in hubs()] == ["withdrawn"]
    assert tainted(trace, HUB) == {}
    assert town.lines("trace.hub_met") == []
    send(town, THIEF, at, HUB, 5_000)
    assert [lead.state for lead in hubs()] == ["open"]
    assert tainted(trace, HUB) == {"dust": 5_000}
    town.check()


def test_a_dismissed_hub_is_followed_like_anybody(town: "Town") -> None:
    from tests.tracing.watch.town import THIEF
    from tracing.models import Lead

    at = token(town)
    pay(town, HUB, at, people(120, acting=True, town=town), ENOUGH)
    trace = stolen(town, at)
    send(town, THIEF, at, HUB, 5_000)
    Lead.objects.update(state=Lead.State.DISMISSED, decision=Lead.State.DISMISSED)
    send(town, THIEF, at, HUB, 200)
    assert tainted(trace, HUB) == {"followed": 5_200}
    assert [lead.state for lead in hubs()] == ["dismissed"]


def test_an_endpoint_that_tells_nothing_stops_nothing(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tracing.watch.town import THIEF
    from tracing.chains.errors import RetryableChainError

    at = token(town)
    pay(town, HUB, at, people(120, acting=True, town=town), ENOUGH)
    trace = stolen(town, at)

    def refuse(*asked: object) -> None:
        raise RetryableChainError("logs are not for everybody")

    for question in ("token_history", "token_histories"):
        monkeypatch.setattr(town.source.adapter, question, refuse)
    send(town, THIEF, at, HUB, 500)
    assert hubs() == []
    assert tainted(trace, HUB) == {"followed": 500}
