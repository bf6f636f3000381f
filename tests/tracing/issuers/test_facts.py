"""What was collected about issuers is in the project, row by row, with its source."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tracing import issuers
from tracing.core import caip
from tracing.issuers import tokens

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("HOLDFAST_DATA", ROOT.parent / "shared" / "data"))
COLLECTED = DATA / "facts" / "stablecoin_freeze_events.json"

needs_facts = pytest.mark.skipif(
    not COLLECTED.is_file(), reason=f"no collected facts at {DATA} (set HOLDFAST_DATA)"
)


@pytest.fixture
def collected() -> Any:
    return json.loads(COLLECTED.read_text("utf-8"))


@needs_facts
def test_every_family_event_and_view_is_here(collected: Any) -> None:
    wanted = sorted(
        tuple(sorted((e["signature"], e["topic0"]) for e in family["events"]))
        for family in collected["families"]
    )
    here = [f for f in issuers.registry().values() if not f.is_state_only]
    assert sorted(tuple(sorted((e.signature, e.topic) for e in f.events)) for f in here) == wanted
    assert (len(here), sum(len(f.events) for f in here)) == (17, 41)
    views = {v["selector"] for family in collected["families"] for v in family["view_functions"]}
    assert {view.selector for f in here for view in f.views} == views


@needs_facts
def test_every_token_is_here(collected: Any) -> None:
    wanted = [(t["symbol"], (t["address"] or "").lower()) for t in collected["tokens"]]
    assert [(t.symbol, t.address.lower()) for t in tokens.tokens()] == wanted
    assert len(wanted) == 57


def test_a_token_names_known_interfaces_and_its_source() -> None:
    for token in tokens.tokens():
        assert token.source, token
        assert not token.interfaces or issuers.is_named(",".join(token.interfaces)), token
        if token.address:
            assert caip.parse_address(token.chain, token.address) == token.address
            assert tokens.known(token.chain, token.address) == token
        if token.status == tokens.VERIFIED:
            assert token.interfaces
        if token.status == tokens.NO_FREEZE:
            assert not token.interfaces


def test_every_event_and_view_tells_its_source() -> None:
    for family in issuers.registry().values():
        assert all(row.source for row in (*family.events, *family.views, *family.pending))
    assert tokens.known("eip155:1", "0x" + "12" * 20) is None
    assert tokens.known("eip155:1", "") is None
