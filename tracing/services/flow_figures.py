"""Figures and rows of a flow table as pages show them. Amounts become base units again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tracing.core.flows import Flow
from tracing.models import FlowRow
from tracing.services import names
from tracing.services.flow_tables import USD


@dataclass(frozen=True)
class Figures:
    """What a policy made of a table. ``unit`` is hostile where a token names it."""

    policy: str
    unit: str
    decimals: int
    counts: list[tuple[str, int, str]]  # title, number, what it means
    amounts: list[tuple[str, int, str]]
    low: int
    high: int
    conserved: bool
    largest: list[tuple[str, int]]
    incomplete: list[str]


@dataclass(frozen=True)
class Line:
    """One row as it was understood. Labels are hostile text."""

    line: int
    at: datetime | None
    block: int | None
    tx: str
    sender: str
    sender_label: str
    receiver: str
    receiver_label: str
    amount: int


def figures(result: Mapping[str, Any], unit: str, decimals: int) -> Figures:
    """The result of a table, ready to be shown."""

    def base(text: str) -> int:
        return int(text.replace(".", ""))

    return Figures(
        policy=result["version"],
        unit=unit_name(unit),
        decimals=decimals,
        counts=[
            ("Rows", result["rows"], ""),
            ("Addresses", result["addresses"], ""),
            ("Sources", result["sources"], ""),
            ("Reached", result["reached"], "stolen value can have touched them in time order"),
            ("Exposed", result["exposed"], "have an amount under the policy"),
            ("Terminals", result["terminals_total"], "of those named, in the table"),
            ("Terminals reached", result["terminals_reached"], ""),
        ],
        amounts=[
            ("All rows", base(result["usd_total"]), ""),
            ("Covered", base(result["usd_covered"]), "rows whose sender is reached"),
            ("Sources sent", base(result["minted"]), "beyond what they had received"),
            ("At terminals", base(result["at_terminals"]), ""),
            ("Elsewhere", base(result["elsewhere"]), ""),
            ("Opened clean", base(result["clean_opened"]), "others sent more than they had"),
        ],
        low=base(result["range"]["low"]),
        high=base(result["range"]["high"]),
        conserved=bool(result["conserved"]),
        largest=[(row["address"], int(row["amount"])) for row in result["largest"]],
        incomplete=list(result["history_incomplete"]),
    )


def unit_name(unit: str) -> str:
    """What the amounts count, for a person."""
    return "USD" if unit == USD else names.asset_names([unit])[unit].symbol


def of_flows(flows: Sequence[Flow], most: int) -> list[Line]:
    """The first rows of a table that is not kept yet, in the order of the file."""
    return [
        Line(
            f.line,
            None if f.time is None else datetime.fromtimestamp(f.time, UTC),
            f.block,
            f.tx,
            f.frm,
            f.frm_label,
            f.to,
            f.to_label,
            f.amount,
        )
        for f in flows[:most]
    ]


def of_rows(rows: Sequence[FlowRow]) -> list[Line]:
    """Rows that are kept."""
    return [
        Line(
            row.line,
            row.at,
            row.block_number,
            row.tx,
            row.from_address,
            row.from_label,
            row.to_address,
            row.to_label,
            row.amount,
        )
        for row in rows
    ]
