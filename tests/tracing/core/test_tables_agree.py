"""The kernels for tables and the engine for blocks are two programs for one page of rules."""

from random import Random

from hypothesis import given

from tests.tracing.core.networks import (
    EXCHANGE,
    PEOPLE,
    Network,
    make_network,
    randoms,
    tainted,
    thousand,
)
from tracing.core.flows.prepared import prepare
from tracing.core.flows.table import Flow
from tracing.core.flows.trace import KERNELS
from tracing.core.policies import CONSERVING, PolicyName, policy

BANK = "bank"  # gives everybody what they have at the beginning


def as_table(network: Network) -> list[Flow]:
    gifts = [(BANK, who, amount) for who, amount in network.opening.items() if who != "victim"]
    moves = [(move.frm, move.to, move.amount) for move in network.moves]
    return [
        Flow(line, None, line, "", frm, to, amount)
        for line, (frm, to, amount) in enumerate([*gifts, *moves])
    ]


@thousand
@given(randoms)
def test_tables_and_blocks_say_the_same_of_every_account(random: Random) -> None:
    """Of one theft: a table knows one kind of taint, whatever it was stolen by."""
    network = make_network(random, thefts=1, moves=12)
    table = prepare(as_table(network), {"victim"})
    for name in CONSERVING:
        theft = network.theft(policy(name))
        network.run(theft)
        outcome = KERNELS[name](table)
        told = dict(zip(table.addresses, outcome.tainted, strict=True))
        assert outcome.minted == theft.minted(), name
        expected = tainted(theft)
        for who in (*PEOPLE, EXCHANGE):
            assert told.get(who, 0) == expected.get(who, 0), (name, who)


@thousand
@given(randoms)
def test_tables_and_blocks_reach_the_same_accounts_with_poison(random: Random) -> None:
    network = make_network(random, thefts=1, moves=12)
    table = prepare(as_table(network), {"victim"})
    theft = network.theft(policy("poison"))
    network.run(theft)
    told = dict(zip(table.addresses, KERNELS[PolicyName.POISON](table).tainted, strict=True))
    expected = tainted(theft)
    assert {who for who in (*PEOPLE, EXCHANGE) if told.get(who)} == {
        who for who in (*PEOPLE, EXCHANGE) if expected.get(who)
    }
