"""From the list of transfers alone: an account's number again, and what was tampered with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from random import Random
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracing.core.ledger import Theft, key
from tests.tracing.core.random_ledgers import make_ledger
from tests.tracing.core.test_engine_invariants import randoms
from tracing.core import provenance
from tracing.core.policies import CONSERVING, PolicyName, policy
from tracing.core.provenance import SEED, UNEXPLAINED, Amounts, Line, ListRefused, TooLong
from tracing.core.state import TraceState
from tracing.core.types import AccountKey, BlockEffects

many = settings(max_examples=200, deadline=None)
few = settings(max_examples=60, deadline=None)


class InMemory:
    """core.provenance.Hops over the hops that the engine gave."""

    def __init__(self, effects: list[BlockEffects]) -> None:
        hops = [hop for effect in effects for hop in effect.hops]
        self.lines = [provenance.line_of(hop, order) for order, hop in enumerate(hops)]

    def named(self, keys: Collection[str]) -> list[Line]:
        return [line for line in self.lines if line.key in keys]

    def after(self, keys: Collection[str], frm: AccountKey) -> list[Line]:
        return [line for line in self.lines if line.prev in keys and line.frm == frm]

    def into(self, to: AccountKey, seeds: Collection[str]) -> list[Line]:
        return [line for line in self.lines if line.to == to and line.origin.seed in seeds]

    def out_of(self, frm: AccountKey, seeds: Collection[str]) -> list[Line]:
        return [line for line in self.lines if line.frm == frm and line.origin.seed in seeds]


class Followed(Protocol):
    """Whatever has a state."""

    @property
    def state(self) -> TraceState: ...


def holding(theft: Followed) -> dict[AccountKey, Amounts]:
    """What the engine says of every account that has stolen value."""
    found = {}
    for account, state in theft.state.accounts.items():
        lots = [lot for lot in (*state.lots, *state.dust) if lot.origin]
        origins: dict[str, int] = {}
        for lot in lots:
            if lot.origin and lot.origin.amount:
                origins[lot.origin.asset] = origins.get(lot.origin.asset, 0) + lot.origin.amount
        if lots:
            found[account] = Amounts(sum(lot.amount for lot in lots), origins)
    return found


def listed(
    theft: Followed, hops: InMemory, account: AccountKey, *, pooled: bool = False, most: int = 9999
) -> list[Line]:
    state = theft.state.accounts[account]
    lots = [lot for lot in (*state.lots, *state.dust) if lot.origin]
    return provenance.gather(
        hops,
        account,
        holding(theft)[account],
        vias={lot.via or "" for lot in lots},
        seeds={lot.origin.seed for lot in lots if lot.origin},
        pooled=pooled,
        most=most,
    )


def fled() -> tuple[Theft, InMemory]:
    """A theft that splits, meets clean money and comes together again."""
    from tests.tracing.core.ledger import X, tx

    theft = Theft(balances={key("b"): 5})
    effects = [theft.steal(100), theft.steal(40)]
    effects.append(theft.apply(tx("t1", ("thief", "a", X, 60)), tx("t2", ("thief", "b", X, 70))))
    effects.append(theft.apply(tx("t3", ("a", "b", X, 25)), tx("t4", ("b", "c", X, 80))))
    return theft, InMemory(effects)


@many
@given(randoms, st.booleans())
def test_every_number_of_every_ledger_comes_from_its_list(random: Random, pooled: bool) -> None:
    ledger = make_ledger(random)
    theft = ledger.theft()
    hops = InMemory(ledger.run(theft))
    for account, amounts in holding(theft).items():
        lines = listed(theft, hops, account, pooled=pooled)
        assert provenance.replay(lines, account) == amounts


@pytest.mark.parametrize("name", CONSERVING)
@few
@given(randoms)
def test_every_conserving_policy_has_its_list(name: PolicyName, random: Random) -> None:
    ledger = make_ledger(random)
    theft = ledger.theft()
    theft.policy = policy(name)
    hops = InMemory(ledger.run(theft))
    for account, amounts in holding(theft).items():
        lines = listed(theft, hops, account, pooled=name is PolicyName.HAIRCUT)
        assert provenance.replay(lines, account) == amounts


@many
@given(randoms, st.booleans())
def test_plain_transfers_leave_nothing_unexplained(random: Random, pooled: bool) -> None:
    ledger = make_ledger(random, plain=True)
    theft = ledger.theft()
    hops = InMemory(ledger.run(theft))
    for account in holding(theft):
        lines = listed(theft, hops, account, pooled=pooled)
        assert UNEXPLAINED not in {line.kind for line in lines}


@many
@given(randoms)
def test_fifo_backwards_equals_forwards(random: Random) -> None:
    """Every lot goes back to the seed that it is of, and the lots of a seed to all of it."""
    ledger = make_ledger(random, plain=True)
    theft = ledger.theft()
    hops = InMemory(ledger.run(theft))
    found: dict[str, int] = {}
    for state in theft.state.accounts.values():
        for lot in (*state.lots, *state.dust):
            if lot.origin is None:
                continue
            way = provenance.back(hops.lines, lot.via or "")
            assert (way[0].kind, way[0].origin.seed) == (SEED, lot.origin.seed)
            assert [line.depth for line in way] == list(range(len(way)))
            assert min(line.origin.amount for line in way) >= lot.origin.amount
            found[lot.origin.seed] = found.get(lot.origin.seed, 0) + lot.origin.amount
    assert found == {seed.key: seed.amount for seed in theft.seeds}


def test_the_list_is_the_way_and_nothing_else() -> None:
    theft, hops = fled()
    lines = listed(theft, hops, key("c"))
    told = [(x.kind, x.frm and x.frm.address, x.to and x.to.address, x.amount_in) for x in lines]
    # c got b's oldest 80: 5 clean, 40 + 30 of t2, 5 of t3.
    assert told == [
        ("seed", None, "thief", 100),
        ("seed", None, "thief", 40),
        ("transfer", "thief", "a", 60),
        ("transfer", "thief", "b", 40),
        ("transfer", "thief", "b", 30),
        ("transfer", "a", "b", 25),
        ("transfer", "b", "c", 40),
        ("transfer", "b", "c", 30),
        ("transfer", "b", "c", 5),
    ]
    assert provenance.replay(lines, key("c")).units == 75


def test_what_left_the_account_again_is_in_its_list() -> None:
    theft, hops = fled()
    lines = listed(theft, hops, key("b"))
    assert provenance.replay(lines, key("b")) == holding(theft)[key("b")]
    assert [line.amount_out for line in lines if line.frm == key("b")] == [5]


def test_a_list_that_is_too_long_is_refused() -> None:
    theft, hops = fled()
    with pytest.raises(TooLong, match="more than 3 lines"):
        listed(theft, hops, key("c"), most=3)


@pytest.mark.parametrize("at", range(9))
def test_a_line_less_is_noticed(at: int) -> None:
    theft, hops = fled()
    lines = listed(theft, hops, key("c"))
    assert told(lines) == holding(theft)[key("c")]
    assert told([*lines[:at], *lines[at + 1 :]]) != holding(theft)[key("c")]


def told(lines: list[Line]) -> Amounts | str:
    """What the list gives, or why it does not."""
    try:
        return provenance.replay(lines, key("c"))
    except ListRefused as error:
        return str(error)


@pytest.mark.parametrize(
    ("at", "change", "reason"),
    [
        (2, {"amount_out": 61}, "changes an amount"),
        (3, {"amount_out": 101, "amount_in": 101}, "more than had come"),
        (4, {"kind": "gift"}, "unknown kind"),
        (5, {"prev": "nowhere"}, "missing"),
        (5, {"frm": key("d")}, "does not begin where"),
        (6, {"order": 0}, "out of order"),
        (6, {"amount_in": -1}, "negative"),
        (6, {"frm": None}, "does not say"),
    ],
)
def test_a_changed_line_is_named(at: int, change: dict[str, object], reason: str) -> None:
    theft, hops = fled()
    lines = listed(theft, hops, key("c"))
    lines[at] = replace(lines[at], **change)  # type: ignore[arg-type]
    assert reason in str(told(lines))
    assert f"ine {at + 1}" in str(told(lines))
