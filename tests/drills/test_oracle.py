"""The oracle on small scripts whose outcome can be worked out by hand, and on the whole drill."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tracing.drills import kelpdao, oracle

RS = "eip155:31337/erc20:0xrs"


def script(*steps: dict[str, Any], acts: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """One block per step; accounts a to d are nobody known, the others are labelled."""
    accounts: dict[str, Any] = {name: {"address": f"0x{name}"} for name in ("lock", *"abcdg")}
    for label in ("service", "mixer", "return", "custody", "pool", "crossing"):
        accounts[label] = {"address": f"0x{label}", "label": label}
    accounts["receipt"] = {"address": "0xreceipt", "label": "pool", "issues": ["aRS"]}
    loan = {"lender": "l", "decimals": 0}
    assets = {
        "ETH": {"asset": "eth", "decimals": 0, "role": "plain"},
        "RS": {"asset": RS, "decimals": 0, "role": "plain", "threshold": "5"},
        "WE": {"asset": "we", "decimals": 0, "role": "plain"},
        "aRS": {"asset": "ars", "role": "receipt", "underlying": "RS", **loan},
        "dWE": {"asset": "dwe", "role": "debt", "underlying": "WE", **loan},
    }
    start = [
        {"kind": "mint", "by": "g", "asset": "RS", "to": "lock", "amount": "1000"},
        {"kind": "mint", "by": "g", "asset": "WE", "to": "pool", "amount": "9000"},
    ]
    theft = move("lock", "a", 100, kind="release", seed="s")
    blocks = [{"n": n, "steps": [step]} for n, step in enumerate([*start, theft, *steps], 1)]
    genesis = {"balances": dict.fromkeys("abcdg", "50")}
    return {
        "genesis": genesis, "accounts": accounts, "assets": assets, "blocks": blocks,
        "acts": acts or [],
    }  # fmt: skip


def move(frm: str, to: str, amount: int, asset: str = "RS", **more: Any) -> dict[str, Any]:
    step = {"id": "s", "kind": "transfer", "from": frm, "to": to, "asset": asset}
    return {**step, "amount": str(amount), **more}


def swap(who: str, sell: str, sold: int, buy: str, bought: int, **more: Any) -> dict[str, Any]:
    step = move(who, "pool", sold, sell, kind="swap")
    return {**step, "buys": buy, "bought": str(bought), **more}


def strip(**buckets: int) -> dict[str, dict[str, str]]:
    zero = dict.fromkeys(("at_large", "held", "frozen", "recovered", "lost"), 0)
    whole = {"stolen": 100, **zero, **buckets}
    return {RS: {name: str(amount) for name, amount in whole.items()}}


def test_untouched_theft_is_at_large() -> None:
    assert oracle.expected(script()) == strip(at_large=100)


def test_clean_value_that_was_there_first_is_spent_first() -> None:
    funded = script({"kind": "mint", "by": "g", "asset": "RS", "to": "b", "amount": "40"})
    funded["blocks"][-1]["steps"].append(move("a", "b", 100))
    funded["blocks"].append({"n": 5, "steps": [move("b", "mixer", 60, kind="mix")]})
    assert oracle.expected(funded) == strip(at_large=80, lost=20)


@pytest.mark.parametrize(
    ("sink", "bucket"),
    [
        ("return", "recovered"),
        ("custody", "frozen"),
        ("mixer", "lost"),
        ("service", "at_large"),
        ("crossing", "at_large"),
    ],
)
def test_sinks_decide_the_bucket(sink: str, bucket: str) -> None:
    result = oracle.expected(script(move("a", sink, 30)))
    rest = {"at_large": 100} if bucket == "at_large" else {"at_large": 70, bucket: 30}
    assert result == strip(**rest)


def test_return_counts_only_once_the_address_was_accepted() -> None:
    early = script(move("a", "return", 30))
    early["accounts"]["return"]["label_after"] = 4
    late = script(move("b", "c", 0, "ETH"), move("a", "return", 30))
    late["accounts"]["return"]["label_after"] = 4
    assert oracle.expected(late) == strip(at_large=70, recovered=30)
    assert oracle.expected(early) == strip(at_large=100)


def test_issuers_freeze_counts_until_it_is_lifted() -> None:
    freeze = {"kind": "freeze", "by": "g", "asset": "RS", "account": "b"}
    lifted = {**freeze, "kind": "unfreeze"}
    assert oracle.expected(script(move("a", "b", 30), freeze)) == strip(at_large=70, frozen=30)
    assert oracle.expected(script(move("a", "b", 30), freeze, lifted)) == strip(at_large=100)


def test_held_covers_its_amount_and_a_sweep_changes_nothing() -> None:
    act = {"act": "answer_freeze", "target": ["service", "RS"], "answer": "held", "amount": "25"}
    steps = (move("a", "service", 30), move("service", "g", 30))
    assert oracle.expected(script(*steps, acts=[act])) == strip(at_large=75, held=25)
    declined = {**act, "answer": "declined"}
    assert oracle.expected(script(*steps, acts=[declined])) == strip(at_large=100)


def test_swap_keeps_the_origin_whatever_the_rate() -> None:
    there = swap("a", "RS", 30, "WE", 7)
    away = move("a", "mixer", 7, "WE", kind="mix")
    assert oracle.expected(script(there, away)) == strip(at_large=70, lost=30)


def test_splitting_rounds_down_and_the_rest_keeps_the_remainder() -> None:
    there = swap("a", "RS", 100, "WE", 7)
    away = move("a", "mixer", 2, "WE", kind="mix")
    assert oracle.expected(script(there, away)) == strip(at_large=72, lost=28)  # 100 * 2 // 7


def test_fee_of_a_tainted_sender_is_lost_and_paid_before_the_amount() -> None:
    native = swap("a", "RS", 100, "ETH", 100)
    steps = (
        move("g", "pool", 50, "ETH"),
        {"kind": "mint", "asset": "ETH", "to": "pool", "amount": "90"},
    )
    send = move("a", "b", 60, "ETH", fee="54")  # 50 clean and 4 tainted go to the fee
    assert oracle.expected(script(*steps, native, send)) == strip(at_large=96, lost=4)


def test_failed_transaction_pays_its_fee_and_nothing_else() -> None:
    failed = move("a", "mixer", 30, kind="mix", reverts=True)
    assert oracle.expected(script(failed)) == strip(at_large=100)


def loan(price: int = 2) -> list[dict[str, Any]]:
    """a supplies all 100 (value 200) and borrows 120 WE (value 120)."""
    return [
        {"kind": "set_price", "asset": "RS", "price": str(price)},
        {"kind": "set_price", "asset": "WE", "price": "1"},
        {"kind": "mint", "asset": "WE", "to": "receipt", "amount": "500"},
        {**swap("a", "RS", 100, "aRS", 100), "kind": "supply", "to": "receipt"},
        {"kind": "borrow", "by": "a", "from": "receipt", "to": "a", "asset": "WE", "amount": "120",
         "debt": "dWE"},
    ]  # fmt: skip


def test_loan_moves_origin_in_proportion_to_value() -> None:
    away = move("a", "mixer", 120, "WE", kind="mix")
    assert oracle.expected(script(*loan(), away)) == strip(at_large=40, lost=60)


def test_second_loan_takes_from_what_the_first_left() -> None:
    more = {**loan()[-1], "amount": "40"}  # 40 of the remaining 80: half of the origin left (40)
    away = move("a", "mixer", 160, "WE", kind="mix")
    assert oracle.expected(script(*loan(), more, away)) == strip(at_large=20, lost=80)


def test_repayment_brings_origin_back_to_the_receipts() -> None:
    repay = {**move("a", "receipt", 60, "WE", kind="repay"), "debtor": "a", "debt": "dWE"}
    seize = {**swap("a", "aRS", 100, "RS", 100), "kind": "withdraw", "to": "receipt"}
    away = move("a", "return", 100)
    result = oracle.expected(script(*loan(), repay, seize, away))
    assert result == strip(at_large=30, recovered=70)


def test_liquidation_sends_the_collateral_where_the_vote_said() -> None:
    funds = {"kind": "mint", "asset": "WE", "to": "g", "amount": "120"}
    step = {
        "kind": "liquidate", "from": "g", "to": "receipt", "asset": "WE", "amount": "120",
        "debtor": "a", "debt": "dWE", "collateral": "aRS", "seized": "100", "reserve": "receipt",
        "pays": "RS", "beneficiary": "return",
    }  # fmt: skip
    assert oracle.expected(script(*loan(), funds, step)) == strip(at_large=60, recovered=40)


def test_below_the_threshold_value_is_booked_but_not_followed() -> None:
    steps = (move("a", "b", 4), move("b", "mixer", 4, kind="mix"))
    assert oracle.expected(script(*steps)) == strip(at_large=100)
    steps = (move("a", "b", 5), move("b", "mixer", 5, kind="mix"))
    assert oracle.expected(script(*steps)) == strip(at_large=95, lost=5)


def test_pieces_below_the_threshold_add_up_at_their_account() -> None:
    steps = (move("a", "b", 4), move("a", "b", 4), move("b", "mixer", 8, kind="mix"))
    # the first four stay booked as dust, and are spent first, as clean units
    assert oracle.expected(script(*steps)) == strip(at_large=96, lost=4)


def test_spending_more_than_there_is_refuses_the_script() -> None:
    with pytest.raises(oracle.ScenarioError, match="should pay 101"):
        oracle.expected(script(move("a", "b", 101)))


def test_whole_drill_fills_every_bucket_and_adds_up() -> None:
    scenario = json.loads(kelpdao.FILE.read_text(encoding="utf-8"))
    ((asset, sums),) = oracle.expected(scenario).items()
    assert asset == scenario["assets"]["rsETH"]["asset"]
    assert sums["stolen"] == str(116_500 * 10**18)
    parts = {name: int(amount) for name, amount in sums.items() if name != "stolen"}
    assert min(parts.values()) > 0
    assert sum(parts.values()) == int(sums["stolen"])


def test_oracle_shares_nothing_with_what_it_judges() -> None:
    source = (kelpdao.FILE.parent / "oracle.py").read_text(encoding="utf-8")
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert not [line for line in imports if "tracing" in line]
