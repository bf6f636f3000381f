"""Each policy on one account, and on small ledgers: which units leave (docs/taint.md)."""

from collections import deque

import pytest

from tests.tracing.core.ledger import ETH, Theft, X, key, tx
from tracing.core.policies import CONSERVING, FIFO, POLICIES, PolicyName, policy
from tracing.core.types import Lot, Origin

Units = list[tuple[int, str | None]]

# what an account got, oldest first, and what 100 units of it are under each policy
CAME: Units = [(60, None), (40, "s"), (50, None), (30, "r"), (20, None)]
LEAVE: dict[str, Units] = {
    "fifo": [(60, None), (40, "s")],
    "lifo": [(20, None), (30, "r"), (50, None)],
    "taint-first": [(40, "s"), (30, "r"), (30, None)],
    "taint-last": [(100, None)],
    "haircut": [(65, None), (20, "s"), (15, "r")],  # 70 of 200 units are tainted
    "poison": [(100, "s"), (0, "r")],
}
STAY: dict[str, Units] = {
    "fifo": [(50, None), (30, "r"), (20, None)],
    "lifo": [(60, None), (40, "s")],
    "taint-first": [(100, None)],
    "taint-last": [(30, None), (40, "s"), (30, "r")],
    "haircut": [(65, None), (20, "s"), (15, "r")],
    "poison": [(100, "s"), (0, "r")],
}
ALL = {  # 250 units of that account, which holds 200
    "fifo": [(50, None), *CAME],
    "lifo": [*reversed(CAME), (50, None)],
    "taint-first": [(40, "s"), (30, "r"), (180, None)],
    "taint-last": [(180, None), (40, "s"), (30, "r")],
    "haircut": [(50, None), (130, None), (40, "s"), (30, "r")],
    "poison": [(250, "s"), (0, "r")],
}


def lot(amount: int, seed: str | None) -> Lot:
    return Lot(amount, seed and Origin(seed, X, amount))


def rows(lots: deque[Lot] | list[Lot]) -> Units:
    return [(one.amount, one.origin and one.origin.seed) for one in lots]


def account(name: str) -> deque[Lot]:
    queue: deque[Lot] = deque()
    for amount, seed in CAME:
        policy(name).put(queue, [lot(amount, seed)])
    return queue


@pytest.mark.parametrize("name", LEAVE)
def test_what_leaves_and_what_stays(name: str) -> None:
    queue = account(name)
    taken, missing = policy(name).take(queue, 100)
    assert (rows(taken), rows(queue), missing) == (LEAVE[name], STAY[name], 0)


@pytest.mark.parametrize("name", ALL)
def test_what_the_queue_lacks_is_clean_and_the_oldest(name: str) -> None:
    queue = account(name)
    taken, missing = policy(name).take(queue, 250)
    assert (rows(taken), missing) == (ALL[name], 50)
    assert sum(one.amount for one in queue) == 0


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_taken_for_nothing(name: str) -> None:
    queue = account(name)
    before = rows(queue)
    assert policy(name).take(queue, 0) == ([], 0)
    assert policy(name).take(deque(), 0) == ([], 0)
    assert rows(queue) == before


@pytest.mark.parametrize("name", ALL)
def test_untouched_account_pays_with_clean_units(name: str) -> None:
    queue = deque([Lot(30)])
    taken, missing = policy(name).take(queue, 20)
    assert (rows(taken), rows(queue), missing) == ([(20, None)], [(10, None)], 0)


@pytest.mark.parametrize("one", POLICIES.values(), ids=lambda one: one.slug)
def test_policy_is_found_by_its_name_and_has_a_version(one: object) -> None:
    assert policy(one.slug) is one  # type: ignore[attr-defined]
    assert one.version.rpartition("-")[0] == one.slug  # type: ignore[attr-defined]


def test_every_policy_but_poison_conserves() -> None:
    assert {one.name for one in POLICIES.values() if one.conserves} == set(CONSERVING)
    assert set(POLICIES) == set(PolicyName)
    with pytest.raises(ValueError, match="lottery"):
        policy("lottery")


def test_haircut_never_falls_into_more_lots_than_there_are_seeds() -> None:
    queue: deque[Lot] = deque()
    for turn in range(1000):
        policy("haircut").put(queue, [lot(3, "s"), lot(2, None), lot(1, "r")])
        policy("haircut").take(queue, turn % 5)
    assert [seed for _, seed in rows(queue)] == [None, "s", "r"]


def test_haircut_gives_every_gainer_of_a_transaction_its_share() -> None:
    theft = Theft(policy=policy("haircut"))
    theft.steal(100)
    theft.apply(tx("in", ("clean", "thief", X, 100)))
    theft.apply(
        tx("disperse", ("thief", "d", X, 120), ("d", "a", X, 90), ("d", "b", X, 30)),
    )
    assert theft.lots("a") == [(45, None), (45, 45)]
    assert theft.lots("b") == [(15, None), (15, 15)]
    assert theft.lots("thief") == [(40, None), (40, 40)]


@pytest.mark.parametrize("name", ["fifo", "lifo", "taint-first", "taint-last"])
def test_other_policies_deal_to_the_gainers_in_order(name: str) -> None:
    theft = Theft(policy=policy(name))
    theft.steal(100)
    theft.apply(tx("in", ("clean", "thief", X, 100)))
    theft.apply(
        tx("disperse", ("thief", "d", X, 120), ("d", "a", X, 90), ("d", "b", X, 30)),
    )
    dealt = {
        "fifo": ([(90, 90)], [(10, 10), (20, None)]),
        "lifo": ([], [(10, None), (20, 20)]),
        "taint-first": ([(90, 90)], [(20, None), (10, 10)]),
        "taint-last": ([], [(10, None), (20, 20)]),
    }
    assert (theft.lots("a"), theft.lots("b")) == dealt[name]
    assert theft.origin_total() == 100


def test_poison_taints_everything_of_a_touched_account_and_counts_the_theft_once() -> None:
    theft = Theft(policy=policy("poison"))
    theft.steal(1)
    theft.steal(1, receiver="other")
    theft.apply(tx("in", ("clean", "thief", X, 100)), tx("both", ("other", "thief", X, 1)))
    theft.apply(tx("disperse", ("thief", "d", X, 60), ("d", "a", X, 40), ("d", "b", X, 20)))
    assert theft.lots("a") == [(40, 0), (0, 0)]
    assert theft.lots("b") == [(20, 0), (0, 0)]
    assert theft.lots("thief") == [(42, 1), (0, 0)]
    assert theft.strip()["lost"] == 0
    assert theft.origin_total() == 2


def test_run_without_hops_ends_with_the_same_amounts() -> None:
    told, silent = Theft(), Theft(hops=False)
    for theft in (told, silent):
        theft.balances[key("a")] = 5
        theft.steal(100)
        theft.apply(
            tx("out", ("thief", "a", X, 70)), tx("swap", ("a", "p", X, 9), ("p", "a", ETH, 3))
        )
        theft.apply(tx("burn", ("a", None, X, 20)))
    assert told.state.accounts.keys() == silent.state.accounts.keys()
    for k in told.state.accounts:
        assert told.lots(k.address, k.asset) == silent.lots(k.address, k.asset)
    assert silent.apply(tx("more", ("a", "b", X, 10))).hops == []
    assert all(lot.via is None for a in silent.state.accounts.values() for lot in a.lots)


def test_engine_follows_first_in_first_out_unless_told_otherwise() -> None:
    assert Theft().policy is FIFO
    assert FIFO.slug == "fifo"
