"""Balances are in no digest: what was believed of them from too few must not outlive its block."""

from __future__ import annotations

import pytest

from tests.liars.chain import World
from tests.liars.forgeries import ForgedState
from tests.liars.test_watched import follow, press, room, scene
from tests.liars.wires import Down

__all__ = ["room", "scene"]  # fixtures


@pytest.mark.parametrize("is_lie", [True, False])
def test_balances_of_a_lone_operator_are_read_again_with_the_block(
    room: object, is_lie: bool
) -> None:
    """Forged ones have the block applied again; true ones let it rise as it is."""
    from django.db import transaction

    from tests.liars.room import Terms, Watch
    from tests.liars.truth import canonical, check_end
    from tracing.models import Block

    with transaction.atomic():
        watch = Watch(*room, World(5), Terms())  # type: ignore[misc]
        lone, *others = watch.operators
        for one in others:
            one.do(Down())
        if is_lie:
            lone.do(ForgedState())
        press(watch, 2.0)
        rows = canonical(watch)
        assert {row.standing for row in rows} == {"unverified"}
        assert any(row.beside for row in rows)
        assert bool(watch.served.lies["forged-state"]) == is_lie

        for one in others:
            one.stop()
        lone.stop()
        watch.world.mine(1)
        follow(watch, 20)
        rows = canonical(watch)
        assert {row.standing for row in rows} == {"verified"}
        assert not any(row.beside for row in rows)
        again = Block.objects.filter(chain=watch.chain, times_adopted__gt=1)
        assert again.exists() == is_lie
        try:
            check_end(watch, set())
        finally:
            watch.close()
            transaction.set_rollback(True)
