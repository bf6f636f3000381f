"""A target's parts, worked out from its log. Reasoning alone: no database, no clock but `now`.

A log is rows in the order of their sequence. A target begins as one part, *the rest* (key 0), as
large as what is requested. What a row says of less than a whole part splits that part: the piece it
speaks of gets the row's sequence as its key, what is left keeps what was known of it. So the sizes
of the parts add up to what is requested, always, and no amount is above the size of its part.

*Located* splits nothing: it tells how much is there and decides nothing. The amounts of a part say
how it stands now; what it was before is in the log.

`fold` never refuses. Whoever writes a row was asked before (services/transitions.py), but a reader
may see only some of the rows, and must get a whole picture from these alone: a part whose split he
does not see is the rest to him.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from incidents.choices import Confirmation, Evidence
from incidents.choices import TargetState as S
from incidents.services import transitions as t

AMOUNTS = ("located", "held", "frozen", "seized", "returned")
_TRUST = [Confirmation.NONE, Confirmation.DESK, Confirmation.COURT, Confirmation.CHAIN]
_SILENT = frozenset(
    {t.ADDED, t.EVIDENCE_CHANGED, t.EVIDENCE_REVIEWED, t.RETURN_ADDRESS, t.TAKEN_BACK}
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a log: an answer, or a step. ``amount`` None: all of what it is about."""

    seq: int
    kind: str
    part: int = 0
    amount: int | None = None
    by: Confirmation = Confirmation.NONE
    held_until: datetime | None = None
    at: datetime | None = None
    is_step: bool = False

    @property
    def on_chain(self) -> bool:
        return self.is_step and self.by is Confirmation.CHAIN


@dataclass(frozen=True, slots=True)
class Amount:
    """Base units, and by whose word."""

    units: int = 0
    by: Confirmation = Confirmation.NONE


NOTHING = Amount()


@dataclass(frozen=True, slots=True)
class Part:
    """``key`` is for `answers.answer` alone: a gap in it would tell of rows that are hidden.
    ``number`` counts the parts of this picture from 1; that is what is shown."""

    key: int
    size: int
    state: S
    located: Amount = NOTHING
    held: Amount = NOTHING
    frozen: Amount = NOTHING
    seized: Amount = NOTHING
    returned: Amount = NOTHING
    held_until: datetime | None = None
    number: int = 0


@dataclass(frozen=True)
class Fold:
    """A target as its log tells it. ``state`` is the one that came last; parts tell the others."""

    parts: tuple[Part, ...]
    state: S
    evidence_state: Evidence = Evidence.STANDING
    totals: dict[str, Amount] = field(default_factory=dict)
    held_until: datetime | None = None  # the first hold to end


def fold(
    rows: Iterable[Row], requested: int, *, begins: S = S.DRAFT, now: datetime | None = None
) -> Fold:
    """What the rows, in the order of their sequence, make of a target.

    ``requested``: base units asked for now, all changes of it included. ``begins``: the state
    before the first row. With ``now`` a hold whose time is over reads as lapsed.
    """
    kept = _standing(rows)
    changes = sum(_resize(row) for row in kept)
    parts = {0: Part(0, max(requested - changes, 0), begins)}
    state, since, evidence = begins, None, Evidence.STANDING
    for row in kept:
        if row.kind in _SILENT:
            parts = _resized(parts, _resize(row))
            evidence = _evidence(row, evidence)
        elif _apply(parts, row):
            state, since = S(row.kind), row.at
    parts = _resized(parts, requested - sum(part.size for part in parts.values()))
    if now is not None:
        for key, part in parts.items():
            if _is_over(part, now):
                parts[key] = _lapsed(part)
                if since is None or part.held_until is None or part.held_until >= since:
                    state = S.LAPSED
    return _told(parts, state, evidence)


def _standing(rows: Iterable[Row]) -> list[Row]:
    """The rows that count: without those that another one took back."""
    given = list(rows)
    gone = {row.part for row in given if row.kind == t.TAKEN_BACK and row.part < row.seq}
    return [r for r in given if r.kind != t.TAKEN_BACK and (r.seq not in gone or r.seq <= 0)]


def _resize(row: Row) -> int:
    if row.kind == t.ADDED:
        return row.amount or 0
    return -(row.amount or 0) if row.kind == t.EVIDENCE_CHANGED else 0


def _evidence(row: Row, before: Evidence) -> Evidence:
    if row.kind == t.EVIDENCE_CHANGED:
        return Evidence.CHANGED
    return Evidence.STANDING if row.kind == t.EVIDENCE_REVIEWED else before


# -- sizes ------------------------------------------------------------------------------------


def _resized(parts: dict[int, Part], by: int) -> dict[int, Part]:
    """So much more in the rest, or so much less: out of the rest first, then out of what was split
    off last."""
    made = dict(parts)
    if by >= 0:
        made[0] = replace(made[0], size=made[0].size + by)
        return made
    left = -by
    for key in (0, *reversed(_in_order(made)[1:])):
        gone = min(left, made[key].size)
        left -= gone
        made[key] = _cut(made[key], made[key].size - gone)
        if key != 0 and made[key].size == 0:
            del made[key]
    return made


def _cut(part: Part, size: int) -> Part:
    """A part that became smaller: no amount is above its size."""
    amounts: dict[str, Any] = {}
    for name in AMOUNTS:
        amount: Amount = getattr(part, name)
        if amount.units > size:
            amounts[name] = replace(amount, units=size) if size else NOTHING
    until = part.held_until if size and part.held.units else None
    return replace(part, size=size, held_until=until, **amounts)


def _split(part: Part, share: int, key: int) -> tuple[Part, Part]:
    """A piece of ``share`` and what is left. Each amount goes with the piece as far as it fits, so
    that their sums stay."""
    piece = _cut(replace(part, key=key), share)
    rest: dict[str, Any] = {}
    for name in AMOUNTS:
        amount: Amount = getattr(part, name)
        left = amount.units - getattr(piece, name).units
        rest[name] = replace(amount, units=left) if left else NOTHING
    until = part.held_until if rest["held"].units else None
    return piece, replace(part, size=part.size - share, held_until=until, **rest)


# -- one row ----------------------------------------------------------------------------------


def _apply(parts: dict[int, Part], row: Row) -> bool:
    """One row, into ``parts``; whether it changed anything."""
    state, left = S(row.kind), row.amount
    if left == 0 and state is not S.LOCATED:
        return False
    touched = False
    for key in reached(parts, row):
        part = parts[key]
        share = part.size if left is None else min(left, part.size)
        if state is S.LOCATED or share == part.size:
            parts[key] = _changed(part, state, share, row)
        elif share:
            piece, rest = _split(part, share, row.seq)
            parts[row.seq] = _changed(piece, state, share, row)
            parts[key] = _left_over(rest, state)
        touched = True
        if left is not None:
            left -= share
            if left <= 0:
                break
    return touched


def reached(parts: dict[int, Part], row: Row) -> list[int]:
    """Which parts a row is about, in the order in which its amount is spread over them.

    The one it names. The rest where it names none; where that cannot be, or is too small for what
    it says, the others that it can be about. What happened to the whole (a step that names no part:
    sent, overdue, seen on chain) is about all that it can be about.
    """
    state = S(row.kind)
    if row.part:
        if row.part in parts:
            named = parts[row.part]
            fits = not row.is_step or t.follows(named.state, state, on_chain=row.on_chain)
            return [row.part] if fits and _is_due(named, row) else []
        if row.is_step:
            return []
    possible = [k for k in _in_order(parts) if _can(parts[k], row)]
    if row.is_step:
        return possible
    if not possible:
        return [0]
    if possible[0] != 0 or (row.amount is not None and row.amount > parts[0].size):
        return possible
    return [0]


def _in_order(parts: Iterable[int]) -> list[int]:
    """The rest, then the others as they were split off."""
    return sorted(parts, key=lambda key: (key != 0, key))


def _can(part: Part, row: Row) -> bool:
    if not t.follows(part.state, S(row.kind), on_chain=row.on_chain) or not _is_due(part, row):
        return False
    return part.size > 0 or part.key == 0


def _is_due(part: Part, row: Row) -> bool:
    """A hold lapses when its time is over; a lapse recorded for another part ends none else's."""
    return row.kind != S.LAPSED or (row.at is not None and _is_over(part, row.at))


def _changed(part: Part, state: S, share: int, row: Row) -> Part:
    """What a row makes of a part that it is about as a whole."""
    now = replace(part, state=state)
    said = Amount(share, row.by) if share else NOTHING
    if state is S.LOCATED:
        return _unheld(replace(now, located=said))
    if state in t.HOLDING:
        until = row.held_until or (part.held_until if state is S.RENEWED else None)
        end = until if share else None
        return replace(now, held=said, held_until=end, frozen=_proven(part, row), seized=NOTHING)
    if state is S.LAPSED:
        return _lapsed(part)
    if state is S.FROZEN:
        return _unheld(replace(now, frozen=_surer(part.frozen, said)))
    if state in (S.SEIZED, S.BURNED_REISSUED, S.IN_CUSTODY):
        return _unheld(replace(now, seized=_surer(part.seized, said), frozen=_proven(part, row)))
    if state is S.RETURNED:
        return _unheld(replace(now, returned=said, seized=NOTHING, frozen=_proven(part, row)))
    if state is S.RELEASED:
        return _unheld(replace(now, seized=NOTHING, frozen=_proven(part, row)))
    if state is S.MOVED_ON:
        return _unheld(replace(now, located=NOTHING))
    return _unheld(now) if state in t.REFUSED else now


def _left_over(part: Part, state: S) -> Part:
    """What is left of a part after a row spoke of some of it: who says anew how much is held, or
    frozen, says that no more is."""
    if state is S.HELD and part.held.units:
        back = S.LOCATED if part.located.units else S.ACKNOWLEDGED
        return replace(_unheld(part), state=back)
    if state is S.FROZEN and part.frozen.units and part.frozen.by is not Confirmation.CHAIN:
        back = S.LOCATED if part.located.units else S.ACKNOWLEDGED
        return replace(part, frozen=NOTHING, state=back)
    return part


def _surer(known: Amount, said: Amount) -> Amount:
    """The same amount again, by a lesser word: the better one stays."""
    same = known.units == said.units
    return known if same and _TRUST.index(known.by) > _TRUST.index(said.by) else said


def _proven(part: Part, row: Row) -> Amount:
    """What the chain shows as frozen stays so until the chain shows otherwise."""
    by_chain = part.frozen.by is Confirmation.CHAIN
    return part.frozen if by_chain and not row.on_chain else NOTHING


def _unheld(part: Part) -> Part:
    return replace(part, held=NOTHING, held_until=None)


def _is_over(part: Part, now: datetime) -> bool:
    return part.held.units > 0 and part.held_until is not None and part.held_until <= now


def _lapsed(part: Part) -> Part:
    return replace(part, state=S.LAPSED, held=NOTHING, held_until=None)


# -- the whole ----------------------------------------------------------------------------------


def _told(parts: dict[int, Part], state: S, evidence: Evidence) -> Fold:
    shown = [parts[key] for key in _in_order(parts) if parts[key].size or len(parts) == 1]
    shown = [replace(part, number=number) for number, part in enumerate(shown, 1)]
    ends = [part.held_until for part in shown if part.held_until is not None]
    return Fold(
        parts=tuple(shown),
        state=state,
        evidence_state=evidence,
        totals={name: _total(shown, name) for name in AMOUNTS},
        held_until=min(ends, default=None),
    )


def _total(parts: Sequence[Part], name: str) -> Amount:
    """Over all parts, by the least of the words that it rests on."""
    amounts = [a for a in (getattr(part, name) for part in parts) if a.units]
    by = min((a.by for a in amounts), key=_TRUST.index, default=Confirmation.NONE)
    return Amount(sum(a.units for a in amounts), by)
