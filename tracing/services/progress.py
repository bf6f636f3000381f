"""How far a chain was followed, for whoever waits for it."""

from __future__ import annotations

from django.db.models import Q

from incidents import scope
from tracing.models import Chain, Finding, Trace


@scope.trusted
def has_applied(caip2: str, block_hash: str, slug: str) -> bool:
    """Whether the chain's cursor is this block, every trace of the incident is there too, and
    nothing that was found still waits to be posted."""
    chain = Chain.objects.get(caip2=caip2)
    if chain.cursor_hash != block_hash:
        return False
    traces = Trace.objects.filter(incident__slug=slug, chain=chain)
    if traces.filter(Q(is_live=False) | ~Q(cursor_number=chain.cursor_number)).exists():
        return False
    return not Finding.objects.filter(incident__slug=slug, state=Finding.State.PENDING).exists()


def cursor(caip2: str) -> int:
    """The last applied height; -1 before the first."""
    number = Chain.objects.values_list("cursor_number", flat=True).get(caip2=caip2)
    return -1 if number is None else number


def describe(caip2: str) -> str:
    """One line for an error message."""
    chain = Chain.objects.get(caip2=caip2)
    return (
        f"cursor {chain.cursor_number}, holder {chain.lease_holder or 'none'}, "
        f"error {chain.last_error or 'none'}"
    )
