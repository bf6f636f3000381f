"""One cell of a table: text to an exact value, or a reason why not."""

from __future__ import annotations

import calendar
import re

_AMOUNT = re.compile(r"\$?([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,3}))?")
_EVM = re.compile(r"0[xX][0-9a-fA-F]{40}")
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?"
    r" ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_UNIX = re.compile(r"[0-9]{1,11}(?:\.0*)?")
_DIGITS_AT_MOST = 400  # of an amount as written: enough for 2^256 - 1 with every power of ten
_LONGEST_ADDRESS = 130
_LONGEST_LABEL = 200
_END_OF_TIME = calendar.timegm((9999, 12, 31, 23, 59, 59)) + 1
_HIGHEST_BLOCK = (1 << 63) - 1


class BadCell(ValueError):
    """A cell that is not what its column says; the message is for a person."""


def amount(cell: str, decimals: int) -> int:
    """A decimal in base units of 10**-decimals, exactly. Also as programs write it: 1.5E+3."""
    digits, places = _parts(cell)
    if places <= decimals:
        return int(digits) * int(10 ** (decimals - places))
    raise BadCell(f"The amount {shown(cell)} has more than {decimals} decimals.")


def decimals_in(cell: str) -> int:
    """The decimals that an amount needs; 0 where it is no amount."""
    try:
        return max(0, _parts(cell)[1])
    except BadCell:
        return 0


def _parts(cell: str) -> tuple[str, int]:
    """Digits, and how many powers of ten they stand below one; no zeros at the end."""
    value = cell.strip()
    if not value:
        raise BadCell("The amount is missing.")
    if value.startswith("-"):
        raise BadCell(f"The amount {shown(cell)} is negative.")
    match = _AMOUNT.fullmatch(value) if len(value) <= _DIGITS_AT_MOST else None
    if match is None or not (match[1] or match[2]):
        raise BadCell(f"The amount {shown(cell)} is not written like 1234.5: digits and one point.")
    digits = match[1] + (match[2] or "")
    places = len(match[2] or "") - int(match[3] or 0)
    bare = digits.rstrip("0")
    if not bare:
        return "0", 0
    return bare, places - (len(digits) - len(bare))


def address(cell: str, who: str) -> str:
    """An address; hexadecimal ones in lower case, others as they are written."""
    value = cell.strip()
    if not value:
        raise BadCell(f"The {who} is missing.")
    if value[:2] in ("0x", "0X"):
        if not _EVM.fullmatch(value):
            raise BadCell(f"The {who} {shown(cell)} is not 0x and 40 hexadecimal digits.")
        return value.lower()
    if len(value) > _LONGEST_ADDRESS or not value.isascii() or not value.isprintable():
        raise BadCell(f"The {who} {shown(cell)} is no address.")
    if " " in value:
        raise BadCell(f"The {who} {shown(cell)} is no address.")
    return value


def block(cell: str) -> int:
    """A block's number."""
    value = cell.strip().removesuffix(".0")
    if not value.isascii() or not value.isdigit() or len(value) > 19:
        raise BadCell(f"The block {shown(cell)} is no number.")
    number = int(value)
    if number > _HIGHEST_BLOCK:
        raise BadCell(f"The block {shown(cell)} is too high.")
    return number


def time_of(cell: str) -> int:
    """Unix seconds of 2023-01-13 20:34:11 (UTC where no zone is named), or Unix seconds as such."""
    value = cell.strip()
    if _UNIX.fullmatch(value):
        return int(value.partition(".")[0])
    match = _TIME.fullmatch(value)
    if match is None:
        raise BadCell(f"The time {shown(cell)} is not written like 2023-01-13 20:34:11.")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    in_range = year >= 1970 and 1 <= month <= 12 and hour < 24 and minute < 60 and second < 61
    if not in_range or not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise BadCell(f"There is no time {shown(cell)}.")
    at = calendar.timegm((year, month, day, hour, minute, second))
    at -= _offset(match[7] or "Z")
    if not 0 <= at < _END_OF_TIME:
        raise BadCell(f"There is no time {shown(cell)}.")
    return at


def _offset(zone: str) -> int:
    if zone in ("Z", "UTC"):
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def text(cell: str) -> str:
    """Free text without control characters, cut to what is kept of a label."""
    return "".join(c for c in cell.strip() if c.isprintable())[:_LONGEST_LABEL]


def shown(cell: str) -> str:
    """A cell as a message quotes it: short, printable, between signs."""
    kept = text(cell)
    return f"“{kept[:40]}…”" if len(kept) > 40 else f"“{kept}”"
