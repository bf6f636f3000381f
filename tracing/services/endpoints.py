"""Adapters for chains: which endpoint, through which family."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from incidents.exceptions import BadInput, WrongState
from tracing.chains import registry, shipped
from tracing.chains.errors import ChainError, RetryableChainError, WrongChain
from tracing.chains.pool import Pool
from tracing.chains.pool_member import Member, Pace
from tracing.core import caip
from tracing.core.errors import InvalidIdentifier
from tracing.models import Chain, Endpoint
from tracing.services import shipped_chains
from tracing.services.endpoint_health import Health

LONGEST_NAME = 60
LONGEST_OPERATOR = 80
HIGHEST = 2**63 - 1
CHECK_SECONDS = 10.0
PATIENCE = 20.0
LONGEST_REST = Pace().longest_rest
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
    """A chain with the endpoint that was checked. ``head`` is the endpoint's newest block.

    ``quorum`` and ``operators``: how many of whom must agree on a block of the chain now.
    """

    chain: Chain
    host: str  # what may be shown of the endpoint
    head: int
    has_traces: bool
    is_used: bool  # not while it is in quarantine
    quorum: int
    operators: tuple[str, ...]


def adapter_for(chain: Chain, *, timeout: float = PATIENCE) -> Pool:
    """All endpoints of the chain that are enabled and in no quarantine, as one adapter that
    compares what they say. Its quorum is the chain's, however many there are. ``timeout``: seconds
    for one answer of one of them.

    :raises RetryableChainError: there is none.
    """
    rows = Endpoint.objects.filter(chain=chain, kind=Endpoint.Kind.RPC, is_enabled=True)
    active = {row.pk: row for row in rows.order_by("pk") if row.state == Endpoint.State.ACTIVE}
    if not active:
        why = "all are in quarantine" if rows else "none is configured"
        raise RetryableChainError(f"{chain.name} has no enabled endpoint ({why})")
    members = [_member(chain, row, timeout) for row in active.values()]
    return Pool(
        chain.caip2,
        members,
        quorum=chain.quorum,
        recorder=Health(active),
        is_comparable=CONTENTS.issubset(chain.commitments),
    )


def ws_urls(chain: Chain) -> list[str]:
    """Where the endpoints that are asked tell of new blocks. They may hold keys."""
    rows = Endpoint.objects.filter(
        chain=chain, kind=Endpoint.Kind.RPC, is_enabled=True, state=Endpoint.State.ACTIVE
    )
    return list(rows.exclude(ws_url="").order_by("pk").values_list("ws_url", flat=True))


def _member(chain: Chain, row: Endpoint, timeout: float) -> Member:
    """One endpoint with what was known of it. Raises RetryableChainError."""
    adapter = registry.adapter_for(
        chain.caip2, row.url, timeout=timeout, commitments=chain.commitments
    )
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
        must_rest=rest > LONGEST_REST,  # longer than a pool's own: it had asked for it
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
    ws_url: str = "",
    quorum: int | None = None,
) -> Chain:
    """Make a chain watched through one endpoint more, or change the endpoint of this operator.

    ``start``: the first block to apply; without it the watcher begins at the head. ``quorum``: how
    many distinct operators must agree; without it what the chain's row says stays. Another URL
    ends no quarantine: it does not make an operator honest.

    :raises BadInput: a quorum of more operators than there are.
    """
    begun = {
        "name": name,
        "native_symbol": native_symbol,
        "native_asset": caip.native_asset(caip2),
        "final_depth": final_depth,
        "cursor_number": None if start is None else start - 1,
        "is_watched": True,
    }
    with transaction.atomic():
        chain, _ = Chain.objects.get_or_create(caip2=caip2, defaults=begun)
        if not chain.is_watched:  # only labels knew it so far
            for name_of, value in begun.items():
                setattr(chain, name_of, value)
            chain.save(update_fields=list(begun))
        _endpoint(chain, operator, url, ws_url)
        if quorum is not None:
            set_quorum(chain, quorum)
    return chain


def _endpoint(chain: Chain, operator: str, url: str, ws_url: str) -> None:
    """The operator's row. Two spellings of a name are one operator."""
    rows = Endpoint.objects.filter(chain=chain, kind=Endpoint.Kind.RPC)
    known = rows.filter(operator__iexact=operator).first()
    if known is None:
        Endpoint.objects.create(chain=chain, operator=operator, url=url, ws_url=ws_url)
    elif (known.url, known.ws_url) != (url, ws_url):
        known.url, known.ws_url, known.learnt, known.latency_ms = url, ws_url, {}, None
        known.retry_at, known.errors_in_row = None, 0
        known.save(
            update_fields=["url", "ws_url", "learnt", "latency_ms", "retry_at", "errors_in_row"]
        )


def operators_of(chain: Chain) -> list[str]:
    """Who is asked for blocks, each once; those in quarantine too: a person may free them."""
    rows = Endpoint.objects.filter(chain=chain, kind=Endpoint.Kind.RPC, is_enabled=True)
    names = {row.operator.strip().casefold(): row.operator for row in rows.order_by("-pk")}
    return sorted(names.values())


def set_quorum(chain: Chain, quorum: int) -> None:
    """How many distinct operators must say the same of a block. Only this ever lowers it.

    :raises BadInput: none, or more than there are.
    """
    most = len(operators_of(chain))
    if not 1 <= quorum <= most:
        reason = f"A quorum is between 1 and the number of operators, which is {most} here."
        raise BadInput(reason, field="quorum")
    chain.quorum = quorum
    chain.save(update_fields=["quorum"])


def connect(
    caip2: str,
    *,
    name: str,
    url: str,
    operator: str = "local",
    start: int | None = None,
    ws_url: str = "",
    quorum: int | None = None,
) -> Connected:
    """As `configure`, after the endpoint proved to serve the chain. Messages never show the URL.
    What ships of a chain (its finality, what of it is recomputed) is taken when it is new here.

    :raises BadInput: a bad identifier or URL, no family for this chain, an endpoint of another
        chain, or a quorum of more operators than there are. :raises WrongState: it gives no usable
        answer now, or ``start`` comes too late.
    """
    try:
        caip2 = str(caip.parse_chain(caip2))
    except InvalidIdentifier as error:
        raise BadInput(error.message, field="chain") from error
    name, operator = name.strip(), operator.strip()
    host = check_url(url)
    if ws_url:
        check_url(ws_url, field="ws_url", schemes=("ws", "wss"))
    _check(name, operator, start)
    is_begun = _is_begun(caip2)
    if start is not None and is_begun:
        raise WrongState(f"{caip2} is watched already: where it starts is settled.", field="start")
    head, has_traces = ask(caip2, url, start)
    with transaction.atomic():
        chain = configure(
            caip2,
            name=name,
            url=url,
            native_symbol=NATIVE_SYMBOLS.get(caip.native_asset(caip2).rpartition("/")[2], "native"),
            operator=operator,
            start=start,
            ws_url=ws_url,
            quorum=quorum,
        )
        ships = shipped.by_caip2().get(caip2)
        if ships is not None and not is_begun:
            facts = shipped_chains.changes(ships) | {"name": name}
            Chain.objects.filter(pk=chain.pk).update(**facts)
            chain.refresh_from_db()
    row = Endpoint.objects.get(chain=chain, operator__iexact=operator, kind=Endpoint.Kind.RPC)
    is_used = row.is_enabled and row.state == Endpoint.State.ACTIVE
    return Connected(
        chain, host, head, has_traces, is_used, chain.quorum, tuple(operators_of(chain))
    )


def check_url(url: str, *, field: str = "url", schemes: Collection[str] = ("http", "https")) -> str:
    """The host of a plausible URL. Raises BadInput, which does not repeat it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in schemes or not url.isprintable():
        names = " or ".join(f"{scheme}://" for scheme in schemes)
        raise BadInput(f"Write the endpoint's URL with {names}.", field=field)
    return host


def _check(name: str, operator: str, start: int | None) -> None:
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(f"A name has 1 to {LONGEST_NAME} characters.", field="name")
    if not 0 < len(operator) <= LONGEST_OPERATOR:
        raise BadInput(f"An operator has 1 to {LONGEST_OPERATOR} characters.", field="operator")
    if start is not None and not 0 <= start <= HIGHEST:
        raise BadInput("The first block is a number from 0 on.", field="start")


def _is_begun(caip2: str) -> bool:
    return Chain.objects.filter(caip2=caip2, is_watched=True).exists()


def ask(caip2: str, url: str, start: int | None) -> tuple[int, bool]:
    """The endpoint's newest block, and whether it traces. It is asked, nothing is written.

    :raises BadInput: no family for this chain, another chain's endpoint, or ``start`` above its
        newest block. :raises WrongState: it gives no usable answer now.
    """
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
