"""The money strip: where the stolen amount is now. Adds up exactly or is not shown."""

from dataclasses import dataclass

from incidents.display import amounts
from incidents.ports import Strip

SCALE = 10_000  # widths of the bar and percentages in hundredths

# bucket, name, whose word it is; in the order of the bar
BUCKETS = (
    ("at_large", "At large", ""),
    ("held", "Held", "a desk's word"),
    ("frozen", "Frozen", "the chain's word"),
    ("recovered", "Recovered", "at a return address"),
    ("lost", "Lost to view", "mixer, burn, fee"),
)


class DoesNotAddUpError(ValueError):
    """The buckets of a strip are not what was stolen: showing it would be a lie."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the strip's table."""

    bucket: str
    name: str
    whose: str
    amount: amounts.Shown
    base_units: int
    hundredths: int  # of a percent of what was stolen
    sub: bool = False

    @property
    def percent(self) -> str:
        return f"{self.hundredths // 100}.{self.hundredths % 100:02d}"


@dataclass(frozen=True, slots=True)
class Segment:
    """One rectangle of the bar, in units of 1/``SCALE`` of its width."""

    bucket: str
    x: int
    width: int
    sub: bool = False  # a band inside the segment it is part of


def check(strip: Strip) -> None:
    """Raise DoesNotAddUpError unless every bucket is non-negative and the sums are exact."""
    parts = [getattr(strip, bucket) for bucket, _, _ in BUCKETS]
    subs = [strip.at_services, strip.in_crossing]
    if min([*parts, *subs]) < 0 or sum(parts) != strip.stolen or sum(subs) > strip.at_large:
        raise DoesNotAddUpError(strip.asset)


def rows(strip: Strip) -> list[Row]:
    """The table: buckets, what is inside *at large*, and nothing left over."""
    check(strip)
    values = [getattr(strip, bucket) for bucket, _, _ in BUCKETS]
    places = amounts.places_needed(
        [*values, strip.at_services, strip.in_crossing, strip.stolen], strip.decimals
    )
    percents = amounts.shares(values, scale=SCALE)

    def shown(value: int) -> amounts.Shown:
        return amounts.show(value, strip.decimals, places=places)

    found = [
        Row(bucket, name, whose, shown(value), value, percent)
        for (bucket, name, whose), value, percent in zip(BUCKETS, values, percents, strict=True)
    ]
    inside = [
        Row(bucket, name, "", shown(value), value, _floor_share(value, strip.stolen), sub=True)
        for bucket, name, value in (
            ("at_services", "at services", strip.at_services),
            ("in_crossing", "in crossing", strip.in_crossing),
        )
    ]
    return [found[0], *inside, *found[1:]]


def segments(strip: Strip) -> list[Segment]:
    """The bar: full-height segments that fill it exactly, and bands for the sub-amounts."""
    check(strip)
    values = [getattr(strip, bucket) for bucket, _, _ in BUCKETS]
    widths = amounts.shares(values, scale=SCALE)
    found, x = [], 0
    for (bucket, _, _), width in zip(BUCKETS, widths, strict=True):
        found.append(Segment(bucket, x, width))
        x += width
    services = _floor_share(strip.at_services, strip.stolen)
    crossing = _floor_share(strip.in_crossing, strip.stolen)
    bands = [
        Segment("at_services", max(widths[0] - services - crossing, 0), services, sub=True),
        Segment("in_crossing", max(widths[0] - crossing, 0), crossing, sub=True),
    ]
    return [s for s in [*found, *bands] if s.width]


def total(strip: Strip) -> amounts.Shown:
    """What was stolen, with as many digits as the table below it."""
    values = [getattr(strip, bucket) for bucket, _, _ in BUCKETS]
    places = amounts.places_needed(
        [*values, strip.at_services, strip.in_crossing, strip.stolen], strip.decimals
    )
    return amounts.show(strip.stolen, strip.decimals, places=places)


def _floor_share(part: int, whole: int) -> int:
    return part * SCALE // whole if whole else 0
