"""What several endpoints of one chain say of a block, and how far that may be relied on.

Operators count, not endpoints: two nodes of one operator are one voice. A quorum is never lowered
because endpoints are down; fewer voices lower what is said of the block.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How far a block is vouched for. Apart from its age (seen, safe, final)."""

    SINGLE = "single"  # the chain's quorum is one: nobody to compare with
    UNVERIFIED = "unverified"  # fewer operators than the quorum say the same
    LOGS = "logs"  # hash, transactions, receipts, logs: yes; internal native movements: no
    VERIFIED = "verified"  # a quorum of operators agrees on everything


@dataclass(frozen=True, slots=True)
class Digest:
    """One endpoint's view of one block, in three comparable parts.

    ``contents``: of transactions, receipts, logs and withdrawals, as they are decoded, in an order
    of its own, so that two client programs that mean the same give the same. ``traces``: of the
    successful native movements inside transactions, whatever tracer told them; "" where this
    endpoint has none.
    """

    hash: str
    contents: str
    traces: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a block's standing rests on. ``operators`` say the same as the digest; sorted."""

    standing: Standing
    digest: Digest
    operators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Why an endpoint's answer was refused and the endpoint quarantined.

    ``kind`` is a short slug (header-hash, transactions-root, transaction-hash, receipts-root,
    withdrawals-root, sender, wrong-chain, final-block, contents). ``claimed`` and ``computed`` are
    what it said and what follows from its own words, or from what is final; ``answer`` is the
    refused answer as JSON, cut to `LONGEST_ANSWER` characters. Nothing of it may hold the
    endpoint's URL.
    """

    kind: str
    number: int | None
    claimed: str
    computed: str
    answer: str = ""


LONGEST_ANSWER = 20_000
