"""Provenance: the ordered list of transfers that brought stolen value to an account.

The list is enough to compute the account's number again: `replay` reads nothing else. A line is one
hop of the trace. Lines on the way are the closure of the hops that the account's lots came by: hop
by hop where lots keep the hop that brought them, by account and time where they merge (haircut).
What left the account again is in the list as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from tracing.core.types import AccountKey, Hop, HopKind, Origin

UNEXPLAINED = "unexplained"  # units that changed without a hop: the rounding of a conversion
CROSSED = "crossed"  # the far side of a crossing: on another chain from here on
SEED = HopKind.SEED.value
_OTHERS = frozenset({UNEXPLAINED, CROSSED})
KINDS = frozenset(kind.value for kind in HopKind) | _OTHERS


class ListRefused(ValueError):
    """The list does not hang together; the message names the line."""


class TooLong(ValueError):
    """The way to an account has more lines than asked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``order`` rises along the list; amounts in base units of each side's asset.

    ``frm`` is absent for a seed and for unexplained units that came; ``to`` for such that left.
    """

    key: str
    prev: str
    kind: str
    order: int
    frm: AccountKey | None
    to: AccountKey | None
    amount_out: int
    amount_in: int
    origin: Origin
    depth: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an account holds: units of its asset, and of each stolen asset what they stand for."""

    units: int
    origins: Mapping[str, int]


class Hops(Protocol):
    """Where the lines of a trace are looked up. Each answer in rising order."""

    def named(self, keys: Collection[str]) -> list[Line]: ...
    def after(self, keys: Collection[str], frm: AccountKey) -> list[Line]: ...
    def into(self, to: AccountKey, seeds: Collection[str]) -> list[Line]: ...
    def out_of(self, frm: AccountKey, seeds: Collection[str]) -> list[Line]: ...


def line_of(hop: Hop, order: int) -> Line:
    """The line of a hop that the engine wrote."""
    return Line(
        hop.key,
        hop.prev or "",
        hop.kind.value,
        order,
        hop.frm,
        hop.to,
        hop.amount_from,
        hop.amount_to,
        hop.origin,
        hop.depth,
        hop.estimated,
    )


def gather(
    hops: Hops,
    target: AccountKey,
    expected: Amounts,
    *,
    vias: Collection[str],
    seeds: Collection[str],
    pooled: bool,
    most: int,
) -> list[Line]:
    """The list for one account, whose replay gives ``expected``.

    ``vias``: the hops that brought its tainted lots; ``seeds``: what those are of. The short list,
    along the lots, is taken where it gives the number; else the long one, by account and time,
    which has a line of its own where units changed without a hop.

    :raises TooLong: more than ``most`` lines.
    """
    if vias and not pooled:
        short = _along_the_lots(hops, vias, most)
        here = {line.key for line in short if line.to == target}
        short = _sorted([*short, *hops.after(here, target)])
        if _gives(short, target, expected):
            return short  # else rounding joined lots: the account's whole history tells it
    roots = hops.into(target, seeds) + hops.out_of(target, seeds)
    return _settled(_by_account(hops, roots, target, most), target, expected)


def gather_hops(
    hops: Hops, target: AccountKey, keys: Collection[str], *, pooled: bool, most: int
) -> list[Line]:
    """The list of some hops into one account: of one deposit with a bridge, say. Its replay gives
    what these hops brought. Raises TooLong."""
    roots = hops.named(keys)
    expected = _brought(roots)
    if not pooled:
        short = _along_the_lots(hops, keys, most)
        if _gives(short, target, expected):
            return short
    return _settled(_by_account(hops, roots, target, most), target, expected)


def _brought(roots: Iterable[Line]) -> Amounts:
    units, origins = 0, defaultdict[str, int](int)
    for line in roots:
        units += line.amount_in
        origins[line.origin.asset] += line.origin.amount
    return Amounts(units, {asset: amount for asset, amount in origins.items() if amount})


def _gives(lines: Sequence[Line], target: AccountKey, expected: Amounts) -> bool:
    try:
        return replay(lines, target) == expected
    except ListRefused:
        return False


def _along_the_lots(hops: Hops, vias: Collection[str], most: int) -> list[Line]:
    """These hops and the hops before them, to their seeds."""
    found: dict[str, Line] = {}
    wanted = set(vias)
    while wanted:
        new = hops.named(wanted)
        found.update((line.key, line) for line in new)
        _bound(found, most)
        wanted = {line.prev for line in new if line.prev} - found.keys()
    return _sorted(found.values())


def _by_account(hops: Hops, roots: Iterable[Line], target: AccountKey, most: int) -> list[Line]:
    """The roots, and everything of their seeds that came to their senders before they sent, and so
    on back to the seeds."""
    found = {line.key: line for line in roots}
    need: dict[tuple[AccountKey, str], int] = {}
    coming: dict[tuple[AccountKey, str], list[Line]] = {}
    queue = list(found.values())
    while queue:
        sent = queue.pop()
        if sent.frm is None or sent.frm == target:
            continue
        place = (sent.frm, sent.origin.seed)
        if sent.order <= need.get(place, -1):
            continue
        need[place] = sent.order
        if place not in coming:
            coming[place] = hops.into(sent.frm, (sent.origin.seed,))
        new = [x for x in coming[place] if x.order < sent.order and x.key not in found]
        found.update((line.key, line) for line in new)
        queue += new
        _bound(found, most)
    return _sorted(found.values())


def _sorted(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: line.order)


def _bound(found: Mapping[str, Line], most: int) -> None:
    if len(found) > most:
        raise TooLong(f"The way to this account has more than {most} lines.")


# --- replay ---------------------------------------------------------------------------------


class _Books:
    """Units per account and seed, and origin per account, as the lines go by."""

    def __init__(self) -> None:
        self.units: dict[tuple[AccountKey, str], int] = defaultdict(int)
        self.origins: dict[tuple[AccountKey, str], int] = defaultdict(int)
        self._split: dict[tuple[str, str, AccountKey], dict[str, int]] = {}

    def leaving(self, line: Line) -> int:
        """Units by which the sender has less. A loan leaves the collateral where it is; where one
        conversion pays out several assets, each piece is told once per asset but left once."""
        if line.frm is None or line.kind == HopKind.LOAN.value:
            return 0
        if not line.estimated or line.to is None or line.to.asset == line.frm.asset:
            return line.amount_out
        tx = line.key.rpartition(":")[0]
        sides = self._split.setdefault((tx, line.prev, line.frm), {})
        before = max(sides.values(), default=0)
        sides[line.to.asset] = sides.get(line.to.asset, 0) + line.amount_out
        return max(sides.values()) - before

    def arriving(self, line: Line) -> int:
        """Units by which the receiver's tainted lots grow: a repayment gives its origin back to a
        lot that is there, if one of the same seed is."""
        if line.to is None:
            return 0
        held = self.units[line.to, line.origin.seed]
        joins = line.kind == HopKind.REPAY.value and held > 0
        return 0 if joins else line.amount_in

    def lacks(self, line: Line, leaving: int) -> int:
        """How many units the sender is short of."""
        if line.frm is None:
            return 0
        return max(0, leaving - self.units[line.frm, line.origin.seed])

    def apply(self, line: Line, leaving: int) -> None:
        seed = line.origin.seed
        if line.frm is not None:
            self.units[line.frm, seed] -= leaving
            self.origins[line.frm, line.origin.asset] -= line.origin.amount
        if line.to is not None:
            self.units[line.to, seed] += self.arriving(line)
            self.origins[line.to, line.origin.asset] += line.origin.amount

    def at(self, target: AccountKey) -> Amounts:
        units = sum(amount for (account, _), amount in self.units.items() if account == target)
        origins = {
            asset: amount
            for (account, asset), amount in sorted(self.origins.items(), key=str)
            if account == target and amount
        }
        return Amounts(units, origins)


def replay(lines: Iterable[Line], target: AccountKey) -> Amounts:
    """What the account holds according to the list, computed from the list alone.

    :raises ListRefused: a line has no line before it, comes out of order, takes more than had come,
        or changes an amount that it only moves.
    """
    books, known, last = _Books(), dict[str, Line](), -1
    for number, line in enumerate(lines, 1):
        _check_line(number, line, known, last)
        leaving = books.leaving(line)
        if lack := books.lacks(line, leaving):
            raise ListRefused(f"Line {number} takes {lack} base units more than had come there.")
        books.apply(line, leaving)
        known[line.key], last = line, line.order
    return books.at(target)


def _check_line(number: int, line: Line, known: Mapping[str, Line], last: int) -> None:
    if line.kind not in KINDS:
        raise ListRefused(f"Line {number} is of an unknown kind: {line.kind}.")
    if line.key in known:
        raise ListRefused(f"Line {number} is in the list twice.")
    if line.order < last:
        raise ListRefused(f"Line {number} is out of order.")
    if min(line.amount_out, line.amount_in) < 0:
        raise ListRefused(f"Line {number} has a negative amount.")
    if line.kind == UNEXPLAINED:
        return
    if line.to is None or (line.frm is None) != (line.kind == SEED):
        raise ListRefused(f"Line {number} does not say from where to where it went.")
    if line.frm is None:
        return
    moved = line.frm.asset == line.to.asset and line.kind not in (
        HopKind.LOAN.value,
        HopKind.REPAY.value,
        HopKind.ADJUSTMENT.value,
        CROSSED,
    )
    if moved and line.amount_out != line.amount_in:
        raise ListRefused(f"Line {number} changes an amount that it only moves.")
    before = known.get(line.prev) if line.prev else None
    if line.prev and before is None:
        raise ListRefused(f"The line before line {number} is missing from the list.")
    if before is not None and before.origin.seed != line.origin.seed:
        raise ListRefused(f"Line {number} is of another seed than the line before it.")
    if before is not None and before.to != line.frm:
        raise ListRefused(f"Line {number} does not begin where the line before it ended.")


def back(lines: Iterable[Line], via: str) -> list[Line]:
    """The way of one lot, seed first: each line's ``prev``, from the hop that brought it.

    :raises ListRefused: it ends before a seed.
    """
    known = {line.key: line for line in lines}
    way: list[Line] = []
    at = via
    while at:
        if at not in known:
            raise ListRefused("The way back to the seed is broken.")
        way.append(known[at])
        at = known[at].prev
    if way and way[-1].kind != SEED:
        raise ListRefused("The way back does not end at a seed.")
    return way[::-1]


# --- what no hop explains -------------------------------------------------------------------


def _settled(lines: Sequence[Line], target: AccountKey, expected: Amounts) -> list[Line]:
    """The list with a line of its own wherever units changed without a hop, so that it adds up."""
    books, settled = _Books(), list[Line]()
    for line in lines:
        leaving = books.leaving(line)
        if lack := books.lacks(line, leaving):
            settled.append(_unexplained(line, line.frm, lack, len(settled)))
            books.apply(settled[-1], 0)
        books.apply(line, leaving)
        settled.append(line)
    return settled + _last(books, target, expected, settled)


def _last(
    books: _Books, target: AccountKey, expected: Amounts, lines: Sequence[Line]
) -> list[Line]:
    """What is left between the list and the account, as lines of their own at the end."""
    found, added = books.at(target), list[Line]()
    if not lines:
        return added
    model = replace(lines[-1], origin=Origin(lines[-1].origin.seed, "", 0))
    if (more := expected.units - found.units) != 0:
        added.append(_unexplained(model, target, more, len(lines)))
    for asset in sorted({*expected.origins, *found.origins}):
        more = expected.origins.get(asset, 0) - found.origins.get(asset, 0)
        if more:
            line = _unexplained(model, target, 0, len(lines) + len(added), takes=more < 0)
            added.append(replace(line, origin=Origin(line.origin.seed, asset, abs(more))))
    return added


def _unexplained(
    near: Line, account: AccountKey | None, units: int, number: int, *, takes: bool = False
) -> Line:
    takes = takes or units < 0
    return Line(
        f"{UNEXPLAINED}:{number}",
        "",
        UNEXPLAINED,
        near.order,
        account if takes else None,
        None if takes else account,
        abs(units) if takes else 0,
        0 if takes else units,
        Origin(near.origin.seed, near.origin.asset, 0),
        near.depth,
    )
