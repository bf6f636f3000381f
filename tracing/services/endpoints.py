"""Adapters for chains: which endpoint, through which family."""

from __future__ import annotations

from tracing.chains import registry
from tracing.chains.base import ChainAdapter
from tracing.chains.errors import RetryableChainError
from tracing.models import Chain, Endpoint


def adapter_for(chain: Chain) -> ChainAdapter:
    """An adapter over the chain's first enabled endpoint.

    :raises RetryableChainError: no endpoint is configured.
    """
    endpoint = Endpoint.objects.filter(chain=chain, is_enabled=True).order_by("pk").first()
    if endpoint is None:
        raise RetryableChainError(f"{chain.name} has no enabled endpoint")
    adapter = registry.adapter_for(chain.caip2, endpoint.url)
    if adapter is None:
        raise RetryableChainError(f"no family of chains serves {chain.caip2}")
    return adapter


def configure(
    caip2: str,
    *,
    name: str,
    url: str,
    native_symbol: str = "ETH",
    operator: str = "local",
    start: int | None = None,
    final_depth: int = 64,
) -> Chain:
    """Make a chain watched through one endpoint, or change its endpoint.

    ``start``: the first block to apply; without it the watcher begins at the head.
    """
    chain, _ = Chain.objects.get_or_create(
        caip2=caip2,
        defaults={
            "name": name,
            "native_symbol": native_symbol,
            "native_asset": f"{caip2}/slip44:60",
            "final_depth": final_depth,
            "cursor_number": None if start is None else start - 1,
        },
    )
    Endpoint.objects.update_or_create(chain=chain, operator=operator, defaults={"url": url})
    return chain
