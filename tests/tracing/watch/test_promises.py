"""Who always promises a block more than there is, and never gives it, stops nobody."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.liars.faults import Call, FakeBranch, RpcError
from tests.liars.server import Server

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = [pytest.mark.django_db]


class Promise(FakeBranch):
    """A head with a true hash of its own, of which nothing but the header is ever told."""

    slug = "promise"

    def __init__(self, error: RpcError | None) -> None:
        super().__init__(depth=0, more=1)
        self.error = error

    def result(self, call: Call, result: Any) -> Any:
        if call.method != "eth_getBlockByNumber" or call.params[0] == "latest":
            return result
        if int(call.params[0], 16) <= call.operator.world.head.number:
            return result
        if self.error is not None:
            raise self.error
        return None


@pytest.mark.parametrize("error", [None, RpcError(-32000, "internal error")])
def test_a_block_that_one_promises_and_does_not_give_ends_no_turn(
    cast: "Cast", server: Server, error: RpcError | None
) -> None:
    from tests.tracing.watch.crowd import gather

    crowd = gather(server, "abc", cast, quorum=2)
    crowd.follow()
    crowd.operators["c"].do(Promise(error))
    for _ in range(4):
        for _ in range(3):
            crowd.hurry()
            crowd.watcher.step(crowd.source)  # an error here would end the watcher's turn
        crowd.world.mine()
    crowd.hurry()
    crowd.follow_until(crowd.is_verified)
    crowd.check()


def test_a_block_that_two_promise_and_do_not_give_is_an_error(cast: "Cast", server: Server) -> None:
    from tests.tracing.watch.crowd import gather
    from tracing.chains.errors import ChainError

    crowd = gather(server, "abc", cast, quorum=2)
    crowd.follow()
    for name in "bc":
        crowd.operators[name].do(Promise(None))
    crowd.hurry()
    with pytest.raises(ChainError):
        crowd.watcher.step(crowd.source)
