"""Everything that one play of a drill needs, put together."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from incidents.services import figures as room_figures
from incidents.services import sessions
from tracing.drills.acts import Cast
from tracing.drills.fingerprint import Fingerprint, fingerprint
from tracing.drills.forks import with_forks
from tracing.drills.live import LiveRoom
from tracing.drills.player import Pace, Player
from tracing.drills.probe import Probe, percentile
from tracing.drills.stage import Stage, set_stage
from tracing.drills.told import wait as wait_until_told
from tracing.drills.verdict import judge as judge_play
from tracing.watch import outages, settled

FOLDER = Path(__file__).parent
FULL_SPEED_LEAD = 3


def slugs() -> list[str]:
    """The drills that there are: one JSON file each."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def scenario_of(slug: str) -> dict[str, Any]:
    """A drill's scenario as its file has it."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{slug}.json").read_text(encoding="utf-8"))
    return loaded


def play(
    slug: str,
    node_url: str,
    *,
    site_url: str,
    pace: Pace | None,
    journal: Path | None,
    judge: bool,
    until: int | None = None,
    rows: Path | None = None,
    forks: int = 0,
) -> dict[str, Any]:
    """Play to the end; with ``judge``, hold a socket open and return the verdict.

    ``until`` ends the play after that block: then the oracle, who knows the whole, is not asked.
    ``rows`` names a file that gets the fingerprint of what the play left in the database, ``forks``
    says how many more forks there are than the scenario has.

    :raises OutOfStepError: node and journal do not belong together.
    """
    scenario = with_forks(scenario_of(slug), forks, forks) if forks else scenario_of(slug)
    stage = set_stage(scenario, node_url)
    player = Player(scenario, node_url, pace=pace, journal=journal, until=until)
    cast = Cast(stage, lambda: player.progress.seeds)
    probe = None
    if judge:
        listener = stage.people[scenario["acts"][0]["by"]]
        probe = Probe(site_url, cast.slug, sessions.cookie_for(listener))
    room = LiveRoom(stage, cast, probe, lead=None if pace else FULL_SPEED_LEAD)
    player.hooks = room
    began = time.monotonic()
    progress = player.play()
    room.wait_applied(progress.head, progress.head_hash)
    seconds = time.monotonic() - began
    if not judge or probe is None:
        return {}
    told = wait_until_told(cast.incident, listener, probe)
    probe.stop()
    verdict, left = outages.endure(lambda: _look(stage, cast, is_whole=until is None))
    if rows is not None:
        rows.write_text(json.dumps(left), encoding="utf-8")
    drafts = room_figures.drafted(cast.incident)
    checks = verdict["checks"] | {"everybody_was_told": not any(told.values())}
    return verdict | {
        "checks": checks,
        "ok": all(checks.values()),
        "untold": told,
        "alert_latency_ms": {
            "p50": round(percentile(probe.latencies_ms, 0.50), 1),
            "p95": round(percentile(probe.latencies_ms, 0.95), 1),
            "count": len(probe.latencies_ms),
            "recorded_p50": round(percentile(probe.recorded_ms, 0.50), 1),
            "recorded_p95": round(percentile(probe.recorded_ms, 0.95), 1),
        },
        "freeze_draft_ms": _told(
            [
                (one.at.timestamp() - probe.served[one.block_hash]) * 1000
                for one in drafts
                if one.block_hash in probe.served
            ]
        ),
        "freeze_drafts_incomplete": sum(not one.is_complete for one in drafts),
        "freeze_sent_ms": _told(room_figures.mailed_ms(cast.incident)),
        "background_transfers": sum(block["background"] for block in scenario["blocks"]),
        "blocks_per_second": round(progress.blocks / seconds, 2),
        "socket_reconnects": probe.reconnects,
    }


def _told(values: list[float]) -> dict[str, float]:
    shares = {"p50": 0.50, "p95": 0.95}
    found = {name: round(percentile(values, share), 1) for name, share in shares.items()}
    return found | {"count": len(values)}


def _look(stage: Stage, cast: Cast, *, is_whole: bool) -> tuple[dict[str, Any], Fingerprint]:
    """The verdict on what the play left behind, and the rows themselves."""
    incident, caip2 = cast.incident, stage.chain.caip2
    settled.reconcile(incident.pk)  # what the sweeper has not come to yet
    verdict = judge_play(stage.scenario, incident, caip2, is_whole=is_whole)
    return verdict, fingerprint(incident, caip2)
