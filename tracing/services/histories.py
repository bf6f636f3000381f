"""Asking a history about the addresses that are looked back at. Nothing of it is relied on."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from incidents import scope
from incidents.exceptions import BadInput, WrongState
from tracing.chains import shipped
from tracing.chains.errors import ChainError, RetryableChainError
from tracing.chains.evm_explorer import Explorer
from tracing.models import Chain, Endpoint, Lookback
from tracing.watch import lookback

PAUSE = timedelta(minutes=1)  # before a history that failed is asked again
LONGEST = timedelta(hours=1)
LONGEST_OPERATOR = 80
NOBODY = "0x" + "00" * 19 + "01"  # an address whose history is short everywhere


@scope.trusted
def due() -> list[int]:
    """Lookbacks that a history may still tell something of."""
    told = Q(history_number__lt=F("target_number")) | Q(history_number=None)
    ready = _ready()
    rows = Lookback.objects.filter(told, cursor_number__lt=F("target_number"), refusal="")
    rows = rows.filter(chain__in=ready.values("chain"))
    return list(rows.order_by("pk").values_list("pk", flat=True))


@scope.trusted
def ask(pk: int) -> bool:
    """Ask the chain's history what passed through an address, and keep it as a claim; True: it
    told. Of a history that fails, or contradicts itself, nothing is kept: the blocks are read
    anyway, and the lookback says why."""
    row = Lookback.objects.select_related("chain").filter(pk=pk).first()
    if row is None or row.is_done:
        return False
    told = row.first_number - 1 if row.history_number is None else row.history_number
    endpoint = _ready().filter(chain=row.chain).order_by("errors_in_row", "pk").first()
    if endpoint is None or told >= row.target_number:
        return False
    first, last = max(told, row.cursor_number) + 1, row.target_number
    began = timezone.now()
    try:
        with closing(_explorer(row.chain, endpoint.url)) as explorer:
            found = explorer.transfers(row.address, first, last)
    except ChainError as error:
        _failed(endpoint, row, error)
        return False
    seconds = (timezone.now() - began).total_seconds()
    with transaction.atomic():
        locked = Lookback.objects.select_for_update(no_key=True).get(pk=pk)
        if locked.history_number != row.history_number or locked.target_number < last:
            return False  # somebody else asked meanwhile, or blocks were dropped
        lookback.claim(locked, found, last, endpoint.operator)
    Endpoint.objects.filter(pk=endpoint.pk).update(
        answered_at=timezone.now(),
        latency_ms=seconds * 1000,
        errors_in_row=0,
        last_error="",
        retry_at=None,
    )
    return True


def connect(chain: Chain, *, operator: str, url: str) -> None:
    """Ask a history for one thing, and use it from then on; the same operator again replaces its
    URL. Messages never show the URL.

    :raises BadInput: that is no URL, or no operator's name.
    :raises WrongState: it does not answer as it should.
    """
    _check(operator, url)
    try:
        with closing(Explorer(chain.caip2, url)) as explorer:
            explorer.transfers(NOBODY, 0, 0)
    except ChainError as error:
        raise WrongState(f"No usable answer: {error}.", field="url") from error
    Endpoint.objects.update_or_create(
        chain=chain,
        operator=operator,
        kind=Endpoint.Kind.HISTORY,
        defaults={"url": url, "is_enabled": True, "retry_at": None, "errors_in_row": 0},
    )


def _check(operator: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        is_fine = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_fine = False
    if not is_fine:
        raise BadInput("Write the history's URL with http:// or https://.", field="url")
    if not 0 < len(operator) <= LONGEST_OPERATOR:
        raise BadInput(f"An operator has 1 to {LONGEST_OPERATOR} characters.", field="operator")


def _explorer(chain: Chain, url: str) -> Explorer:
    known = shipped.by_caip2().get(chain.caip2)
    wrapped = known.wrapped_native if known is not None else None
    return Explorer(chain.caip2, url, wrapped=wrapped.address if wrapped is not None else "")


def _ready() -> QuerySet[Endpoint]:
    now = timezone.now()
    return Endpoint.objects.filter(
        Q(retry_at=None) | Q(retry_at__lte=now),
        kind=Endpoint.Kind.HISTORY,
        state=Endpoint.State.ACTIVE,
        is_enabled=True,
    )


def _failed(endpoint: Endpoint, row: Lookback, error: ChainError) -> None:
    """One that is away is asked again later; one that cannot tell the whole of this address is not,
    and may do well with the next."""
    count = endpoint.errors_in_row + 1
    failed = {"errors_in_row": count, "last_error": str(error)[:300]}
    rows = Endpoint.objects.filter(pk=endpoint.pk)
    if isinstance(error, RetryableChainError):
        pause = min(PAUSE * 2 ** min(count - 1, 6), LONGEST)
        rows.update(**failed, retry_at=timezone.now() + pause)
        return
    rows.update(**failed)
    Lookback.objects.filter(pk=row.pk).update(refusal=str(error)[:200])
