"""The range over policies is no bounds: the kept network where the bracket of one account fails.

a holds 10 units when 10 stolen ones reach it; b adds 5 clean ones; a gives 5 to b, then 15 to an
exchange. Taint first sends 5 stolen units away to b before the exchange is paid; taint last keeps
5 of them back at a. So both say 5 at the exchange, and every policy between them says more.
"""

from tests.tracing.core.networks import EXCHANGE, Move, Network, tainted
from tracing.core.policies import CONSERVING, policy

NETWORK = Network(
    {"victim": 10, "a": 10, "b": 10, EXCHANGE: 0},
    [
        Move("victim", "a", 10, "s0"),
        Move("b", "a", 5),
        Move("a", "b", 5),
        Move("a", EXCHANGE, 15),
    ],
)


def at(who: str) -> dict[str, int]:
    """What each policy says that somebody holds of the theft."""
    found = {}
    for name in CONSERVING:
        theft = NETWORK.theft(policy(name))
        NETWORK.run(theft)
        found[name.value] = tainted(theft).get(who, 0)
    return found


def test_bracket_of_a_single_account_fails_in_a_network() -> None:
    assert at(EXCHANGE) == {
        "taint-first": 5,
        "taint-last": 5,
        "haircut": 6,
        "fifo": 10,
        "lifo": 10,
    }


def test_bracket_holds_for_all_that_left_the_account() -> None:
    assert {name: 10 - amount for name, amount in at("a").items()} == {
        "taint-last": 5,
        "haircut": 8,
        "fifo": 10,
        "lifo": 10,
        "taint-first": 10,
    }
