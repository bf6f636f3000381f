"""What must hold on every ledger: value adds up, queues equal balances, undoing undoes."""

import json
from collections import deque
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracing.core.ledger import CHAIN, Theft, X, key
from tests.tracing.core.networks import randoms
from tests.tracing.core.random_ledgers import PEOPLE, make_ledger
from tracing.core.buckets import PARTITION, strip
from tracing.core.pieces import Piece, settle_empty
from tracing.core.policies import CONSERVING, Policy, policy
from tracing.core.reach import reach
from tracing.core.state import TraceState
from tracing.core.types import AccountKind, HopKind, MovementKind, Origin

many = settings(max_examples=200, deadline=None)


def any_policy(random: Random) -> Policy:
    return policy(random.choice(CONSERVING))


Units = list[str | None]  # one entry per base unit: the seed it was stolen by


def units(theft: Theft, address: str, asset: str = X) -> Units:
    account = theft.state.get(key(address, asset))
    found: Units = []
    for lot in account.lots if account is not None else ():
        found += [lot.origin and lot.origin.seed] * lot.amount
    return found


@many
@given(randoms)
def test_fifo_equals_a_ledger_of_single_units(random: Random) -> None:
    """The oracle keeps every account's every unit from the beginning: no openings, no lots."""
    ledger = make_ledger(random, plain=True)
    theft = ledger.theft()
    ledger.run(theft)
    queues: dict[tuple[str, str], deque[str | None]] = {
        (k.address, k.asset): deque([None] * (amount or 0))
        for k, amount in ledger.balances[0].items()
    }
    seeds = {seed.tx: seed.key for seed in ledger.seeds}
    for block in ledger.blocks:
        for one in block.transactions:
            for m in one.movements:
                if m.frm == m.to:
                    continue  # moves nothing
                queue = queues.setdefault((str(m.frm), m.asset), deque())
                moved = [queue.popleft() for _ in range(m.amount)]
                if m.kind is not MovementKind.FEE:
                    stolen = seeds.get(one.tx)
                    target = queues.setdefault((str(m.to), m.asset), deque())
                    target.extend([stolen] * m.amount if stolen else moved)
    for person in PEOPLE:
        account = theft.state.get(key(person))
        if account is not None:
            assert units(theft, person) == list(queues[person, X])
            assert not account.incomplete
        else:
            assert set(queues[person, X]) <= {None}


@many
@given(randoms)
def test_origin_is_conserved_exactly_by_seed(random: Random) -> None:
    ledger = make_ledger(random)
    theft = ledger.theft({X: random.randrange(1, 6)})
    theft.policy = any_policy(random)
    for at in range(len(ledger.blocks)):
        ledger.run(theft, at, at + 1)
        totals: dict[str, int] = {}
        for account in theft.state.accounts.values():
            for lot in (*account.lots, *account.dust):
                if lot.origin is not None:
                    totals[lot.origin.seed] = totals.get(lot.origin.seed, 0) + lot.origin.amount
                    assert lot.origin.amount >= 0
        names = {tx.tx for block in ledger.blocks[: at + 1] for tx in block.transactions}
        assert totals == {s.key: s.amount for s in ledger.seeds if s.tx in names}
        strips = strip(theft.state.accounts, theft.kinds, frozenset(), {key("exchange"): 3})
        assert sum(strips.get(X, {}).get(b, 0) for b in PARTITION) == sum(totals.values())


@many
@given(randoms)
def test_queue_of_every_followed_account_equals_its_balance(random: Random) -> None:
    ledger = make_ledger(random)
    theft = ledger.theft()
    theft.policy = any_policy(random)
    ledger.run(theft)
    for k, account in theft.state.accounts.items():
        if account.kind is AccountKind.FOLLOWED and not account.debt and account.lots:
            assert sum(lot.amount for lot in account.lots) == ledger.final[k]
            assert not account.incomplete


@many
@given(randoms)
def test_reach_names_every_account_that_opens(random: Random) -> None:
    ledger = make_ledger(random)
    theft = ledger.theft()
    theft.policy = any_policy(random)
    for at, block in enumerate(ledger.blocks):
        known = set(theft.state.accounts)
        named = reach(theft.state, block, theft.seeds, theft.kinds, theft.assets)
        (effects,) = ledger.run(theft, at, at + 1)
        assert set(effects.opened) <= named
        followed = {k for k in known if theft.state.accounts[k].kind is AccountKind.FOLLOWED}
        assert {k for k in named & followed if k.asset not in theft.assets} == set()


@many
@given(randoms)
def test_rolling_back_equals_never_having_applied(random: Random) -> None:
    ledger = make_ledger(random)
    theft, keep = ledger.theft(), random.randrange(len(ledger.blocks))
    theft.policy = any_policy(random)
    effects = ledger.run(theft)
    after = theft.state.to_rows()
    for effect in reversed(effects[keep:]):
        theft.state.restore(effect.before)
    fresh = ledger.theft()
    fresh.policy = theft.policy
    ledger.run(fresh, 0, keep)
    assert theft.state.to_rows() == fresh.state.to_rows()
    assert theft.state.followed(CHAIN) == fresh.state.followed(CHAIN)
    ledger.run(theft, keep)
    assert theft.state.to_rows() == after


@many
@given(randoms)
def test_state_read_back_from_json_goes_on_the_same(random: Random) -> None:
    ledger = make_ledger(random)
    straight, stored = ledger.theft(), ledger.theft()
    straight.policy = stored.policy = any_policy(random)
    hops = [hop for effect in ledger.run(straight) for hop in effect.hops]
    again = []
    for at in range(len(ledger.blocks)):
        (effect,) = ledger.run(stored, at, at + 1)
        again += effect.hops
        rows = stored.state.to_rows()
        stored.state = TraceState.from_rows(
            {k: json.loads(json.dumps(row)) for k, row in rows.items()}
        )
        assert stored.state.to_rows() == rows
    assert again == hops
    assert stored.state.to_rows() == straight.state.to_rows()


@many
@given(randoms)
def test_hops_form_paths_from_seeds(random: Random) -> None:
    ledger = make_ledger(random)
    theft = ledger.theft()
    theft.policy = any_policy(random)
    hops = [hop for effect in ledger.run(theft) for hop in effect.hops]
    by_key = {hop.key: hop for hop in hops}
    assert len(by_key) == len(hops)
    for hop in hops:
        if hop.kind is HopKind.SEED:
            assert (hop.prev, hop.depth, hop.frm) == (None, 0, None)
        else:
            before = by_key[str(hop.prev)]
            assert hop.depth == before.depth + 1
            assert hop.origin.seed == before.origin.seed
            assert before.kind is HopKind.REPAY or hop.frm == before.to


pieces = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([None, "s", "r"]), st.integers(0, 5)), max_size=8
)


@given(pieces)
def test_settling_empty_pieces_loses_neither_units_nor_origin(
    rows: list[tuple[int, str | None, int]],
) -> None:
    given_pieces = [Piece(n, seed and Origin(seed, X, o)) for n, seed, o in rows]
    before = {s: sum(o for _, seed, o in rows if seed == s) for s in ("s", "r")}
    settled = settle_empty(given_pieces)
    after = dict.fromkeys(("s", "r"), 0)
    for piece in settled:
        if piece.origin is not None:
            after[piece.origin.seed] += piece.origin.amount
    assert after == before
    assert sum(piece.amount for piece in settled) == sum(n for n, _, _ in rows)
