"""Base units as grouped decimals, exactly. Integers only: a Decimal context loses digits at 28."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """An amount in two parts, so that a page can dim the fraction. ``fraction`` has its point."""

    whole: str
    fraction: str

    def __str__(self) -> str:
        return self.whole + self.fraction


def show(base_units: int, decimals: int, *, places: int | None = None) -> Shown:
    """``base_units`` of an asset with ``decimals``, digits grouped by thousands.

    Trailing zeros go, but ``places`` digits of the fraction stay at least (for columns whose points
    align). No digit that is not zero is ever dropped. Raises ValueError for negative ``decimals``.
    """
    if decimals < 0:
        raise ValueError("decimals must not be negative")
    sign = "-" if base_units < 0 else ""
    whole, rest = divmod(abs(base_units), 10**decimals)
    digits = f"{rest:0{decimals}d}".rstrip("0") if decimals else ""
    digits = digits.ljust(places or 0, "0")
    return Shown(f"{sign}{whole:,}", f".{digits}" if digits else "")


def places_needed(amounts: list[int], decimals: int) -> int:
    """How many fraction digits show all of ``amounts`` exactly."""
    return max(
        (len(show(a, decimals).fraction) - 1 for a in amounts if a % 10**decimals), default=0
    )


def shares(parts: list[int], *, scale: int) -> list[int]:
    """``parts`` as whole numbers that add up to ``scale``: floors, then the largest remainders.

    Equal remainders go to the earlier part. All zero when there is nothing to share.
    """
    total = sum(parts)
    if total <= 0:
        return [0] * len(parts)
    floors = [p * scale // total for p in parts]
    by_remainder = sorted(range(len(parts)), key=lambda i: (-(parts[i] * scale % total), i))
    for i in by_remainder[: scale - sum(floors)]:
        floors[i] += 1
    return floors
