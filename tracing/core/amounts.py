"""Exact amounts: base units in, text out. Integer arithmetic only: Decimal would round."""


def display(amount: int, decimals: int) -> str:
    """``amount`` base units as a grouped decimal number, without trailing zeros, exact.

    >>> display(30765667501709008927568, 18)
    '30,765.667501709008927568'
    """
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    whole, part = divmod(amount, 10**decimals)
    fraction = f"{part:0{decimals}d}".rstrip("0") if decimals else ""
    return f"{sign}{whole:,}" + (f".{fraction}" if fraction else "")
