"""Policies that need two numbers an account, its balance and its taint: a few integers a row.

Definitions: docs/taint.md. A table has one set of sources, so that there is one kind of taint and
haircut floors once a row.
"""

from __future__ import annotations

from tracing.core.flows.prepared import Outcome, Prepared


def haircut(table: Prepared) -> Outcome:
    """Of ``v`` units floor(T * v / B) are tainted; the remainder stays with the sender."""
    balance, tainted = [0] * len(table.addresses), [0] * len(table.addresses)
    is_source, incomplete = table.is_source, set()
    minted = opened = 0
    for f, t, v in zip(table.frm, table.to, table.amount, strict=True):
        held = balance[f]
        if v < held:
            share = tainted[f]
            if share:
                share = share * v // held
                tainted[f] -= share
                tainted[t] += share
            balance[f] = held - v
        else:
            if is_source[f]:
                minted += v - held
                tainted[t] += tainted[f] + v - held
            else:
                tainted[t] += tainted[f]
                if v > held:
                    opened += v - held
                    incomplete.add(f)
            balance[f] = tainted[f] = 0
        balance[t] += v
    return Outcome(tainted, minted, opened, incomplete)


def taint_first(table: Prepared) -> Outcome:
    """Of ``v`` units min(T, v) are tainted: stolen units leave first."""
    balance, tainted = [0] * len(table.addresses), [0] * len(table.addresses)
    is_source, incomplete = table.is_source, set()
    minted = opened = 0
    for f, t, v in zip(table.frm, table.to, table.amount, strict=True):
        held, share = balance[f], tainted[f]
        if v > held:
            if is_source[f]:
                minted += v - held
                share += v - held
            else:
                opened += v - held
                incomplete.add(f)
            balance[f] = tainted[f] = 0
        else:
            if share > v:
                share = v
            tainted[f] -= share
            balance[f] = held - v
        tainted[t] += share
        balance[t] += v
    return Outcome(tainted, minted, opened, incomplete)


def taint_last(table: Prepared) -> Outcome:
    """Of ``v`` units max(0, v - (B - T)) are tainted: clean units leave first."""
    clean, tainted = [0] * len(table.addresses), [0] * len(table.addresses)
    is_source, incomplete = table.is_source, set()
    minted = opened = 0
    for f, t, v in zip(table.frm, table.to, table.amount, strict=True):
        own = clean[f]
        if v <= own:
            clean[f] = own - v
            clean[t] += v
            continue
        share = v - own
        short = share - tainted[f]
        if short <= 0:
            tainted[f] -= share
        elif is_source[f]:
            minted += short
            tainted[f] = 0
        else:
            opened += short
            incomplete.add(f)
            share -= short
            tainted[f] = 0
        clean[f] = 0
        clean[t] += v - share
        tainted[t] += share
    return Outcome(tainted, minted, opened, incomplete)


def poison(table: Prepared) -> Outcome:
    """Whatever leaves an address that taint ever reached is tainted; sources are from the start.

    Nothing is conserved: the amounts say what was touched, not how much was stolen.
    """
    balance, touched = [0] * len(table.addresses), bytearray(table.is_source)
    is_source, incomplete = table.is_source, set()
    minted = opened = 0
    for f, t, v in zip(table.frm, table.to, table.amount, strict=True):
        held = balance[f]
        if v > held:
            if is_source[f]:
                minted += v - held
            else:
                opened += v - held
                incomplete.add(f)
            balance[f] = 0
        else:
            balance[f] = held - v
        balance[t] += v
        if touched[f]:
            touched[t] = 1
    tainted = [held if is_in else 0 for held, is_in in zip(balance, touched, strict=True)]
    return Outcome(tainted, minted, opened, incomplete)
