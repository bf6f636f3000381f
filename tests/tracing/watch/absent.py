"""Operators whose endpoints answer nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.liars.faults import Fault, Reply

if TYPE_CHECKING:
    from tests.tracing.watch.crowd import Crowd


class Away(Fault):
    """A gateway without a node behind it."""

    slug = "away"

    def reply(self, operator: Any, request: Any, reply: Reply) -> Reply:
        return Reply(None, status=503)


def away(crowd: Crowd, *names: str) -> None:
    """These operators answer nothing until they stop."""
    for name in names:
        crowd.operators[name].do(Away())
