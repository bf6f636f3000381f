"""Whether the rows of a chain are whole: no gap, no double, nothing lost. Asked of the database.

Each question is one statement, so that a watcher that writes meanwhile cannot make it contradict
itself. What an endpoint says of the same blocks is asked in `deep`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from tracing.models import Chain

logger = logging.getLogger(__name__)
MOST = 20  # flaws of one kind that are named
RECENT = 100_000  # heights below the cursor that the scheduled look goes through
_CANONICAL = "b.chain_id = %(chain)s AND b.state <> 'orphaned'"
_RANGE = "b.number BETWEEN %(first)s AND %(last)s"
_STANDS = "(t.crossing_id IS NULL OR x.state IN ('certain', 'confirmed'))"


@dataclass(frozen=True)
class Flaw:
    """One thing that should not be. ``number``: the height, where it has one."""

    kind: str
    number: int | None
    text: str


# What has to be there: the chain from where it began, and each trace from its first block.
_LACKING = f"""
WITH wanted AS (
    SELECT first_number AS lo, cursor_number AS hi FROM tracing_chain WHERE id = %(chain)s
    UNION
    SELECT t.start_number, t.cursor_number FROM tracing_trace t
    LEFT JOIN tracing_crossing x ON x.id = t.crossing_id
    WHERE t.chain_id = %(chain)s AND {_STANDS}
), bounded AS (
    SELECT greatest(lo, %(first)s) AS lo, least(hi, %(last)s) AS hi FROM wanted
), short AS (
    SELECT lo, hi FROM bounded WHERE hi - lo + 1 > (
        SELECT count(*) FROM tracing_block b WHERE {_CANONICAL} AND b.number BETWEEN lo AND hi
    )
)
SELECT DISTINCT n FROM short, generate_series(lo, hi) n WHERE NOT EXISTS (
    SELECT 1 FROM tracing_block b WHERE {_CANONICAL} AND b.number = n
) ORDER BY n LIMIT {MOST}
"""  # noqa: S608 - constants of this module
_UNLINKED = f"""
SELECT number, hash FROM (
    SELECT b.number, b.hash, b.parent_hash,
        lag(b.number) OVER below AS low, lag(b.hash) OVER below AS low_hash
    FROM tracing_block b WHERE {_CANONICAL} AND {_RANGE} WINDOW below AS (ORDER BY b.number)
) rows WHERE low = number - 1 AND low_hash <> parent_hash ORDER BY number LIMIT {MOST}
"""  # noqa: S608
_CURSOR = """
SELECT c.cursor_number, c.cursor_hash FROM tracing_chain c
WHERE c.id = %(chain)s AND c.cursor_number >= c.first_number AND NOT EXISTS (
    SELECT 1 FROM tracing_block b WHERE b.chain_id = c.id AND b.state <> 'orphaned'
    AND b.number = c.cursor_number AND b.hash = c.cursor_hash
)
"""
_ABOVE = f"""
SELECT b.number, b.hash FROM tracing_block b JOIN tracing_chain c ON c.id = b.chain_id
WHERE {_CANONICAL} AND b.number > c.cursor_number ORDER BY b.number LIMIT {MOST}
"""  # noqa: S608
_TRACES = f"""
SELECT t.cursor_number, t.public_id::text FROM tracing_trace t
JOIN tracing_chain c ON c.id = t.chain_id LEFT JOIN tracing_crossing x ON x.id = t.crossing_id
WHERE t.chain_id = %(chain)s AND {_STANDS}
  AND (t.is_live AND t.cursor_number <> c.cursor_number OR t.cursor_number > c.cursor_number)
ORDER BY t.id LIMIT {MOST}
"""  # noqa: S608
_DOUBLED = f"""
SELECT max(b.number), t.tx FROM tracing_transfer t JOIN tracing_block b ON b.id = t.block_id
WHERE {_CANONICAL} AND {_RANGE} AND t.tx NOT LIKE 'block:%%'
GROUP BY t.tx HAVING count(DISTINCT t.block_id) > 1 ORDER BY 1 LIMIT {MOST}
"""  # noqa: S608
_ORPHANED = f"""
SELECT b.number, b.hash FROM tracing_block b
WHERE b.chain_id = %(chain)s AND b.state = 'orphaned' AND {_RANGE} AND (
    EXISTS (SELECT 1 FROM tracing_transfer t WHERE t.block_id = b.id)
    OR EXISTS (SELECT 1 FROM tracing_hop h WHERE h.block_id = b.id)
) ORDER BY b.number LIMIT {MOST}
"""  # noqa: S608
_NO_UNDO = f"""
SELECT DISTINCT b.number, b.hash FROM tracing_block b JOIN tracing_hop h ON h.block_id = b.id
WHERE {_CANONICAL} AND {_RANGE} AND b.state <> 'final' AND NOT EXISTS (
    SELECT 1 FROM tracing_undo u WHERE u.trace_id = h.trace_id AND u.block_number = b.number
) ORDER BY b.number LIMIT {MOST}
"""  # noqa: S608
_STANDING = f"""
SELECT b.number, b.hash FROM tracing_block b JOIN tracing_chain c ON c.id = b.chain_id
WHERE {_CANONICAL} AND {_RANGE} AND c.quorum > 1 AND b.standing = 'unverified'
  AND (b.state = 'final' OR b.number <= c.verified_number) AND b.number >= c.first_number
ORDER BY b.number LIMIT {MOST}
"""  # noqa: S608
_LOTS = """
SELECT t.id, '' AS policy, e.state FROM tracing_exposure e JOIN tracing_trace t ON t.id = e.trace_id
WHERE t.chain_id = %(chain)s
UNION ALL
SELECT t.id, r.policy, r.state FROM tracing_rangeaccount r JOIN tracing_trace t ON t.id = r.trace_id
WHERE t.chain_id = %(chain)s
"""
# What seeds brought in, by the hops that say so, against what lies in all accounts by now.
_LOST = f"""
WITH kept AS (
    SELECT rows.id, rows.policy, lot->>'origin_asset' AS asset,
        sum((lot->>'origin_amount')::numeric) AS amount
    FROM ({_LOTS}) rows,
        jsonb_array_elements(rows.state->'lots' || (rows.state->'dust')) lot
    WHERE lot ? 'seed' GROUP BY 1, 2, 3
), come AS (
    SELECT h.trace_id AS id, h.origin_asset AS asset, sum(h.origin_amount) AS amount
    FROM tracing_hop h JOIN tracing_trace t ON t.id = h.trace_id
    WHERE t.chain_id = %(chain)s AND h.kind = 'seed' GROUP BY 1, 2
), runs AS (
    SELECT DISTINCT id, policy FROM kept UNION SELECT DISTINCT id, '' FROM come
)
SELECT t.cursor_number, format(
    'trace %%s%%s: %%s of %%s came in, %%s lie in its accounts', t.public_id,
    CASE runs.policy WHEN '' THEN '' ELSE ' under ' || runs.policy END,
    coalesce(come.amount, 0), coalesce(come.asset, kept.asset), coalesce(kept.amount, 0)
) FROM come FULL JOIN runs ON runs.id = come.id
LEFT JOIN kept ON kept.id = runs.id AND kept.policy = runs.policy AND kept.asset = come.asset
JOIN tracing_trace t ON t.id = runs.id
WHERE come.amount IS DISTINCT FROM kept.amount ORDER BY t.id, runs.policy LIMIT {MOST}
"""  # noqa: S608

_QUESTIONS: Sequence[tuple[str, str, str]] = (
    ("gap", _LACKING, "block {number} is missing"),
    ("link", _UNLINKED, "block {number} ({about}) does not follow the one below it"),
    ("cursor", _CURSOR, "the cursor is at block {number} ({about}), which is not there"),
    ("above", _ABOVE, "block {number} ({about}) lies above the cursor"),
    ("trace", _TRACES, "trace {about} is at block {number}, its chain is not"),
    ("doubled", _DOUBLED, "transaction {about} is in several blocks, {number} among them"),
    ("orphaned", _ORPHANED, "block {number} ({about}) was dropped and still has movements"),
    ("undo", _NO_UNDO, "nothing undoes block {number} ({about}), which is not final"),
    ("standing", _STANDING, "block {number} ({about}) counts as verified and is not"),
    ("lost", _LOST, "{about}"),
)


def look(chain: Chain, first: int | None = None, last: int | None = None) -> list[Flaw]:
    """Everything that is wrong with a chain's rows between two heights (both included)."""
    bounds = {
        "chain": chain.pk,
        "first": 0 if first is None else first,
        "last": 2**62 if last is None else last,
    }
    found: list[Flaw] = []
    for kind, statement, words in _QUESTIONS:
        for number, *rest in _rows(statement, bounds):
            text = words.format(number=number, about=rest[0] if rest else "")
            found.append(Flaw(kind, number, text))
    return found


def _rows(statement: str, bounds: dict[str, int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, bounds)
        return list(cursor.fetchall())


def check(chain: Chain) -> list[Flaw]:
    """Look at the newest blocks, and keep on the chain what was found, for rooms and operators."""
    cursor = chain.cursor_number
    found = look(chain, first=None if cursor is None else max(0, cursor - RECENT))
    text = "; ".join(flaw.text for flaw in found)
    if text:
        logger.error("%s is not whole: %s", chain, text)
    if len(text) > 300:
        text = f"{text[:280]} ... {len(found)} in all"
    chain.flaw, chain.checked_at = text, timezone.now()
    chain.save(update_fields=["flaw", "checked_at"])
    return found


def check_all() -> dict[str, list[Flaw]]:
    """`check` of every watched chain, by CAIP-2."""
    return {row.caip2: check(row) for row in Chain.objects.filter(is_watched=True).order_by("pk")}
