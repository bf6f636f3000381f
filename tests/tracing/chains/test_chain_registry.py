"""What holds for every chain family."""

import pytest

from tracing.chains.registry import adapter_for, adapters
from tracing.core.caip import native_asset
from tracing.core.errors import InvalidIdentifier


@pytest.mark.parametrize("slug", sorted(adapters()))
def test_every_family_serves_a_namespace_of_its_own_and_hides_its_endpoint(slug: str) -> None:
    family = adapters()[slug]
    assert [other.namespace for other in adapters().values()].count(family.namespace) == 1
    chain = f"{family.namespace}:1"
    adapter = adapter_for(chain, "http://user:pass@127.0.0.1:1/key")
    assert type(adapter) is family
    assert adapter.chain == chain
    assert native_asset(chain).startswith(chain)
    for secret in ("user", "pass", "key"):
        assert secret not in repr(adapter)
    adapter.close()


def test_chain_that_no_family_serves_has_no_adapter() -> None:
    assert adapter_for("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "http://127.0.0.1:1") is None
    with pytest.raises(InvalidIdentifier):
        adapter_for("mainnet", "http://127.0.0.1:1")
