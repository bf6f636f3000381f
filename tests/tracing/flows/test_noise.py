"""Noise around real thefts: the model is as it is described, and FIFO stays on the case in it."""

from collections import Counter

import pytest

from tests.tracing.flows.cases import case, files, flow, needs_cases
from tests.tracing.flows.test_trace_flows import run
from tracing.core.flows import Flow
from tracing.drills.noise import VALUES, Hub, Noisy, add_noise
from tracing.drills.precision import judge

SMALL = [flow(100 * at, f"0x{at:040x}", f"0x{at + 1:040x}", 500_000 + at) for at in range(40)]


@pytest.fixture(params=list(Hub))
def noisy(request: pytest.FixtureRequest) -> Noisy:
    return add_noise(SMALL, 7, request.param)


def volume(flows: list[Flow]) -> int:
    return sum(row.amount for row in flows)


def test_same_seed_makes_the_same_table() -> None:
    assert add_noise(SMALL, 7, Hub.ROUTER) == add_noise(SMALL, 7, Hub.ROUTER)
    assert add_noise(SMALL, 7, Hub.ROUTER) != add_noise(SMALL, 8, Hub.ROUTER)


def test_there_are_ten_rows_for_each_of_the_case(noisy: Noisy) -> None:
    assert noisy.background_rows == 10 * len(SMALL)


def test_each_address_of_the_case_receives_and_spends_clean_value(noisy: Noisy) -> None:
    own = noisy.case | noisy.hubs
    received = Counter(row.to for row in noisy.flows if row.frm not in own)
    spent = Counter(row.frm for row in noisy.flows if row.to not in own)
    assert all(received[address] and spent[address] for address in noisy.case)


def test_a_fifth_of_the_flow_goes_through_busy_hubs(noisy: Noisy) -> None:
    assert volume(SMALL) // 5 <= noisy.routed <= volume(SMALL) // 5 + max(r.amount for r in SMALL)
    assert noisy.hub_clean == 100 * noisy.routed
    direct = [row for row in noisy.flows if row.frm in noisy.case and row.to in noisy.case]
    assert volume(direct) == volume(SMALL) - noisy.routed
    taken_in = [row for row in noisy.flows if row.to in noisy.hubs]
    assert volume(taken_in) == 101 * noisy.routed
    assert len(noisy.hubs) == 3


def test_routers_pay_out_in_the_same_transaction() -> None:
    noisy = add_noise(SMALL, 7, Hub.ROUTER)
    taken_in = {(r.tx, r.to, r.block, r.amount) for r in noisy.flows if r.to in noisy.hubs}
    paid_out = {(r.tx, r.frm, r.block, r.amount) for r in noisy.flows if r.frm in noisy.hubs}
    assert taken_in == paid_out


def test_custodial_hubs_keep_some_of_it() -> None:
    noisy = add_noise(SMALL, 7, Hub.CUSTODIAL)
    taken_in = [row for row in noisy.flows if row.to in noisy.hubs]
    paid_out = [row for row in noisy.flows if row.frm in noisy.hubs]
    assert volume(paid_out) < volume(taken_in)
    assert {r.tx for r in taken_in}.isdisjoint({r.tx for r in paid_out})


def test_values_rise() -> None:
    assert sorted(VALUES) == list(VALUES)
    assert (VALUES[0][0], VALUES[-1][0]) == (0, 100)


@needs_cases
@pytest.mark.parametrize(("name", "seeds"), [("LIFI", (1, 2, 3, 4, 5)), ("HB", (2,))])
def test_fifo_stays_on_the_case(name: str, seeds: tuple[int, ...]) -> None:
    """The bench reports five seeds of both; one of the larger case is enough here."""
    flows, sources, terminals = case(name)
    found = [judge(flows, sources, terminals, seed, 2, [Hub.ROUTER]) for seed in seeds]
    assert min(noise["precision"] for noise in found) >= 0.9
    assert {noise["reached"] for noise in found} == {found[0]["addresses"]}
    assert all(noise["hubs"]["router"]["conserved"] for noise in found)


@needs_cases
def test_command_tells_every_kind_of_hub() -> None:
    table, sources, terminals = files("LIFI")
    out, _ = run(table, sources, terminals, "--noise", "3")
    assert "noise, seed 3 (FIFO; the target is for hubs that are routers):" in out
    for kind in Hub:
        assert f"  {kind.value:<10} precision 0." in out
