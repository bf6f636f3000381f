"""A bridge's facts, read from data/<slug>.json beside its decoder. Each row names its source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tracing.bridges._events import Event

DATA = Path(__file__).with_name("data")


@dataclass(frozen=True, slots=True)
class Contract:
    """One address of a bridge. ``holds``: value that leaves goes into it, so it is a label."""

    role: str
    partner: str = ""  # CAIP-2 of the chain at its other end, where it has only one
    asset: str = ""  # CAIP-19 of the one asset that it moves
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one bridge. Whom to ask and who can stop it are sentences for people."""

    slug: str
    name: str
    contracts: Mapping[str, Mapping[str, Contract]]  # chain -> address
    chains: Mapping[str, str]  # the bridge's own number or name of a chain -> CAIP-2
    events: Mapping[str, Event]  # by the name that the decoder uses
    ask: str  # "" nobody
    stop: str  # "" not known
    confidence: str


@cache
def load(slug: str) -> Facts:
    """Raises FileNotFoundError for a bridge without facts."""
    return _facts(slug, json.loads((DATA / f"{slug}.json").read_text(encoding="utf-8")))


def _facts(slug: str, raw: dict[str, Any]) -> Facts:
    contracts: dict[str, dict[str, Contract]] = {}
    for row in raw["contracts"]:
        contract = Contract(
            row["role"], row.get("partner", ""), row.get("asset", ""), row.get("holds", False)
        )
        for chain in row["chains"]:
            contracts.setdefault(chain, {})[row["address"]] = contract
    events = {
        row.get("key", row["declaration"].removeprefix("event ").partition("(")[0]): Event(
            row["declaration"], row["topic"], row["source"], row["confidence"]
        )
        for row in raw["events"]
    }
    return Facts(
        slug=slug,
        name=raw["name"],
        contracts=contracts,
        chains=raw["chain_numbers"],
        events=events,
        ask=raw["ask"],
        stop=raw["stop"],
        confidence=raw["confidence"],
    )
