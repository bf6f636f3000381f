"""Peak memory of tracing, each way in a process of its own, which this is when run as a program."""

from __future__ import annotations

import json
import resource
import sys

from config.bench.clock import child
from config.bench.kernels import synthetic
from tracing.core.flows import Flow, trace_table
from tracing.core.flows.queues import fifo
from tracing.core.flows.shares import haircut


def kernels(transfers: int, addresses: int) -> None:
    """The synthetic table, and both policies over it."""
    table = synthetic(transfers, addresses)
    haircut(table)
    fifo(table)


def table(transfers: int, addresses: int) -> None:
    """The same as rows of a file, through all that ``trace_table`` does."""
    made = synthetic(transfers, addresses)
    names = [f"0x{at:040x}" for at in range(addresses)]
    flows = [
        Flow(at, None, at // 20, f"0x{at:064x}", names[frm], names[to], amount)
        for at, (frm, to, amount) in enumerate(zip(made.frm, made.to, made.amount, strict=True))
    ]
    sources = [name for name, is_source in zip(names, made.is_source, strict=True) if is_source]
    trace_table(flows, sources, names[:10], "fifo")


WAYS = {"kernels": kernels, "table": table}


def main(arguments: list[str]) -> None:
    """``transfers addresses``: both ways; with a way's name before them: that one, here."""
    if arguments[0] in WAYS:
        WAYS[arguments[0]](int(arguments[1]), int(arguments[2]))
        unit = 1024 if sys.platform != "darwin" else 1024 * 1024
        print(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit))
    else:
        print(json.dumps({way: child("config.bench.memory", way, *arguments) for way in WAYS}))


if __name__ == "__main__":
    main(sys.argv[1:])
