"""How far a past was read, in words. The server says them; scripts only show them."""

from __future__ import annotations

from incidents.display.addresses import show
from incidents.ports import Backfill


def words(one: Backfill) -> str:
    """ "Ethereum, trace catching up: block 123 of 456, about 3 min, 42 blocks a second"."""
    noun, _, which = one.subject.partition(":")
    what = f"looking back at {show(which).full}" if noun == "address" else "trace catching up"
    parts = [f"{one.chain}, {what}: block {one.done} of {one.total}"]
    if one.seconds_left is not None:
        parts.append(f"about {_duration(one.seconds_left)}")
    if one.rate:
        parts.append(f"{one.rate:.0f} blocks a second" if one.rate >= 1 else "under one a second")
    if one.told_by:
        parts.append(one.told_by)
    return ", ".join(parts)


def _duration(seconds: int) -> str:
    if seconds < 60:
        return "a minute" if seconds > 30 else "half a minute"
    if seconds < 3 * 3600:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"
