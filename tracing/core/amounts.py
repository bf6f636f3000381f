"""Amounts as people and JSON write them, exact: decimal strings to integers in base units."""

from __future__ import annotations

import re

from tracing.core.errors import InvalidIdentifier

UINT256_MAX = (1 << 256) - 1
MAX_DECIMALS = 77  # 10**77 is the largest power of ten in a uint256

_DIGITS = re.compile(r"[0-9]{1,78}")
_DECIMAL = re.compile(r"([0-9]{1,78})(?:\.([0-9]{1,78}))?|\.([0-9]{1,78})")


def parse_uint256(text: str) -> int:
    """A whole number of base units. Raises InvalidIdentifier ``amount``."""
    value = text.strip()
    if not _DIGITS.fullmatch(value):
        raise InvalidIdentifier("amount", "Write a whole number with digits only.")
    return _bounded(int(value))


def parse_amount(text: str, decimals: int) -> int:
    """A token amount with a point as decimal sign, in base units.

    Raises InvalidIdentifier ``amount``, also for more decimals than the token has: rounding
    silently would change what was stated.
    """
    if not 0 <= decimals <= MAX_DECIMALS:
        raise InvalidIdentifier("amount", f"A token has 0 to {MAX_DECIMALS} decimals.")
    match = _DECIMAL.fullmatch(text.strip())
    if match is None:
        raise InvalidIdentifier("amount", "Write the amount like 1234.5: digits and one point.")
    whole = match[1] or "0"
    fraction = (match[2] or match[3] or "").rstrip("0")
    if len(fraction) > decimals:
        raise InvalidIdentifier("amount", f"This asset has at most {decimals} decimals.")
    return _bounded(int(whole + fraction.ljust(decimals, "0")))


def format_amount(amount: int, decimals: int) -> str:
    """Base units as a decimal number without trailing zeros; the inverse of ``parse_amount``."""
    if not decimals:
        return str(amount)
    sign, digits = ("-" if amount < 0 else ""), str(abs(amount)).rjust(decimals + 1, "0")
    fraction = digits[-decimals:].rstrip("0")
    return f"{sign}{digits[:-decimals]}" + (f".{fraction}" if fraction else "")


def _bounded(amount: int) -> int:
    if amount > UINT256_MAX:
        raise InvalidIdentifier("amount", "This amount is larger than 2^256 - 1.")
    return amount
