"""The policies once more, naively: a list of lots an account, nothing fast, nothing shared."""

from __future__ import annotations

from tracing.core.flows.prepared import Prepared
from tracing.core.policies.names import PolicyName

Lot = tuple[int, bool]  # amount, stolen?


def trace(table: Prepared, policy: PolicyName) -> tuple[list[int], int, int]:
    """Stolen units by account, minted, opened."""
    accounts: list[list[Lot]] = [[] for _ in table.addresses]
    minted = opened = 0
    for frm, to, amount in zip(table.frm, table.to, table.amount, strict=True):
        short = amount - sum(size for size, _ in accounts[frm])
        if short > 0 and table.is_source[frm]:
            accounts[frm].insert(0, (short, True))
            minted += short
        elif short > 0:
            accounts[frm].insert(0, (short, False))
            opened += short
        accounts[to] += take(accounts[frm], amount, policy)
    return [stolen(account) for account in accounts], minted, opened


def stolen(account: list[Lot]) -> int:
    return sum(size for size, is_stolen in account if is_stolen)


def take(account: list[Lot], amount: int, policy: PolicyName) -> list[Lot]:
    """Cut ``amount`` off an account that has as much."""
    if policy is PolicyName.HAIRCUT:
        total, bad = sum(size for size, _ in account), stolen(account)
        part = bad * amount // total
        left = total - amount - (bad - part)
        account[:] = [(left, False), (bad - part, True)]
        return [(amount - part, False), (part, True)]
    if policy is PolicyName.LIFO:
        account.reverse()
    elif policy is PolicyName.TAINT_FIRST:
        account.sort(key=lambda lot: not lot[1])
    elif policy is PolicyName.TAINT_LAST:
        account.sort(key=lambda lot: lot[1])
    taken: list[Lot] = []
    while amount:
        size, is_stolen = account[0]
        part = min(size, amount)
        taken.append((part, is_stolen))
        amount -= part
        if part == size:
            account.pop(0)
        else:
            account[0] = (size - part, is_stolen)
    if policy is PolicyName.LIFO:
        account.reverse()
    return taken
