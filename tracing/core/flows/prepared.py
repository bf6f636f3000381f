"""A table as the kernels take it: addresses are integers, rows three sequences of integers."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from tracing.core.flows.table import Flow


@dataclass(slots=True)
class Prepared:
    """Rows in the order in which they are applied. ``is_source`` has one byte an address."""

    addresses: list[str]
    frm: Sequence[int]
    to: Sequence[int]
    amount: Sequence[int]
    is_source: bytearray


@dataclass(slots=True)
class Outcome:
    """What a policy made of a table; amounts in base units, by index of the address.

    ``minted``: what sources sent beyond what they had received. ``opened``: deficits of others,
    which opened clean lots at ``incomplete``. ``lots_moved``: pieces that a queue gave away, where
    the policy keeps queues.
    """

    tainted: list[int]
    minted: int
    opened: int
    incomplete: set[int] = field(default_factory=set)
    lots_moved: int = 0


def prepare(ordered: Sequence[Flow], sources: Collection[str]) -> Prepared:
    """Number the addresses of rows that are in order. Rows that move nothing are left out."""
    number: dict[str, int] = {}
    frm: array[int] = array("l")
    to: array[int] = array("l")
    amount: list[int] = []
    for flow in ordered:
        sender = number.setdefault(flow.frm, len(number))
        recipient = number.setdefault(flow.to, len(number))
        if flow.amount and sender != recipient:
            frm.append(sender)
            to.append(recipient)
            amount.append(flow.amount)
    is_source = bytearray(len(number))
    for source in sources:
        if source in number:
            is_source[number[source]] = 1
    return Prepared(list(number), frm, to, amount, is_source)
