"""How many examples a property is tried with: a fifth in every run, all of them in `make soak`."""

import os

from hypothesis import settings

LONG = bool(os.environ.get("HOLDFAST_LONG"))


def examples(most: int) -> settings:
    """At most so many examples (HOLDFAST_LONG=1), or a fifth of them; no deadline for one."""
    return settings(max_examples=most if LONG else most // 5, deadline=None)
