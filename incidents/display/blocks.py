"""How old a block is and who vouches for it, in words. static/js/blocks.js says the same."""

from __future__ import annotations

AGES = {
    "seen": "just seen: the chain may still drop it",
    "safe": "at half the depth at which a block is final",
    "final": "deep enough that nothing rolls it back",
    "orphaned": "the chain dropped it",
}
STANDINGS = {
    "single": ("single source", "one endpoint says so, with nobody to compare with"),
    "unverified": ("not verified", "fewer operators say so than have to agree"),
    "logs": (
        "logs verified",
        "enough operators agree on transactions and logs, not on what moved inside transactions",
    ),
    "verified": ("verified", "enough operators say the same"),
}


def words(state: str, standing: str) -> str:
    """ "seen, not verified"; without a standing the age alone."""
    return ", ".join(part for part in (state, STANDINGS.get(standing, ("", ""))[0]) if part)


def title(state: str, standing: str) -> str:
    """The same at length, for whoever points at it."""
    parts = (AGES.get(state, ""), STANDINGS.get(standing, ("", ""))[1])
    return "; ".join(part for part in parts if part)


def tone(state: str, standing: str) -> str:
    """Good only where both are."""
    if state == "orphaned" or standing == "unverified":
        return "bad"
    if standing == "verified" and state == "final":
        return "good"
    return "open" if state == "seen" else "wait"
