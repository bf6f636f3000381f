"""A scenario file read in the core's words."""

from __future__ import annotations

import pytest

from incidents.choices import Capacity
from tracing.core.types import AccountKey, AccountKind, AssetRole
from tracing.drills.scenario import UnknownDrillError, available, load


def test_drill_is_found_by_its_slug() -> None:
    drill = load("kelpdao")
    assert available() == ["kelpdao"]
    assert (drill.slug, drill.chain, drill.height) == ("kelpdao", "eip155:31337", 351)
    assert drill.background_transfers >= 2_400


@pytest.mark.parametrize("slug", ["drift", "", "../kelpdao", "kelpdao.json"])
def test_unknown_drill_is_refused(slug: str) -> None:
    with pytest.raises(UnknownDrillError):
        load(slug)


def test_assets_carry_what_netting_needs() -> None:
    drill = load("kelpdao")
    receipt, debt, native = (drill.assets[key].info for key in ("arsETH", "debtWETH", "ETH"))
    assert (receipt.role, receipt.lender) == (AssetRole.RECEIPT, "aave")
    assert receipt.underlying == drill.assets["rsETH"].info.asset
    assert receipt.contract == drill.address("arsETH")
    assert (debt.role, debt.underlying) == (AssetRole.DEBT, drill.assets["WETH"].info.asset)
    assert (native.asset, native.contract) == ("eip155:31337/slip44:60", None)
    assert drill.assets["USDX"].issuer == "usdx-issuer"


def test_labels_name_services_of_the_directory() -> None:
    drill = load("kelpdao")
    kinds = {label.name: label.kind for label in drill.labels}
    assert kinds["alder_dep1"] is AccountKind.SERVICE
    assert kinds["council"] is AccountKind.CUSTODY
    assert {label.service for label in drill.labels} <= {s.slug for s in drill.services}
    (safe,) = (label for label in drill.labels if label.kind is AccountKind.RETURN)
    assert safe.after_block > 0


def test_target_of_an_act_is_an_account_of_the_core() -> None:
    drill = load("kelpdao")
    wanted = AccountKey(drill.chain, drill.address("s1"), drill.assets["USDX"].info.asset)
    assert drill.account(["s1", "USDX"]) == wanted


def test_cast_is_complete() -> None:
    drill = load("kelpdao")
    confidential = [o.slug for o in drill.organizations if o.confidential]
    assert confidential == ["police"]
    assert {o.capacity for o in drill.organizations} <= set(Capacity.values)
    # The two that are in dispute, and the lender that is left with the bad debt.
    affected = {o.slug for o in drill.organizations if o.capacity == "affected"}
    assert affected == {"kelpdao", "layerzero", "aave"}
    assert all(o.people for o in drill.organizations)
    (seed,) = drill.seeds
    assert (seed.amount, seed.asset) == (116_500 * 10**18, drill.assets["rsETH"].info.asset)
