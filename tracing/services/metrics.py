"""The figures of the page of chains in Prometheus' format.

They are read from the database when they are asked for, so that any web process gives the same
answer, whatever process follows the chain. Nothing in them is a URL; operators are named, so that
the answer is not for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tracing.models import Endpoint
from tracing.services.watch_page import ChainLine, EndpointLine, lines

_TRACES_AGREED = {"verified": True, "logs": False}
STANDINGS = ("starting", "single", "verified", "logs", "unverified", "off")
_CHAIN = ("chain", "name")
_ENDPOINT = ("chain", "operator", "kind")


def text() -> bytes:
    """Every figure, as it is now."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Chains())
    return generate_latest(registry)


class _Chains(Collector):
    """Asks the database each time it is collected."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = lines(with_endpoints=True)
        now = timezone.now()
        yield from _of_chains(found, now)
        yield _standing(found)
        yield from _of_endpoints([(one, e) for one in found for e in one.endpoints], now)


def _age(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else max(0.0, (now - at).total_seconds())


def _gauge(
    name: str,
    said: str,
    labels: tuple[str, ...],
    values: Iterable[tuple[tuple[str, ...], float | int | bool | None]],
) -> GaugeMetricFamily:
    """One family. What is not known has no sample: a zero would say something."""
    family = GaugeMetricFamily(f"holdfast_{name}", said, labels=labels)
    for label, value in values:
        if value is not None:
            family.add_metric(label, float(value))
    return family


def _of_chains(found: list[ChainLine], now: datetime) -> Iterator[GaugeMetricFamily]:
    def gauge(name: str, said: str, values: list[float | int | bool | None]) -> GaugeMetricFamily:
        labels = [(one.row.caip2, one.row.name) for one in found]
        pairs = zip(labels, values, strict=True)
        return _gauge(f"chain_{name}", said, _CHAIN, pairs)

    rows = [one.row for one in found]
    yield gauge("head_block", "Newest block that endpoints told.", [r.head_number for r in rows])
    yield gauge("applied_block", "Newest applied block.", [r.cursor_number for r in rows])
    yield gauge(
        "verified_block", "A quorum agrees up to here.", [one.verified_block for one in found]
    )
    yield gauge("final_block", "Final up to here.", [one.final_block for one in found])
    yield gauge("lag_blocks", "Blocks behind the head.", [one.lag_blocks for one in found])
    yield gauge(
        "lag_seconds",
        "Age of the newest state that was applied and confirmed.",
        [one.lag_seconds for one in found],
    )
    yield gauge(
        "unverified_seconds",
        "How long no quorum agrees; 0 where one does.",
        [_age(r.unverified_since, now) or 0 for r in rows],
    )
    yield gauge("quorum", "Operators that must agree.", [r.quorum for r in rows])
    yield gauge(
        "errors_in_row", "Failures of the watcher in a row.", [r.errors_in_row for r in rows]
    )
    yield gauge(
        "traces_agreed",
        "0: no quorum agrees on what moved inside of contracts in the newest block.",
        [_TRACES_AGREED.get(one.standing) for one in found],
    )
    yield gauge("followed", "1: a watcher holds the lease.", [one.is_held for one in found])
    yield gauge(
        "blocks_per_minute",
        "Blocks applied in the last full minute.",
        [one.sparkline.last for one in found],
    )
    yield gauge(
        "flawed", "1: the last check found a gap or a double.", [bool(r.flaw) for r in rows]
    )
    yield gauge("checked_seconds", "Since the last check.", [_age(r.checked_at, now) for r in rows])


def _standing(found: list[ChainLine]) -> GaugeMetricFamily:
    return _gauge(
        "chain_standing",
        "1 at how far the chain is vouched for, 0 at the others.",
        (*_CHAIN, "standing"),
        (
            ((one.row.caip2, one.row.name, standing), one.standing == standing)
            for one in found
            for standing in STANDINGS
        ),
    )


def _of_endpoints(
    found: list[tuple[ChainLine, EndpointLine]], now: datetime
) -> Iterator[GaugeMetricFamily]:
    def gauge(name: str, said: str, values: list[float | int | bool | None]) -> GaugeMetricFamily:
        labels = [(one.row.caip2, e.row.operator, e.row.kind) for one, e in found]
        pairs = zip(labels, values, strict=True)
        return _gauge(f"endpoint_{name}", said, _ENDPOINT, pairs)

    rows = [e.row for _, e in found]
    quarantined = Endpoint.State.QUARANTINED
    yield gauge("healthy", "1: it answers.", [e.health == "healthy" for _, e in found])
    yield gauge("enabled", "0: switched off by a person.", [r.is_enabled for r in rows])
    yield gauge("quarantined", "1: not asked any more.", [r.state == quarantined for r in rows])
    yield gauge("head_block", "Its newest block.", [r.head_number for r in rows])
    yield gauge(
        "latency_seconds",
        "Moving average of its answers.",
        [None if r.latency_ms is None else r.latency_ms / 1000 for r in rows],
    )
    yield gauge("errors_in_row", "Its failures in a row.", [r.errors_in_row for r in rows])
    yield gauge(
        "answered_seconds", "Since its last good answer.", [_age(r.answered_at, now) for r in rows]
    )
