"""What an administrator does with chains and endpoints. Each act is recorded with who and when.

``by`` is the person who acts, or None: whoever has the console. The endpoint is asked before any
transaction opens, and no URL is in a message, in the record, or in what is given back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from incidents import access, scope
from incidents.exceptions import BadInput, NotFound, WrongState
from incidents.models import Person
from tracing.chains.shipped import COMMITMENTS, MOST_QUORUM, ChainFile
from tracing.models import Chain, ChainAct, Endpoint, Quarantine
from tracing.services import endpoint_health, endpoints, shipped_chains

CONSOLE = "console"
_Kind = ChainAct.Kind


@dataclass(frozen=True)
class Asked:
    """What an endpoint said when it was added. ``head`` is None where it was not asked."""

    endpoint: Endpoint
    head: int | None = None
    has_traces: bool = True


# --- looking -------------------------------------------------------------------------------


def get_chain(by: Person | None, caip2: str) -> Chain:
    """A chain to administer. Raises NotFound: absent, or not theirs."""
    _require(by)
    row = Chain.objects.filter(caip2=caip2).first()
    if row is None:
        raise NotFound
    return row


def get_endpoint(by: Person | None, caip2: str, pk: int) -> Endpoint:
    """An endpoint to administer. Raises NotFound: absent, or not theirs."""
    row = Endpoint.objects.filter(chain=get_chain(by, caip2), pk=pk).select_related("chain").first()
    if row is None:
        raise NotFound
    return row


def find_endpoint(chain: Chain, operator: str, kind: str) -> Endpoint | None:
    """The operator's endpoint. Two spellings of a name are one operator."""
    rows = Endpoint.objects.filter(chain=chain, operator__iexact=operator.strip(), kind=kind)
    return rows.select_related("chain").first()


def voices(chain: Chain) -> tuple[int, int]:
    """How many operators can answer for a chain now, and how many must agree."""
    rows = Endpoint.objects.filter(chain=chain, kind=Endpoint.Kind.RPC, is_enabled=True)
    active = rows.filter(state=Endpoint.State.ACTIVE).values_list("operator", flat=True)
    quorum = Chain.objects.values_list("quorum", flat=True).get(pk=chain.pk)
    return len({name.strip().casefold() for name in active}), quorum


def acts(by: Person | None, chain: Chain) -> QuerySet[ChainAct]:
    """What was done with a chain, newest first."""
    _require(by)
    return ChainAct.objects.filter(chain=chain)


def quarantines(by: Person | None, chain: Chain) -> QuerySet[Quarantine]:
    """Every quarantine of a chain's endpoints with its evidence, newest first."""
    _require(by)
    rows = Quarantine.objects.filter(endpoint__chain=chain).select_related("endpoint")
    return rows.order_by("-pk")


# --- acting --------------------------------------------------------------------------------


@scope.trusted
def add_chain(one: ChainFile, *, by: Person | None) -> Chain:
    """A chain from its file, or what the file says now of one that is here. Its tokens come with
    it; its endpoints do not."""
    _require(by)
    with transaction.atomic():
        row, is_new = shipped_chains.save(one)
        detail = f"{one.name}; final: {one.finality}, {one.final_depth} blocks"
        _record(row, _Kind.CHAIN_ADDED if is_new else _Kind.CHAIN_CHANGED, by, detail=detail)
    return row


def follow(chain: Chain, is_watched: bool, *, by: Person | None) -> None:
    """Follow a chain, or leave it. What was applied stays, and it goes on from there.

    :raises WrongState: there is no endpoint to follow it through.
    """
    _require(by)
    with transaction.atomic():
        row = _locked(chain)
        if is_watched and not row.endpoints.filter(kind=Endpoint.Kind.RPC, is_enabled=True):
            raise WrongState("Add an endpoint first: there is nobody to ask.")
        if row.is_watched == is_watched:
            return
        row.is_watched = is_watched
        row.save(update_fields=["is_watched"])
        _record(row, _Kind.CHAIN_FOLLOWED if is_watched else _Kind.CHAIN_LEFT, by)


def set_quorum(chain: Chain, quorum: int, *, by: Person | None) -> None:
    """How many distinct operators must agree before a block is verified. It is never lowered but
    by this.

    :raises BadInput: no number that makes sense.
    """
    _require(by)
    if not 1 <= quorum <= MOST_QUORUM:
        raise BadInput(f"Between 1 and {MOST_QUORUM}.", field="quorum")
    with transaction.atomic():
        row = _locked(chain)
        before = row.quorum
        if before == quorum:
            return
        row.quorum = quorum
        row.save(update_fields=["quorum"])
        _record(row, _Kind.QUORUM_SET, by, detail=f"{before} to {quorum}")


def set_commitments(chain: Chain, names: Collection[str], *, by: Person | None) -> None:
    """What is recomputed of the chain's blocks. A fork that adds a field or a type of transaction
    stops a chain that declares it: then its name is taken out until the code knows the fork.

    :raises BadInput: a name that is not known.
    """
    _require(by)
    if not set(names) <= set(COMMITMENTS):
        raise BadInput(f"There are {', '.join(COMMITMENTS)}.", field="commitments")
    wanted = [name for name in COMMITMENTS if name in names]
    with transaction.atomic():
        row = _locked(chain)
        if list(row.commitments) == wanted:
            return
        row.commitments = wanted
        row.save(update_fields=["commitments"])
        _record(row, _Kind.COMMITMENTS_SET, by, detail=", ".join(wanted) or "nothing")


def add_endpoint(
    chain: Chain,
    operator: str,
    url: str,
    *,
    by: Person | None,
    ws_url: str = "",
    kind: str = Endpoint.Kind.RPC,
    start: int | None = None,
) -> Asked:
    """Ask somebody else too, or ask at all. A node is asked for its chain first. The first one has
    the chain followed, from ``start`` or from its head on.

    :raises BadInput: a bad operator, URL or start, another chain's endpoint, or one of this
        operator is there. :raises WrongState: it gives no usable answer now.
    """
    _require(by)
    operator = operator.strip()
    _check_operator(operator)
    if find_endpoint(chain, operator, kind) is not None:
        raise BadInput("There is one of this operator: change that one.", field="operator")
    if start is not None and chain.cursor_number is not None:
        raise BadInput("Where this chain starts is settled.", field="start")
    head, has_traces = _ask(chain, kind, url, ws_url, start)
    with transaction.atomic():
        row = _locked(chain)
        made = Endpoint.objects.create(
            chain=row, operator=operator, kind=kind, url=url, ws_url=ws_url
        )
        _record(row, _Kind.ENDPOINT_ADDED, by, operator, _what(made))
        if kind == Endpoint.Kind.RPC and not row.is_watched:
            row.is_watched = True
            changed = ["is_watched"]
            if start is not None and row.cursor_number is None:
                row.cursor_number = start - 1
                changed.append("cursor_number")
            row.save(update_fields=changed)
            _record(row, _Kind.CHAIN_FOLLOWED, by)
    return Asked(made, head, has_traces)


def change_endpoint(endpoint: Endpoint, url: str, *, by: Person | None, ws_url: str = "") -> Asked:
    """Another URL of the same operator. What was learnt of the old one is forgotten; a quarantine
    is not: another address does not make an operator honest.

    :raises BadInput, WrongState: as `add_endpoint`.
    """
    _require(by)
    head, has_traces = _ask(endpoint.chain, endpoint.kind, url, ws_url, None)
    changes: dict[str, object] = {
        "url": url,
        "ws_url": ws_url,
        "learnt": {},
        "latency_ms": None,
        "answered_at": None,
        "head_number": None,
        "errors_in_row": 0,
        "retry_at": None,
    }
    with transaction.atomic():
        row = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
        if row.state == Endpoint.State.ACTIVE:
            changes["last_error"] = ""
        for name, value in changes.items():
            setattr(row, name, value)
        row.save(update_fields=list(changes))
        _record(endpoint.chain, _Kind.ENDPOINT_CHANGED, by, row.operator, _what(row))
    return Asked(row, head, has_traces)


def switch_endpoint(endpoint: Endpoint, is_on: bool, *, by: Person | None) -> None:
    """Ask an endpoint, or ask it no more. Its row and its quarantines stay."""
    _require(by)
    with transaction.atomic():
        row = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
        if row.is_enabled == is_on:
            return
        row.is_enabled = is_on
        row.save(update_fields=["is_enabled"])
        kind = _Kind.ENDPOINT_ON if is_on else _Kind.ENDPOINT_OFF
        _record(endpoint.chain, kind, by, row.operator)


def lift_quarantine(endpoint: Endpoint, reason: str, *, by: Person | None) -> None:
    """Ask an endpoint again that was caught. The evidence stays.

    :raises BadInput: no reason. :raises WrongState: it is in no quarantine.
    """
    _require(by)
    with transaction.atomic():
        endpoint_health.lift_quarantine(endpoint, _name(by), reason)
        detail = reason.strip()[:300]
        _record(endpoint.chain, _Kind.QUARANTINE_LIFTED, by, endpoint.operator, detail)


def note_connected(chain: Chain, operator: str) -> None:
    """Record what `watch_chain` did from the console."""
    _record(chain, _Kind.ENDPOINT_ADDED, None, operator.strip(), "by watch_chain")


# --- the rest ------------------------------------------------------------------------------


def _ask(
    chain: Chain, kind: str, url: str, ws_url: str, start: int | None
) -> tuple[int | None, bool]:
    """Check the URLs, and ask a node. A source of history is asked when it is needed."""
    endpoints.check_url(url)
    if ws_url:
        endpoints.check_url(ws_url, field="ws_url", schemes=("ws", "wss"))
    if kind != Endpoint.Kind.RPC:
        return None, True
    return endpoints.ask(chain.caip2, url, start)


def _check_operator(operator: str) -> None:
    longest = endpoints.LONGEST_OPERATOR
    if not 0 < len(operator) <= longest or not operator.isprintable():
        raise BadInput(f"An operator has 1 to {longest} visible characters.", field="operator")
    # Whoever types a URL here would show its key to everybody who may read the record.
    if "://" in operator or "?" in operator or "@" in operator:
        raise BadInput("Name who runs it, not where it is.", field="operator")


def _what(row: Endpoint) -> str:
    """What the record says of an endpoint: nothing of its address."""
    return f"{row.get_kind_display()}{', WebSocket' if row.ws_url else ''}"


def _locked(chain: Chain) -> Chain:
    return Chain.objects.select_for_update(no_key=True).get(pk=chain.pk)


def _require(by: Person | None) -> None:
    if by is not None:
        access.require_administrator(by)


def _name(by: Person | None) -> str:
    return CONSOLE if by is None else str(by)


def _record(
    chain: Chain, kind: ChainAct.Kind, by: Person | None, operator: str = "", detail: str = ""
) -> None:
    ChainAct.objects.create(
        chain=chain, kind=kind, person=by, who=_name(by)[:200], operator=operator, detail=detail
    )
