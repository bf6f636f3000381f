"""Formats of labels: one file per format. Facts come out; nothing here writes a row."""

import functools
import sys

from tracing.core.registry import discover
from tracing.labels.base import LabelFormat

HELPERS = ("base", "categories", "currencies", "starter")


@functools.cache
def registry() -> dict[str, LabelFormat]:
    """Every format by slug."""
    package = sys.modules[__name__]
    found = discover(package, LabelFormat, besides=HELPERS)  # type: ignore[type-abstract]
    return {slug: one() for slug, one in found.items()}
