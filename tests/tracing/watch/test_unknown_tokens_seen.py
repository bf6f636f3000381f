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


def swapped(town: "Town", *, is_known: bool) -> str:
    """The thief swaps half of what he stole into another token; that token."""
    from tests.tracing.watch.test_tokens import call, deploy
    from tests.tracing.watch.town import CHAIN
    from tracing.services import directory

    stolen, other = deploy(town, "StakedToken", "A"), deploy(town, "StakedToken", "B")
    pool = deploy(town, "Pool", "")
    if is_known:
        asset = f"{CHAIN}/erc20:{other}"
        directory.ensure_asset(town.chain, asset, symbol="B", decimals=18, contract=other)
    call(town, MAKER, "StakedToken", other, "mint", pool, 10_000)
    call(town, MAKER, "Pool", pool, "setRate", stolen, other, 3, 1)
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


def test_known_token_goes_on_with_the_origin(town: "Town") -> None:
    from tests.tracing.watch.town import CHAIN
    from tracing.models import Exposure

    token = swapped(town, is_known=True)
    assert tokens_met() == []
    row = Exposure.objects.get(asset=f"{CHAIN}/erc20:{token}", address=THIEF)
    assert row.tainted == 1500
    town.check()
