"""Which chain families there are: one file each in this folder."""

from __future__ import annotations

import pkgutil
from collections.abc import Collection
from functools import cache

import tracing.chains
from tracing.chains.base import ChainAdapter
from tracing.core.caip import parse_chain
from tracing.core.registry import discover

_HELPERS = frozenset({"base", "errors", "quorum", "registry", "saved"})
# What begins like this is a part of a family's module, or of the pool that holds several of one.
_PARTS = ("evm_", "pool", "shipped")


@cache
def adapters() -> dict[str, type[ChainAdapter]]:
    """Families by slug. Raises BadPlugin for a file that breaks the rules."""
    names = {module.name for module in pkgutil.iter_modules(tracing.chains.__path__)}
    parts = {name for name in names if name.startswith(_PARTS)}
    besides = _HELPERS | parts
    return discover(tracing.chains, ChainAdapter, besides=besides)  # type: ignore[type-abstract]


def adapter_for(
    chain: str, url: str, *, timeout: float = 20.0, commitments: Collection[str] = ()
) -> ChainAdapter | None:
    """An adapter for a CAIP-2 chain at an endpoint; None where no family serves the chain.

    Raises InvalidIdentifier for what is no chain. Nothing is asked of the endpoint yet.
    """
    namespace = parse_chain(chain).namespace
    for adapter in adapters().values():
        if adapter.namespace == namespace:
            return adapter(chain, url, timeout=timeout, commitments=commitments)
    return None
