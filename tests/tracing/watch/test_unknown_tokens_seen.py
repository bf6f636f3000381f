"""A swap into a token that is in no directory, on a real chain: seen, told, and taken back."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Lead

pytestmark = [pytest.mark.node, pytest.mark.django_db]
MAKER, THIEF = "0x" + "c0" * 20, "0x" + "b0" * 20


def tokens_met() -> "list[Lead]":
    from tracing.models import Lead

    return list(Lead.objects.filter(kind=Lead.Kind.UNKNOWN_TOKEN).order_by("pk"))


def swapped_at(town: "Town") -> tuple[str, str]:
    """The pool, and the token that it took."""
    from tracing.models import Hop

    hop = Hop.objects.get(from_address=THIEF, kind="transfer")
    return hop.to_address, hop.to_asset.rpartition(":")[2]


def open_pool(town: "Town", sell: str, buy: str) -> str:
    """A pool that gives three of one token for one of the other."""
    from tests.tracing.watch.test_tokens import call, deploy

    pool = deploy(town, "Pool", "")
    call(town, MAKER, "StakedToken", buy, "mint", pool, 10_000)
    call(town, MAKER, "Pool", pool, "setRate", sell, buy, 3, 1)
    return pool


def swapped(town: "Town", *, is_known: bool, is_noted: bool = False) -> str:
    """The thief swaps half of what he stole into another token; that token. ``is_noted``: in
    another room somebody follows it."""
    from incidents.ports import AssetName
    from tests.tracing.watch.test_tokens import call, deploy
    from tests.tracing.watch.town import CHAIN
    from tracing.services import assets, directory

    stolen, other = deploy(town, "StakedToken", "A"), deploy(town, "StakedToken", "B")
    if is_known:
        asset = f"{CHAIN}/erc20:{other}"
        directory.ensure_asset(town.chain, asset, symbol="B", decimals=18, contract=other)
    if is_noted:
        assets.note(town.chain, {f"{CHAIN}/erc20:{other}": AssetName("B", 18)})
    pool = open_pool(town, stolen, other)
    town.trace(call(town, MAKER, "StakedToken", stolen, "mint", THIEF, 1000))
    call(town, THIEF, "StakedToken", stolen, "approve", pool, 1000)
    town.follow()
    call(town, THIEF, "Pool", pool, "swap", stolen, other, 500, THIEF)
    town.follow()
    return other


def test_unknown_token_is_told_and_carries_nothing(town: "Town") -> None:
    from tests.tracing.watch.town import CHAIN
    from tracing.models import Exposure

    token = swapped(town, is_known=False)
    (lead,) = tokens_met()
    assert (lead.address, lead.state) == (token, "open")
    assert (lead.evidence["by"], lead.evidence["amount"]) == (THIEF, "1500")
    (line,) = town.lines("trace.unknown_token")
    assert line.is_alert
    assert not Exposure.objects.filter(asset=f"{CHAIN}/erc20:{token}").exists()
    town.check()

    town.drop(1)
    town.mine(2)
    town.follow()
    assert [lead.state for lead in tokens_met()] == ["withdrawn"]
    assert town.lines("trace.unknown_token") == []


def test_what_another_room_follows_is_not_real_here(town: "Town") -> None:
    """Else a thief with a room of his own could make his own token real in every other."""
    from tests.tracing.watch.town import CHAIN
    from tracing.models import Exposure

    token = swapped(town, is_known=False, is_noted=True)
    assert [lead.address for lead in tokens_met()] == [token]
    assert not Exposure.objects.filter(asset=f"{CHAIN}/erc20:{token}").exists()
    town.check()


def test_known_token_goes_on_with_the_origin(town: "Town") -> None:
    from tests.tracing.watch.town import CHAIN
    from tracing.models import Exposure

    token = swapped(town, is_known=True)
    assert tokens_met() == []
    row = Exposure.objects.get(asset=f"{CHAIN}/erc20:{token}", address=THIEF)
    assert row.tainted == 1500
    town.check()


def test_token_that_somebody_vouches_for_carries_stolen_value(town: "Town") -> None:
    from tests.tracing.watch.test_tokens import call
    from tests.tracing.watch.town import CHAIN
    from tracing.models import Exposure
    from tracing.services import lead_decisions

    token = swapped(town, is_known=False)
    (lead,) = tokens_met()
    pool, stolen = swapped_at(town)
    assert lead.evidence["paid_to"] == pool
    pool = open_pool(town, stolen, token)  # the first one is followed by now, like a person
    call(town, THIEF, "StakedToken", stolen, "approve", pool, 1000)
    held = Exposure.objects.filter(asset=f"{CHAIN}/erc20:{token}", address=THIEF)
    lead_decisions.decide(lead, "confirmed", "It trades elsewhere.", actor=town.cast.analyst)
    call(town, THIEF, "Pool", pool, "swap", stolen, token, 200, THIEF)
    town.follow()
    assert held.get().tainted == 600
    assert len(tokens_met()) == 1
    town.check()
