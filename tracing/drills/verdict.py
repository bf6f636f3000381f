"""What a drill came to: figures, and whether they equal the oracle's and the invariants hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from incidents.access import SYSTEM
from incidents.models import Incident
from incidents.ports import money
from incidents.services import figures as room_figures
from incidents.services import ledger
from tracing.drills.oracle import expected
from tracing.services import figures, replay

STRIP = ("stolen", "at_large", "held", "frozen", "recovered", "lost")


def assets_of(incident: Incident) -> dict[str, dict[str, str]]:
    """The money strip per stolen asset, in base units as strings."""
    return {
        strip.asset: {name: str(getattr(strip, name)) for name in STRIP}
        for strip in money().strips(incident, SYSTEM)
    }


# What only a play to the end can be held to.
OF_THE_WHOLE = ("equals_oracle", "no_bucket_empty")


def judge(
    scenario: Mapping[str, Any], incident: Incident, caip2: str, *, is_whole: bool = True
) -> dict[str, Any]:
    """The figures of a played drill and ``ok``. Reads the chain once more for the replay."""
    assets = assets_of(incident)
    wanted = expected(scenario)
    checks = {
        "equals_oracle": assets == wanted,
        "adds_up": all(_adds_up(strip) for strip in assets.values()),
        "no_bucket_empty": all(int(strip[name]) > 0 for strip in assets.values() for name in STRIP),
        "ledger_verifies": not list(ledger.verify(incident)),
        "every_policy_adds_up": figures.unbalanced(incident) == [],
        "replay_equals_rows": replay.differences(incident, caip2) == [],
        "nothing_left_over": figures.left_over(incident) == 0,
        "nothing_hidden_is_shown": room_figures.leaks(incident) == 0,
    }
    if not is_whole:
        checks = {name: held for name, held in checks.items() if name not in OF_THE_WHOLE}
    return {
        **figures.of_chain(incident, caip2),
        **room_figures.of_room(incident),
        "assets": assets,
        "expected": wanted,
        "checks": checks,
        "ok": all(checks.values()),
    }


def _adds_up(strip: Mapping[str, str]) -> bool:
    return int(strip["stolen"]) == sum(int(strip[name]) for name in STRIP[1:])
