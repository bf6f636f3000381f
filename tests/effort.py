"""What takes long: a part of it in every run of the tests, all of it with HOLDFAST_LONG=1, which
`make properties` sets."""

import os
from typing import Any

from hypothesis import settings

LONG = bool(os.environ.get("HOLDFAST_LONG"))


def examples(most: int) -> settings:
    """At most so many examples of a property, or a fifth of them; no deadline for one."""
    return settings(max_examples=most if LONG else most // 5, deadline=None)


def long_form(*always: Any, more: list[Any]) -> list[Any]:
    """The parameters of every run, and those of the long one."""
    return [*always, *more] if LONG else list(always)
