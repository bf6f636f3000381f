"""What the watcher does with each fault: nothing false is vouched for, and honest nodes suffice.

Every test has three acts. The twin: a node tells the truth, and together with another it makes a
quorum. The lie: the same node is at fault, the third one is down, and there is no quorum for what
it says. The return: the third node is back, the fault goes on, and the truth is verified.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.liars.chain import World
from tests.liars.faults import (
    FakeBranch,
    Fault,
    FrozenHead,
    HonestUntil,
    MixedForks,
    StaleHead,
    TwoFaced,
    WrongChainId,
)
from tests.liars.forgeries import FORGERIES, TRACE_LIES, ForgedState, forgery
from tests.liars.server import WATCHER, Server
from tests.liars.wires import (
    Down,
    ErrorAsSuccess,
    HugeBody,
    InvalidJson,
    LaggingIndex,
    LimitExceeded,
    SlowBytes,
    TooManyRequests,
)

if TYPE_CHECKING:
    from incidents.models import Incident
    from tests.liars.room import Terms, Watch

Make = Callable[[World], Fault]
Scene = Callable[..., "Watch"]


@pytest.fixture(scope="module")
def room(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Server, Incident]]:
    """One room for this module: every test rolls back to it."""
    from tests import truncation
    from tests.liars.room import in_a_hurry, open_room

    server = Server()
    with django_db_blocker.unblock(), in_a_hurry():
        yield server, open_room(server)
        truncation.empty_database()
    server.close()


@pytest.fixture
def scene(room: tuple[Server, Incident]) -> Iterator[Scene]:
    """A function that has three nodes, two of which must agree, watched up to the theft."""
    from django.db import transaction

    from tests.liars.room import Terms, Watch

    watches: list[Watch] = []

    def begin(terms: Terms | None = None, seed: int = 5) -> Watch:
        watch = Watch(*room, World(seed), terms or Terms())
        watches.append(watch)
        follow(watch)
        return watch

    with transaction.atomic():
        yield begin
        for watch in watches:
            watch.close()
        transaction.set_rollback(True)


def follow(watch: Watch, seconds: float = 8.0) -> None:
    """Until the truth is applied and verified."""
    from tests.liars.truth import check_rest

    until = time.monotonic() + seconds
    while True:
        worked = watch.step()
        try:
            return check_rest(watch, set())
        except AssertionError:
            if time.monotonic() > until:
                raise
        if not worked:
            time.sleep(0.01)


def press(watch: Watch, seconds: float = 0.3) -> None:
    """The watcher tries for a while, whatever comes of it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not watch.step():
            time.sleep(0.01)


def standing_of(watch: Watch, number: int) -> tuple[str, str] | None:
    """Hash and standing of what is applied at a height."""
    from tests.liars.truth import canonical

    return next(
        ((row.hash, row.standing) for row in canonical(watch) if row.number == number), None
    )


# Kinds of contradiction for which a node is out; "" where an honest node could be so too.
_OUT = {
    "forged-receipt": "receipts-root",
    "forged-status": "receipts-root",
    "forged-fee": "contents",
    "missing-log": "receipts-root",
    "extra-log": "receipts-root",
    "forged-from": "sender",
    "forged-value": "transaction-hash",
    "hidden-transaction": "transactions-root",
    "forged-withdrawal": "withdrawals-root",
    "forged-time": "header-hash",
    "forged-parent": "header-hash",
    "wrong-chain-id": "wrong-chain",
}


def _of(slug: str) -> Make:
    return lambda world: forgery(slug)


FAULTS: dict[str, Make] = {
    **{slug: _of(slug) for slug in FORGERIES},
    "stale-head": lambda world: StaleHead(2),
    "frozen-head": lambda world: FrozenHead(),
    "fake-branch": lambda world: FakeBranch(2, 3),
    "wrong-chain-id": lambda world: WrongChainId(),
    "forged-state": lambda world: ForgedState(),
    "mixed-forks": lambda world: MixedForks(world.sprout(world.head.line[-3], 4, "other")),
    "two-faced": lambda world: TwoFaced(FakeBranch(2, 3), WATCHER),
    "honest-until": lambda world: HonestUntil(world.head.number, FakeBranch(2, 3)),
    "down": lambda world: Down(),
    "slow-bytes": lambda world: SlowBytes(0.01),
    "huge-body": lambda world: HugeBody(),
    "invalid-json": lambda world: InvalidJson(),
    "error-as-success": lambda world: ErrorAsSuccess(),
    "http-429": lambda world: TooManyRequests(),
    "rpc-limit": lambda world: LimitExceeded(),
    "lagging-index": lambda world: LaggingIndex(),
    "lagging-null": lambda world: LaggingIndex(nothing=True),
}


@pytest.mark.parametrize("slug", sorted(FAULTS))
def test_a_fault_is_not_vouched_for_and_honest_nodes_suffice(scene: Scene, slug: str) -> None:
    from tests.liars.truth import check_always, check_end
    from tracing.models import Quarantine

    watch = scene()
    world, (liar, _, third) = watch.world, watch.operators
    final: dict[int, str] = {}
    third.do(Down())
    world.mine_rich()
    follow(watch)  # the twin
    assert set(_operators(watch)) == {"op0", "op1"}

    fault = FAULTS[slug](world)
    liar.do(fault)
    world.mine_rich()
    world.mine(1)
    watch.restart()
    press(watch)
    check_always(watch, final, {"op0"})
    told = standing_of(watch, world.head.number - 1)
    if slug in TRACE_LIES:  # all the rest was true, and is vouched for
        assert told == (world.head.line[-2].name, "logs")
    elif slug not in ("forged-state", "mixed-forks"):  # the one is no view of a block, the other
        assert told is None or told[1] == "unverified"  # may be the truth when it is asked
    assert watch.served.lies[fault.slug] > 0 or slug == "forged-state"

    third.stop()
    follow(watch)
    press(watch, 0.15)
    check_always(watch, final, {"op0"})
    liar.stop()  # it could lie to whoever checks, too
    check_end(watch, set())
    out = list(Quarantine.objects.values_list("endpoint__operator", "kind"))
    if _OUT.get(slug) != "contents" or out:  # found out only when it is asked for the whole block
        assert out == ([("op0", _OUT[slug])] if slug in _OUT else [])


def _operators(watch: Watch) -> list[str]:
    from tests.liars.truth import canonical

    return list(canonical(watch)[-1].operators)
