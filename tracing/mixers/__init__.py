"""Mixers: one file each. Their contracts are facts with sources; see contracts.py."""

import functools
import sys

from tracing.core.logs import Log
from tracing.core.registry import discover
from tracing.mixers.base import Mixer, Seen


@functools.cache
def registry() -> dict[str, Mixer]:
    """Every mixer by slug."""
    package = sys.modules[__name__]
    found = discover(package, Mixer, besides=("base", "contracts"))
    return {slug: mixer() for slug, mixer in found.items()}


@functools.cache
def _by_topic() -> dict[str, Mixer]:
    return {topic: mixer for mixer in registry().values() for topic in mixer.readers()}


def is_of_interest(log: Log) -> bool:
    """Whether a log has the topic of an event that some mixer reads."""
    return bool(log.topics) and log.topics[0] in _by_topic()


def read(log: Log) -> Seen | None:
    """What a log says, if a mixer's contract wrote it: whoever asks checks the pool's address.

    :raises BadLog: it has an event's topic and not its fields.
    """
    mixer = _by_topic().get(log.topics[0]) if log.topics else None
    return mixer.read(log) if mixer else None
