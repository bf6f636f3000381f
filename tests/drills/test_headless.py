"""The headless drill as an operator types it: real processes, a real node, a real socket."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RSETH = "eip155:31337/erc20:0x7e9d07a8923fe732f2bfe7c2be7dd92a755cee55"

pytestmark = pytest.mark.drill


@pytest.fixture(scope="module")
def verdict() -> dict[str, Any]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "REDIS_"))}
    done = subprocess.run(
        [sys.executable, "manage.py", "drill", "kelpdao", "--headless", "--json"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    assert lines, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(lines[-1]) | {"exit_code": done.returncode}
    return found


def test_outcome_equals_the_oracle(verdict: dict[str, Any]) -> None:
    assert verdict["checks"] == dict.fromkeys(verdict["checks"], True)
    assert verdict["assets"] == verdict["expected"]
    assert (verdict["ok"], verdict["exit_code"]) == (True, 0)


def test_every_bucket_is_filled_and_adds_up(verdict: dict[str, Any]) -> None:
    strip = {name: int(value) for name, value in verdict["assets"][RSETH].items()}
    assert strip["stolen"] == 116_500 * 10**18
    parts = [strip[n] for n in ("at_large", "held", "frozen", "recovered", "lost")]
    assert all(part > 0 for part in parts)
    assert sum(parts) == strip["stolen"]


def test_drill_is_as_large_as_promised(verdict: dict[str, Any]) -> None:
    assert verdict["blocks"] >= 300
    assert verdict["background_transfers"] >= 2_000
    assert verdict["transfers"] >= verdict["background_transfers"]
    assert verdict["followed_addresses"] >= 60
    assert verdict["longest_path"] >= 20


def test_events_of_the_drill_were_seen(verdict: dict[str, Any]) -> None:
    seen = {
        name: verdict[name] for name in ("reorgs_handled", "alerts_withdrawn", "chain_freezes_seen")
    }
    assert seen == {"reorgs_handled": 2, "alerts_withdrawn": 2, "chain_freezes_seen": 5}
    assert verdict["freeze_requests_drafted"] >= 5
    assert verdict["alerts"] == verdict["alert_latency_ms"]["count"]


def test_requests_were_drafted_whole_and_their_mails_taken(verdict: dict[str, Any]) -> None:
    assert verdict["freeze_draft_ms"]["count"] >= verdict["freeze_targets"]
    assert verdict["freeze_drafts_incomplete"] == 0
    # Whoever is on call gets mails as well.
    assert 0 < verdict["freeze_sent_ms"]["count"] <= verdict["mails_taken"]
    assert sum(verdict["targets_by_state"].values()) == verdict["freeze_targets"]
