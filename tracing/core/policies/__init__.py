"""Policies: which units leave an account when tainted and clean ones are mixed in it."""

from tracing.core.policies.base import Policy
from tracing.core.policies.by_taint import TaintFirst, TaintLast
from tracing.core.policies.fifo import Fifo
from tracing.core.policies.haircut import Haircut
from tracing.core.policies.lifo import Lifo
from tracing.core.policies.names import CONSERVING, TITLES, VERSIONS, PolicyName
from tracing.core.policies.poison import Poison

FIFO = Fifo()
POLICIES: dict[PolicyName, Policy] = {
    one.name: one for one in (Poison(), Haircut(), FIFO, Lifo(), TaintFirst(), TaintLast())
}


def policy(name: str) -> Policy:
    """The policy of a name.

    :raises ValueError: there is no policy of that name.
    """
    return POLICIES[PolicyName(name)]


__all__ = ["CONSERVING", "FIFO", "POLICIES", "TITLES", "VERSIONS", "Policy", "PolicyName", "policy"]
