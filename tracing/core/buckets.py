"""The money strip: where the origin amounts are, adding up to what was stolen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from tracing.core.pieces import split_origin
from tracing.core.state import kind_of
from tracing.core.types import Account, AccountKey, AccountKind, Kinds, Lot

BUCKETS = ("at_large", "at_services", "in_crossing", "held", "frozen", "recovered", "lost")
PARTITION = ("at_large", "held", "frozen", "recovered", "lost")  # these add up

_LOST = frozenset({AccountKind.MIXER, AccountKind.BURN, AccountKind.FEE})
_SERVICES = frozenset({AccountKind.SERVICE, AccountKind.POOL})


def strip(
    accounts: Mapping[AccountKey, Account],
    kinds: Kinds,
    frozen: AbstractSet[AccountKey],
    held: Mapping[AccountKey, int],
) -> dict[str, dict[str, int]]:
    """Origin asset -> bucket -> origin amount in base units of that asset.

    ``PARTITION`` adds up to what was minted, exactly; ``at_services`` and ``in_crossing`` are
    parts of ``at_large``. ``frozen``: accounts under an active issuer's freeze. ``held``: units of
    the account's asset that a desk's unlapsed answer covers, oldest lot first.
    """
    totals: dict[str, dict[str, int]] = {}
    for key, account in accounts.items():
        kind = kind_of(key.address, account, kinds)
        if kind is AccountKind.RETURN:
            _add(totals, account, ("recovered",))
        elif kind is AccountKind.CUSTODY or key in frozen:
            _add(totals, account, ("frozen",))
        else:
            rest: tuple[str, ...] = ("at_large",)
            if kind in _LOST:
                rest = ("lost",)
            elif kind in _SERVICES:
                rest = ("at_large", "at_services")
            elif kind is AccountKind.CROSSING:
                rest = ("at_large", "in_crossing")
            lots = [*account.lots, *account.dust]
            covered, left = _cover(lots, held.get(key, 0))
            _book(totals, covered, ("held",))
            _book(totals, left, rest)
    return totals


def _cover(lots: Sequence[Lot], amount: int) -> tuple[list[Lot], list[Lot]]:
    """Divide lots into the first ``amount`` units and the rest, splitting like a debit."""
    covered: list[Lot] = []
    for at, lot in enumerate(lots):
        if amount <= 0:
            return covered, list(lots[at:])
        if lot.amount > amount:
            first, rest = split_origin(lot.origin, amount, lot.amount)
            covered.append(Lot(amount, first))
            return covered, [Lot(lot.amount - amount, rest), *lots[at + 1 :]]
        covered.append(lot)
        amount -= lot.amount
    return covered, []


def _add(totals: dict[str, dict[str, int]], account: Account, buckets: Sequence[str]) -> None:
    _book(totals, account.lots, buckets)
    _book(totals, account.dust, buckets)


def _book(totals: dict[str, dict[str, int]], lots: Iterable[Lot], buckets: Sequence[str]) -> None:
    for lot in lots:
        if lot.origin is not None:
            row = totals.setdefault(lot.origin.asset, dict.fromkeys(BUCKETS, 0))
            for bucket in buckets:
                row[bucket] += lot.origin.amount
