"""The 14 places where a text can come out, and which of them there are today.

A sink that does not exist yet is listed with what proves its absence: on the day it is added, the
proof fails, and the sink has to be crawled.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.access.surf import templates

ROOT = Path(__file__).resolve().parents[3]


def _imports(*names: str) -> bool:
    """Whether our code takes any of these modules."""
    wanted = re.compile(rf"^\s*(?:from|import) (?:{'|'.join(names)})\b", re.M)
    return any(
        wanted.search(path.read_text())
        for folder in ("incidents", "tracing", "config")
        for path in (ROOT / folder).rglob("*.py")
    )


def _media(kind: str) -> bool:
    """Whether an exporter writes this media type."""
    from incidents.exports.base import freeze_exports
    from tracing.exports.base import provenance_exports

    exports = [*freeze_exports().values(), *provenance_exports().values()]
    return any(kind in one.media_type for one in exports)


def _needs(pattern: str) -> bool:
    """Whether a library of this kind is among the requirements."""
    lines = (ROOT / "requirements.in").read_text().lower().splitlines()
    return any(re.match(pattern, line) for line in lines)


def _address(pattern: str) -> bool:
    return any(re.search(pattern, one) for one in templates())


def _notifiers() -> bool:
    return any(one.name != "__init__.py" for one in (ROOT / "incidents/notifiers").glob("*.py"))


@dataclass(frozen=True)
class Sink:
    """``is_there``: what would have to be for it to exist. ``crawled_by``: the test; "": absent."""

    name: str
    is_there: Callable[[], bool]
    crawled_by: str


SINKS = (
    Sink("HTML", lambda: True, "test_crawl"),
    Sink("JSON", lambda: _address("/api/"), "test_crawl"),
    Sink("frames", lambda: (ROOT / "incidents/consumers.py").exists(), "test_process"),
    Sink("CSV", lambda: _media("csv"), "test_crawl"),
    Sink(
        "PDF text",
        lambda: (
            _media("pdf")
            or _imports("typst", "reportlab", "weasyprint", "fpdf", "pypdf", "pikepdf")
            or _needs("typst|reportlab|weasyprint|fpdf|pypdf|pikepdf")
        ),
        "test_crawl",
    ),
    Sink(
        "archives",
        lambda: _media("zip") or _media("tar") or _media("gzip") or _imports("zipfile", "tarfile"),
        "",
    ),
    Sink("mails", lambda: _imports("django.core.mail"), "test_outside"),
    Sink(
        "webhooks",
        lambda: _notifiers() or _address("hook") or _imports("incidents.notifiers"),
        "test_outside",
    ),
    Sink("public pages", lambda: _address("^/status/"), "test_crawl"),
    Sink(
        "feeds",
        lambda: _address("feed|atom|rss|taxii|stix") or _imports("django.contrib.syndication"),
        "",
    ),
    Sink("error pages", lambda: True, "test_errors"),
    Sink("logs", lambda: True, "test_process"),
    Sink("Redis", lambda: True, "test_outside"),
    Sink("task arguments", lambda: True, "test_outside"),
)
