"""Flow tables: understood for a preview, imported as a whole or not at all, withdrawn.

A table is a party's word. Its figures stand beside the trace and never enter it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from incidents import access, scope
from incidents.access import Act, Actor
from incidents.exceptions import BadInput, NotFound, NotYours
from incidents.models import Incident
from incidents.services import timeline
from incidents.services.timeline import EVERYONE, Audience
from tracing import events
from tracing.core.amounts import MAX_DECIMALS
from tracing.core.flows import (
    LAYOUTS,
    BadRow,
    BadTable,
    Columns,
    Flow,
    TableFigures,
    decimals_needed,
    detect,
    header_of,
    read,
    read_list,
    trace_table,
)
from tracing.core.policies.names import CONSERVING
from tracing.models import FlowRow, FlowTable, Trace
from tracing.services import traces

MOST_BYTES = 6 * 1024 * 1024
MOST_ROWS = 20_000
MOST_LINES = 10 * MOST_ROWS  # of the file: blank ones, and line ends inside of cells
MOST_ADDRESSES = 20_000  # in a list of sources or terminals
LONGEST_NAME = 200
LONGEST_TX = 100
OWN = "own"  # the layout whose columns a person named
USD = "usd"
LARGEST = 20  # accounts that are kept with the result


@dataclass(frozen=True)
class Asked:
    """A table as somebody hands it over. ``columns``: field -> column, for the layout ``own``;
    no ``decimals``: as many as the amounts need; no ``sources``: the receivers of the seeds."""

    name: str
    content: bytes
    layout: str = ""  # "": by its header
    columns: dict[str, str] = field(default_factory=dict)
    sources: str = ""
    terminals: str = ""
    unit: str = USD
    decimals: int | None = None
    policy: str = ""  # "": the trace's own


@dataclass(frozen=True)
class Understood:
    """What was made of it. Nothing is kept while ``bad`` or ``bad_lists`` has something."""

    asked: Asked
    layout: str
    sha256: str
    decimals: int
    policy: str
    header: list[str]
    flows: list[Flow]
    bad: list[BadRow]
    sources: list[str]
    terminals: list[str]
    bad_lists: list[tuple[str, BadRow]]  # which list, line and reason
    sources_are_seeds: bool
    result: dict[str, Any] | None  # as FlowTable.result; None while a row is bad

    @property
    def is_good(self) -> bool:
        return self.result is not None


def understand(trace: Trace, asked: Asked) -> Understood:
    """Read a table and trace it, for a preview. Keeps nothing.

    :raises BadInput: the file is no such table, or larger than this takes; names the field.
    """
    lines = _lines(asked)
    layout, columns = _columns(asked, lines)
    decimals = _decimals(asked, lines, columns)
    try:
        flows, bad = read(lines, columns, decimals)
    except BadTable as error:
        raise BadInput(str(error), field="file") from error
    if len(flows) + len(bad) > MOST_ROWS:
        raise BadInput(f"A table has at most {MOST_ROWS:,} rows here.", field="file")
    if not flows and not bad:
        raise BadInput("The table has no rows.", field="file")
    bad = bad + [BadRow(f.line, "The hash is too long.") for f in flows if len(f.tx) > LONGEST_TX]
    sources, wrong = _addresses("sources", asked.sources)
    if not sources and not wrong:
        sources = list(dict.fromkeys(seed.receiver for seed in trace.seeds.all()))
    terminals, wrong_ends = _addresses("terminals", asked.terminals)
    _check_unit(trace, asked.unit)
    policy = asked.policy or trace.policy
    if policy not in set(CONSERVING):
        raise BadInput("Choose a policy that conserves value.", field="policy")
    bad_lists = wrong + wrong_ends
    return Understood(
        asked=asked,
        layout=layout,
        sha256=hashlib.sha256(asked.content).hexdigest(),
        decimals=decimals,
        policy=policy,
        header=header_of(lines),
        flows=flows,
        bad=sorted(bad, key=lambda row: row.line),
        sources=sources,
        terminals=terminals,
        bad_lists=bad_lists,
        sources_are_seeds=not asked.sources.strip(),
        result=None if bad or bad_lists else _result(flows, sources, terminals, policy, decimals),
    )


def _check_unit(trace: Trace, unit: str) -> None:
    if unit != USD and unit not in {seed.asset for seed in trace.seeds.all()}:
        raise BadInput("Amounts are in usd, or in an asset that was stolen.", field="unit")


def _lines(asked: Asked) -> list[str]:
    if len(asked.content) > MOST_BYTES:
        raise BadInput(f"A file has at most {MOST_BYTES // 1024**2} MiB here.", field="file")
    try:
        text = asked.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            "The file is not UTF-8 text. Save it as CSV (UTF-8).", field="file"
        ) from error
    # Counted before anything is made of them: three million bad rows fit into a file.
    if text.count("\n") + text.count("\r") > MOST_LINES:
        raise BadInput(f"A table has at most {MOST_ROWS:,} rows here.", field="file")
    return list(io.StringIO(text, newline=""))


def _columns(asked: Asked, lines: Sequence[str]) -> tuple[str, Columns]:
    try:
        if asked.layout == OWN:
            return OWN, Columns.of(asked.columns)
        if asked.layout in LAYOUTS:
            return asked.layout, LAYOUTS[asked.layout]
        header = header_of(lines)
        found = detect(header)
    except BadTable as error:
        raise BadInput(str(error), field="layout" if asked.layout == OWN else "file") from error
    if asked.layout or found is None:
        named = ", ".join(header)[:300]
        reason = f"These columns are of no layout known here: {named}. Say which is which."
        raise BadInput(reason, field="layout")
    return found, LAYOUTS[found]


def _decimals(asked: Asked, lines: Sequence[str], columns: Columns) -> int:
    if asked.decimals is not None:
        if not 0 <= asked.decimals <= MAX_DECIMALS:
            raise BadInput(f"0 to {MAX_DECIMALS} decimals.", field="decimals")
        return asked.decimals
    try:
        return min(decimals_needed(lines, columns), MAX_DECIMALS)
    except BadTable as error:
        raise BadInput(str(error), field="file") from error


def _addresses(what: str, text: str) -> tuple[list[str], list[tuple[str, BadRow]]]:
    found, bad = read_list(text.splitlines())
    if len(found) > MOST_ADDRESSES:
        raise BadInput(f"At most {MOST_ADDRESSES:,} addresses.", field=what)
    return found, [(what, row) for row in bad]


def _result(
    flows: Sequence[Flow],
    sources: Sequence[str],
    terminals: Sequence[str],
    policy: str,
    decimals: int,
) -> dict[str, Any]:
    """What trace_flows prints, and the accounts with the most."""
    traced = trace_table(flows, sources, terminals, policy)
    figures: TableFigures = traced.figures(decimals)
    largest = sorted(traced.held.items(), key=lambda one: (-one[1], one[0]))[:LARGEST]
    return {
        **figures,
        "largest": [{"address": address, "amount": str(n)} for address, n in largest],
        "history_incomplete": sorted(traced.incomplete)[:MOST_ADDRESSES],
    }


@scope.trusted
@transaction.atomic
def add(
    trace: Trace,
    understood: Understood,
    *,
    actor: Actor,
    marking: str,
    audience: Audience = EVERYONE,
) -> FlowTable:
    """Keep a table with all its rows, or refuse it whole.

    :raises BadInput: a row or an address is bad, or the marking is wider than the trace's.
    """
    access.require(actor, trace.incident, Act.TRACE)
    timeline.check_marking(marking, audience)
    if understood.result is None:
        count = len(understood.bad) + len(understood.bad_lists)
        raise BadInput(f"{count} bad rows: nothing was imported.", field="file")
    audience = within(trace, timeline.reach(actor, audience), marking)
    timeline.lock(trace.incident)
    asked = understood.asked
    table = FlowTable.objects.create(
        trace=trace,
        name=(asked.name.strip() or "Flow table")[:LONGEST_NAME],
        layout=understood.layout,
        sha256=understood.sha256,
        unit=asked.unit,
        decimals=understood.decimals,
        row_count=len(understood.flows),
        sources=understood.sources,
        terminals=understood.terminals,
        policy=understood.policy,
        policy_version=understood.result["version"],
        result=understood.result,
        marking=marking,
        owner=actor.organization,
        author=actor.person,
        audience_organizations=audience.organizations,
        audience_people=audience.people,
    )
    FlowRow.objects.bulk_create((_row(table, f) for f in understood.flows), batch_size=5000)
    event = events.FlowTableImported(**_about(table), at_terminals=table.result["at_terminals"])
    timeline.record(trace.incident, event, actor=actor, marking=marking, audience=audience)
    return table


def within(trace: Trace, audience: Audience, marking: str) -> Audience:
    """Who may see a table of this trace. A trace that not every party sees must not be betrayed:
    its tables go to nobody else.

    :raises BadInput: the marking or the audience is wider than the trace's.
    """
    people, organizations = trace.audience_people, trace.audience_organizations
    if people is None and organizations is None:
        return audience
    stated = audience.people is not None or audience.organizations is not None
    if marking != trace.marking:
        reason = "Not every party sees this trace: mark the table as the trace is marked."
        raise BadInput(reason, field="marking")
    if not stated:
        return Audience(organizations, people)
    wider = set(audience.people or ()) - set(people or ()) or set(
        audience.organizations or ()
    ) - set(organizations or ())
    if wider:
        raise BadInput("Somebody named here does not see this trace.", field="audience")
    return audience


def _row(table: FlowTable, flow: Flow) -> FlowRow:
    return FlowRow(
        table=table,
        line=flow.line,
        at=None if flow.time is None else datetime.fromtimestamp(flow.time, UTC),
        block_number=flow.block,
        tx=flow.tx,
        from_address=flow.frm,
        from_label=flow.frm_label,
        to_address=flow.to,
        to_label=flow.to_label,
        amount=flow.amount,
    )


def _about(table: FlowTable) -> dict[str, Any]:
    return {
        "trace": str(table.trace.public_id),
        "table": str(table.public_id),
        "name": table.name,
        "rows": table.row_count,
        "sha256": table.sha256,
        "unit": table.unit,
        "policy": table.policy_version,
    }


@scope.trusted
@transaction.atomic
def withdraw(table: FlowTable, *, actor: Actor) -> None:
    """Take a table away again, with its rows. What was recorded of it stays in the ledger.

    :raises NotYours: another organization handed it over.
    """
    access.require(actor, table.trace.incident, Act.TRACE)
    if not actor.is_system and table.owner != actor.organization:
        raise NotYours
    audience = Audience(table.audience_organizations, table.audience_people)
    timeline.record(
        table.trace.incident,
        events.FlowTableWithdrawn(**_about(table)),
        actor=actor,
        marking=table.marking or "",
        audience=audience,
    )
    table.delete()


def seen_by(viewer: Actor, incident: Incident) -> QuerySet[FlowTable]:
    """The tables of a room that the viewer may see, of traces that they may see."""
    rows = FlowTable.scoped.filter(trace__in=traces.seen_by(viewer, incident))
    return access.visible(viewer, rows).select_related("trace__incident", "owner")


def of_trace(viewer: Actor, trace: Trace) -> list[FlowTable]:
    """The tables of a trace that the viewer may see, the newest first."""
    rows = FlowTable.scoped.filter(trace=trace).select_related("owner", "author", "trace")
    return list(access.visible(viewer, rows).order_by("-pk"))


def get(viewer: Actor, trace: Trace, public_id: UUID | str) -> FlowTable:
    """One table of a trace that the viewer may see.

    :raises NotFound: absent or hidden.
    """
    rows = FlowTable.scoped.filter(trace=trace, public_id=public_id)
    rows = access.visible(viewer, rows).select_related("owner", "author", "trace__incident")
    row = rows.first()
    if row is None:
        raise NotFound
    return row


@scope.trusted
def rows(table: FlowTable, after: int, most: int) -> list[FlowRow]:
    """Up to ``most`` rows behind a line of the file."""
    return list(FlowRow.objects.filter(table=table, line__gt=after).order_by("line")[:most])
