"""What the page of chains and the metrics show: how each chain is followed, and by whom it is told.

Everybody who signed in may see the chains. Who is asked for them is for the installation's
administrator: a list of endpoints tells an attacker whose nodes to poison. Of a URL nobody sees
more than the end of its host.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from incidents import access
from incidents.models import Person
from tracing.models import Block, Chain, ChainAct, ChainSample, Endpoint, Quarantine
from tracing.services import endpoint_words
from tracing.services.chains import lag_of, standing_of, state_of

MINUTES = 60  # on the sparkline
HEIGHT = 100  # of it, in its own units
SILENT = timedelta(seconds=90)  # an endpoint that answered nothing for so long is not healthy


@dataclass(frozen=True)
class Bar:
    """One minute: ``x`` from 0 to MINUTES - 1; ``height`` of HEIGHT, upwards."""

    x: int
    height: int

    @property
    def y(self) -> int:
        return HEIGHT - self.height


@dataclass(frozen=True)
class Sparkline:
    """Blocks per minute over the last hour. A minute without a bar: nobody followed the chain."""

    bars: tuple[Bar, ...]
    peak: int
    total: int
    last: int  # of the last minute that is over
    worst_lag: int


@dataclass(frozen=True)
class EndpointLine:
    """One endpoint as its administrator sees it. Nothing in it is a URL."""

    row: Endpoint
    host: str
    health: str  # a word
    tone: str
    reason: str
    quarantine: Quarantine | None
    learnt: tuple[str, ...]


@dataclass(frozen=True)
class ChainLine:
    """One chain. ``lag_seconds``: how old the newest state is that was applied and confirmed."""

    row: Chain
    standing: str
    lag_blocks: int | None
    lag_seconds: int | None
    verified_block: int | None
    final_block: int | None
    is_held: bool  # a watcher has its lease now
    sparkline: Sparkline
    endpoints: tuple[EndpointLine, ...] = ()


def chains(viewer: Person, caip2: str = "") -> list[ChainLine]:
    """Every chain that is watched, has endpoints or was added by somebody, or the one of that
    identifier: watched ones first, by name. With its endpoints where the viewer may see them.
    """
    return lines(caip2, with_endpoints=access.administers(viewer))


def lines(caip2: str = "", *, with_endpoints: bool) -> list[ChainLine]:
    """As `chains`, for a caller that has asked who may see the endpoints."""
    # Labels and crossings make rows too: those are nobody's to look after.
    of_it = {"chain": OuterRef("pk")}
    ours = Exists(Endpoint.objects.filter(**of_it)) | Exists(ChainAct.objects.filter(**of_it))
    rows = Chain.objects.filter(Q(is_watched=True) | ours)
    if caip2:
        rows = Chain.objects.filter(caip2=caip2)
    found = list(rows.order_by("-is_watched", "name", "caip2"))
    now = timezone.now()
    newest = _newest_blocks(found)
    samples = _samples(found, now)
    endpoints = _endpoints(found, now) if with_endpoints else {}
    return [
        ChainLine(
            row=row,
            standing=standing_of(row, newest[row.pk].standing if row.pk in newest else ""),
            lag_blocks=lag_of(row),
            lag_seconds=_lag_seconds(row, newest.get(row.pk), now),
            verified_block=state_of(row).verified_block,
            final_block=state_of(row).final_block,
            is_held=row.lease_until is not None and row.lease_until > now,
            sparkline=sparkline(samples[row.pk], now),
            endpoints=tuple(endpoints.get(row.pk, ())),
        )
        for row in found
    ]


def _lag_seconds(row: Chain, newest: Block | None, now: datetime) -> int | None:
    """Since the cursor was confirmed to be the head; of a chain that is behind, the age of the
    newest applied block, where that is older."""
    if row.verified_at is None:
        return None
    since = row.verified_at
    if lag_of(row) and newest is not None:
        since = min(since, newest.timestamp)
    return max(0, int((now - since).total_seconds()))


def _newest_blocks(rows: list[Chain]) -> dict[int, Block]:
    """The block at each chain's cursor."""
    hashes = [row.cursor_hash for row in rows if row.cursor_hash]
    blocks = Block.objects.filter(chain__in=rows, hash__in=hashes)
    return {block.chain_id: block for block in blocks}


def _samples(rows: list[Chain], now: datetime) -> dict[int, list[ChainSample]]:
    since = now.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES - 1)
    found: dict[int, list[ChainSample]] = defaultdict(list)
    for sample in ChainSample.objects.filter(chain__in=rows, minute__gte=since):
        found[sample.chain_id].append(sample)
    return found


def sparkline(samples: Iterable[ChainSample], now: datetime) -> Sparkline:
    """The last hour, the minute of ``now`` at the right."""
    minute = now.replace(second=0, microsecond=0)
    counts: dict[int, int] = {}
    worst = 0
    for sample in samples:
        x = MINUTES - 1 - int((minute - sample.minute).total_seconds() // 60)
        if 0 <= x < MINUTES:
            counts[x] = sample.blocks
            worst = max(worst, sample.lag_blocks)
    peak = max(counts.values(), default=0)
    bars = tuple(
        # A minute in which nothing came is drawn as a thin line, not left out.
        Bar(x, max(2, round(HEIGHT * count / peak)) if peak else 2)
        for x, count in sorted(counts.items())
    )
    return Sparkline(bars, peak, sum(counts.values()), counts.get(MINUTES - 2, 0), worst)


def _endpoints(rows: list[Chain], now: datetime) -> dict[int, list[EndpointLine]]:
    endpoints = Endpoint.objects.filter(chain__in=rows).order_by("kind", "operator", "pk")
    open_ones = Quarantine.objects.filter(endpoint__chain__in=rows, lifted_at__isnull=True)
    quarantines = {row.endpoint_id: row for row in open_ones.order_by("pk")}
    found: dict[int, list[EndpointLine]] = defaultdict(list)
    for row in endpoints:
        found[row.chain_id].append(_endpoint(row, quarantines.get(row.pk), now))
    return found


def _endpoint(row: Endpoint, quarantine: Quarantine | None, now: datetime) -> EndpointLine:
    health, tone, reason = _health(row, quarantine, now)
    learnt = endpoint_words.learnt(row.learnt)
    host = host_hint(row.url)
    return EndpointLine(row, host, health, tone, reason, quarantine, learnt)


def _health(row: Endpoint, why: Quarantine | None, now: datetime) -> tuple[str, str, str]:
    """A word, its tone, and the reason."""
    if not row.is_enabled:
        return "switched off", "", ""
    if row.state == Endpoint.State.QUARANTINED:
        return "in quarantine", "bad", endpoint_words.caught(why.kind) if why else ""
    if row.retry_at is not None and row.retry_at > now:
        return "backing off", "wait", row.last_error
    if row.errors_in_row:
        return "failing", "bad", row.last_error
    if row.answered_at is None:
        return "not asked yet", "open", ""
    if row.kind == Endpoint.Kind.RPC and now - row.answered_at > SILENT:
        return "silent", "wait", "no answer was asked for, or none came"
    return "healthy", "good", ""


def host_hint(url: str) -> str:
    """The end of a URL's host: whose it is, and nothing that could be a key or an account.

    Providers put account names before their domain, so only its last two parts are shown; a
    number, and a name without a dot, are shown whole. "" where there is none.
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    try:
        return str(ip_address(host))
    except ValueError:
        parts = host.split(".")
        return host if len(parts) < 3 else "…." + ".".join(parts[-2:])
