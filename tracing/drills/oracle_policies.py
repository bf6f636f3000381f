"""The second opinion on the other conserving policies, by docs/taint.md: so the range has one too.

Like the oracle that it extends, it shares no code with the engine that it judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tracing.drills.oracle import Books, Piece, deal


def taken_in(
    order: Iterable[int], queue: Sequence[Piece], amount: int
) -> tuple[list[Piece], list[Piece]]:
    """Take units of the pieces at these places, one after the other; the rest stays where it is."""
    left: dict[int, Piece] = dict(enumerate(queue))
    taken: list[Piece] = []
    for place in order:
        if not amount:
            break
        piece = left.pop(place)
        if piece.amount > amount:
            piece, left[place] = piece.split(amount)
        taken.append(piece)
        amount -= piece.amount
    return taken, [left[place] for place in sorted(left)]


def parted(queue: Sequence[Piece]) -> tuple[list[int], list[int]]:
    """Places of clean and of tainted pieces."""
    clean = [at for at, piece in enumerate(queue) if piece.origin is None]
    return clean, [at for at, piece in enumerate(queue) if piece.origin is not None]


def clean_first(queue: Sequence[Piece]) -> list[Piece]:
    """One clean lot, as the oldest, and the tainted ones in order of arrival."""
    clean = sum(piece.amount for piece in queue if piece.origin is None)
    tainted = [piece for piece in queue if piece.origin is not None]
    return [Piece(clean), *tainted] if clean else tainted


class Lifo(Books):
    """The newest units leave first."""

    def pick(self, queue: list[Piece], amount: int) -> tuple[list[Piece], list[Piece]]:
        return taken_in(reversed(range(len(queue))), queue, amount)


class TaintFirst(Books):
    """min(T, v) tainted units leave, the oldest first, then clean ones."""

    def pick(self, queue: list[Piece], amount: int) -> tuple[list[Piece], list[Piece]]:
        clean, tainted = parted(queue)
        return taken_in([*tainted, *clean], queue, amount)

    def laid(self, queue: list[Piece]) -> list[Piece]:
        return clean_first(queue)


class TaintLast(Books):
    """Clean units leave, then max(0, v - (B - T)) tainted ones, the oldest first."""

    def pick(self, queue: list[Piece], amount: int) -> tuple[list[Piece], list[Piece]]:
        clean, tainted = parted(queue)
        return taken_in([*clean, *tainted], queue, amount)

    def laid(self, queue: list[Piece]) -> list[Piece]:
        return clean_first(queue)


class Haircut(Books):
    """T * v // B tainted units leave, the rest clean; one lot per seed."""

    def pick(self, queue: list[Piece], amount: int) -> tuple[list[Piece], list[Piece]]:
        whole = sum(piece.amount for piece in queue)
        if amount == whole:
            return list(queue), []
        clean, tainted = parted(queue)
        stolen = sum(queue[at].amount for at in tainted)
        share = stolen * amount // whole
        wanted: dict[int, int] = {}
        passed = 0
        for at in tainted:
            before, passed = passed, passed + queue[at].amount
            wanted[at] = share * passed // stolen - share * before // stolen
        rest = amount - share
        for at in clean:
            wanted[at] = min(rest, queue[at].amount)
            rest -= wanted[at]
        taken: list[Piece] = []
        left: list[Piece] = []
        for at, piece in enumerate(queue):
            some, others = deal([piece], wanted[at])
            taken += some
            left += others
        return taken, left

    def share(self, pieces: list[Piece], amount: int) -> tuple[list[Piece], list[Piece]]:
        return self.pick(pieces, amount)

    def laid(self, queue: list[Piece]) -> list[Piece]:
        sums: dict[str, Piece] = {}
        for piece in queue:
            if piece.origin is not None:
                old = sums.get(piece.seed, Piece(0, 0, piece.seed, piece.depth))
                both = (old.origin or 0) + piece.origin
                sums[piece.seed] = Piece(old.amount + piece.amount, both, piece.seed, old.depth)
        return clean_first([*(p for p in queue if p.origin is None), *sums.values()])


POLICIES: dict[str, type[Books]] = {
    "fifo": Books,
    "lifo": Lifo,
    "taint-first": TaintFirst,
    "taint-last": TaintLast,
    "haircut": Haircut,
}
