"""Adapters for chains: which endpoint, through which family."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils import timezone

from incidents.exceptions import BadInput, WrongState
from tracing.chains import registry
from tracing.chains.errors import ChainError, RetryableChainError, WrongChain
from tracing.chains.pool import Pool
from tracing.chains.pool_member import Member
from tracing.core import caip
from tracing.core.errors import InvalidIdentifier
from tracing.models import Chain, Endpoint
from tracing.services.endpoint_health import Health

LONGEST_NAME = 60
LONGEST_OPERATOR = 80
HIGHEST = 2**63 - 1
CHECK_SECONDS = 10.0
# Where a block commits to all this, two honest nodes tell the same contents of it.
CONTENTS = frozenset({"transactions", "receipts", "senders"})
# SLIP-44 coin -> what its unit is called (the same registry).
NATIVE_SYMBOLS = {
    "slip44:60": "ETH",
    "slip44:700": "xDAI",
    "slip44:714": "BNB",
    "slip44:966": "POL",
    "slip44:9005": "AVAX",
}


@dataclass(frozen=True)
class Connected:
    """A chain with the endpoint that was checked. ``head`` is the endpoint's newest block."""

    chain: Chain
    host: str  # what may be shown of the endpoint
    head: int
    has_traces: bool
    is_used: bool  # one endpoint is read: the first


def adapter_for(chain: Chain) -> Pool:
    """All endpoints of the chain that are enabled and in no quarantine, as one adapter that
    compares what they say. Its quorum is the chain's, however many there are.

    :raises RetryableChainError: there is none.
    """
    rows = Endpoint.objects.filter(chain=chain, kind=Endpoint.Kind.RPC, is_enabled=True)
    active = {row.pk: row for row in rows.order_by("pk") if row.state == Endpoint.State.ACTIVE}
    if not active:
        why = "all are in quarantine" if rows else "none is configured"
        raise RetryableChainError(f"{chain.name} has no enabled endpoint ({why})")
    members = [_member(chain, row) for row in active.values()]
    return Pool(
        chain.caip2,
        members,
        quorum=chain.quorum,
        recorder=Health(active),
        is_comparable=CONTENTS.issubset(chain.commitments),
    )


def _member(chain: Chain, row: Endpoint) -> Member:
    """One endpoint with what was known of it. Raises RetryableChainError."""
    adapter = registry.adapter_for(chain.caip2, row.url, commitments=chain.commitments)
    if adapter is None:
        raise RetryableChainError(f"no family of chains serves {chain.caip2}")
    adapter.remember(row.learnt)
    rest = 0.0 if row.retry_at is None else (row.retry_at - timezone.now()).total_seconds()
    return Member(
        row.pk,
        row.operator,
        adapter,
        latency=None if row.latency_ms is None else row.latency_ms / 1000,
        errors=row.errors_in_row,
        rest_until=time.monotonic() + rest,
    )


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
    begun = {
        "name": name,
        "native_symbol": native_symbol,
        "native_asset": caip.native_asset(caip2),
        "final_depth": final_depth,
        "cursor_number": None if start is None else start - 1,
        "is_watched": True,
    }
    chain, _ = Chain.objects.get_or_create(caip2=caip2, defaults=begun)
    if not chain.is_watched:  # only labels knew it so far
        for name_of, value in begun.items():
            setattr(chain, name_of, value)
        chain.save(update_fields=list(begun))
    Endpoint.objects.update_or_create(chain=chain, operator=operator, defaults={"url": url})
    return chain


def connect(
    caip2: str, *, name: str, url: str, operator: str = "local", start: int | None = None
) -> Connected:
    """As `configure`, after the endpoint proved to serve the chain. Messages never show the URL.

    :raises BadInput: a bad identifier or URL, no family for this chain, or an endpoint of another
        chain. :raises WrongState: it gives no usable answer now, or ``start`` comes too late.
    """
    try:
        caip2 = str(caip.parse_chain(caip2))
    except InvalidIdentifier as error:
        raise BadInput(error.message, field="chain") from error
    host = _checked(url, name.strip(), operator.strip(), start)
    if start is not None and _is_begun(caip2):
        raise WrongState(f"{caip2} is watched already: where it starts is settled.", field="start")
    head, has_traces = _ask(caip2, url, start)
    chain = configure(
        caip2,
        name=name.strip(),
        url=url,
        native_symbol=NATIVE_SYMBOLS.get(caip.native_asset(caip2).rpartition("/")[2], "native"),
        operator=operator.strip(),
        start=start,
    )
    first = Endpoint.objects.filter(chain=chain, is_enabled=True).order_by("pk").first()
    is_used = first is not None and first.operator == operator.strip()
    return Connected(chain, host, head, has_traces, is_used)


def _checked(url: str, name: str, operator: str, start: int | None) -> str:
    """The host of a plausible URL. Raises BadInput."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https"):
        raise BadInput("Write the endpoint's URL with http:// or https://.", field="url")
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(f"A name has 1 to {LONGEST_NAME} characters.", field="name")
    if not 0 < len(operator) <= LONGEST_OPERATOR:
        raise BadInput(f"An operator has 1 to {LONGEST_OPERATOR} characters.", field="operator")
    if start is not None and not 0 <= start <= HIGHEST:
        raise BadInput("The first block is a number from 0 on.", field="start")
    return host


def _is_begun(caip2: str) -> bool:
    return Chain.objects.filter(caip2=caip2, is_watched=True).exists()


def _ask(caip2: str, url: str, start: int | None) -> tuple[int, bool]:
    """The endpoint's newest block, and whether it traces. It is asked, nothing is written."""
    adapter = registry.adapter_for(caip2, url, timeout=CHECK_SECONDS)
    if adapter is None:
        raise BadInput(f"Chains like {caip2} cannot be watched yet.", field="chain")
    try:
        with closing(adapter):
            adapter.check_chain()
            head = adapter.head()
            if head is None:
                raise WrongState("The endpoint has no block yet.", field="url")
            if start is not None and start > head.number:
                reason = f"Block {start} is above the endpoint's newest, {head.number}."
                raise BadInput(reason, field="start")
            return head.number, adapter.read_block(head.number).traces is not None
    except WrongChain as error:
        raise BadInput(f"Wrong chain: {error}.", field="url") from error
    except ChainError as error:
        raise WrongState(f"No usable answer: {error}.", field="url") from error
