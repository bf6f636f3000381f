"""What is said of endpoints on the page of chains: what was learnt of one, and what it was caught
at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# By the kind of a Contradiction (tracing/chains/quorum.py).
_CAUGHT = {
    "header-hash": "a header that does not hash to its name",
    "transaction-hash": "a transaction that does not hash to its name",
    "transactions-root": "transactions that are not those of the header",
    "receipts-root": "receipts that are not those of the header",
    "withdrawals-root": "withdrawals that are not those of the header",
    "sender": "a sender who did not sign",
    "contents": "other contents under a hash that a quorum agrees on",
    "wrong-chain": "another chain",
    "final-block": "a block that contradicts a final one",
}
_LEARNT = {
    "batch": "{} requests in a batch",
    "gap": "{} s between two requests",
    "range": "logs of {} blocks at a time",
    "results": "{} logs at a time",
}
_PROBED = "probed_at"  # when it was asked: of use to the adapter only


def caught(kind: str) -> str:
    """What an endpoint in quarantine said; an unknown kind is shown as it is."""
    return _CAUGHT.get(kind, kind)


def learnt(found: Mapping[str, Any]) -> tuple[str, ...]:
    """How an endpoint has to be asked. A name that is not known here is shown as it is."""
    return tuple(_learnt(name, found[name]) for name in sorted(found) if name != _PROBED)


def _learnt(name: str, value: Any) -> str:
    if name == "traces":
        return "no traces" if value == "none" else f"traces by {value}"
    if name == "receipts" and isinstance(value, bool):
        return "receipts by block" if value else "receipts one by one"
    shown = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return _LEARNT[name].format(shown) if name in _LEARNT else f"{name} {shown}"
