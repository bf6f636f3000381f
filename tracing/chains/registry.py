"""Which chain families there are: one file each in this folder."""

from __future__ import annotations

from functools import cache

import tracing.chains
from tracing.chains.base import ChainAdapter
from tracing.core.caip import parse_chain
from tracing.core.registry import discover

_HELPERS = frozenset(
    {
        "base",
        "errors",
        "registry",
        "saved",
        "evm_checks",
        "evm_decode",
        "evm_history",
        "evm_json",
        "evm_logs",
        "evm_rpc",
        "evm_traces",
    }
)


@cache
def adapters() -> dict[str, type[ChainAdapter]]:
    """Families by slug. Raises BadPlugin for a file that breaks the rules."""
    return discover(tracing.chains, ChainAdapter, besides=_HELPERS)  # type: ignore[type-abstract]


def adapter_for(chain: str, url: str, *, timeout: float = 20.0) -> ChainAdapter | None:
    """An adapter for a CAIP-2 chain at an endpoint; None where no family serves the chain.

    Raises InvalidIdentifier for what is no chain. Nothing is asked of the endpoint yet.
    """
    namespace = parse_chain(chain).namespace
    for adapter in adapters().values():
        if adapter.namespace == namespace:
            return adapter(chain, url, timeout=timeout)
    return None
