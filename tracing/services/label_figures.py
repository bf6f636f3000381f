"""How much of where stolen value ended the labels that are known here recognise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from incidents import scope
from incidents.access import EVERY_PARTY
from tracing.core.flows import Flow
from tracing.services import labels


@dataclass(frozen=True)
class Recognised:
    """Shares in parts per thousand, floored, of the value of rows that end at a terminal.

    ``labelled``: some label names it; ``sinks``: the label that counts stops a trace there.
    """

    terminals: int
    terminals_labelled: int
    terminals_sinks: int
    amount: int
    labelled: int
    sinks: int
    disagreeing: int

    def as_json(self) -> dict[str, Any]:
        """Amounts as decimal strings, in the unit of the table."""
        told = asdict(self)
        told["share_labelled"] = share(self.labelled, self.amount)
        told["share_sinks"] = share(self.sinks, self.amount)
        return told | {name: str(told[name]) for name in ("amount", "labelled", "sinks")}


def share(part: int, whole: int) -> str:
    """A share with three places, floored."""
    return f"{part * 1000 // whole / 1000:.3f}" if whole else "0.000"


@scope.trusted
def recognised(flows: Iterable[Flow], terminals: Collection[str], chain: str) -> Recognised:
    """What labels of the directory say of the terminals that occur in a table of transfers."""
    wanted = set(terminals)
    came: Counter[str] = Counter()
    for flow in flows:
        if flow.to in wanted:
            came[flow.to] += flow.amount
    told = labels.told(chain, EVERY_PARTY, None, list(came))
    sinks = [address for address, one in told.items() if one.kind is not None]
    return Recognised(
        terminals=len(came),
        terminals_labelled=len(told),
        terminals_sinks=len(sinks),
        amount=came.total(),
        labelled=sum(came[address] for address in told),
        sinks=sum(came[address] for address in sinks),
        disagreeing=sum(one.decision.disagree for one in told.values()),
    )
