"""A party's table: understood before it is kept, kept whole or not at all, never in a figure."""

import html
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from incidents import access
from incidents.access import Actor
from incidents.choices import Marking
from incidents.exceptions import BadInput, NotYours
from incidents.ports import money
from incidents.services.timeline import Audience
from tests import api, factories
from tests.api import client_of, room
from tests.cast import Cast, person
from tests.factories import ADDRESS, AMBER, RED
from tracing.models import FlowRow, FlowTable, Trace
from tracing.services import flow_tables
from tracing.services.flow_tables import OWN, Asked

pytestmark = pytest.mark.django_db

DATA = Path(os.environ.get("HOLDFAST_DATA", Path(__file__).parents[3] / "shared" / "data"))
A, B = factories.address(7), factories.address(9)
HOSTILE = '=cmd|"/c calc"!A0<img src=x onerror=alert(1)>'
GOOD = f"from,to,amount,block\n{ADDRESS},{A},100.25,1\n{A},{B},60,2\n"


@pytest.fixture
def trace(cast: Cast) -> Trace:
    return factories.trace(cast.incident, cast.lead)


def kept(trace: Trace, actor: Actor, content: str = GOOD, **stated: Any) -> FlowTable:
    understood = flow_tables.understand(trace, Asked("T", content.encode(), terminals=B))
    return flow_tables.add(trace, understood, actor=actor, **{"marking": AMBER, **stated})


def test_a_table_is_kept_with_its_rows_its_figures_and_an_entry(cast: Cast, trace: Trace) -> None:
    before = money().strips(cast.incident, cast.lead)
    table = kept(trace, cast.analyst)
    assert [
        (r.line, r.from_address, r.to_address, r.amount) for r in table.rows.order_by("line")
    ] == [
        (2, ADDRESS, A, 10025),
        (3, A, B, 6000),
    ]
    figures = {k: table.result[k] for k in ("reached", "at_terminals", "minted", "conserved")}
    assert figures == {
        "reached": 3, "at_terminals": "60.00", "minted": "100.25", "conserved": True,
    }  # fmt: skip
    (line,) = access.entries(cast.rival, cast.incident).filter(kind="flow_table.imported")
    assert line.entry.content["sha256"] == table.sha256
    assert money().strips(cast.incident, cast.lead) == before


@pytest.mark.parametrize(
    ("layout", "header"),
    [
        ("laundernet", "Timestamp,Block,Tx_hash,From,From_label,To,To_label,Value_in_USD"),
        ("reactor", "Date (UTC),Block,Hash,Sender Address,Sender Name,Receiver Address,"
                    "Receiver Name,USD Value"),
        ("plain", "time,block,hash,from,from_label,to,to_label,amount"),
    ],
)  # fmt: skip
def test_layouts_are_known_by_their_header(trace: Trace, layout: str, header: str) -> None:
    row = f"2024-07-16 14:00:00,5,0xab,{ADDRESS},x,{A},y,3.5"
    understood = flow_tables.understand(trace, Asked("", f"{header}\n{row}\n".encode()))
    assert understood.layout == layout
    assert [(f.block, f.tx, f.frm, f.to, f.amount) for f in understood.flows] == [
        (5, "0xab", ADDRESS, A, 350)
    ]


def test_columns_of_ones_own_are_named(trace: Trace) -> None:
    content = f"wer,wem,viel,wann\n{ADDRESS},{A},1.005,2024-07-16\n".encode()
    with pytest.raises(BadInput, match="of no layout known here"):
        flow_tables.understand(trace, Asked("", content))
    named = {"frm": "wer", "to": "wem", "amount": "viel", "time": "wann"}
    understood = flow_tables.understand(trace, Asked("", content, OWN, named))
    assert (understood.layout, understood.decimals) == (OWN, 3)
    assert understood.flows[0].amount == 1005


def test_every_bad_row_is_named_and_nothing_is_kept(cast: Cast, trace: Trace) -> None:
    content = GOOD + f"{A},nobody at all,5,3\n{A},{B},-5,3\n{A},{B},5,soon\n{A},{B}\n"
    content += f"{A},{B},5,3\n"
    understood = flow_tables.understand(
        trace, Asked("T", content.encode(), terminals=f"{B}\nnot an address")
    )
    assert [row.line for row in understood.bad] == [4, 5, 6, 7]
    assert [(what, row.line) for what, row in understood.bad_lists] == [("terminals", 2)]
    assert understood.result is None
    with pytest.raises(BadInput, match="5 bad rows: nothing was imported"):
        flow_tables.add(trace, understood, actor=cast.lead, marking=AMBER)
    assert (FlowTable.objects.count(), FlowRow.objects.count()) == (0, 0)
    told = client_of(person(cast.lead)).post(
        room(cast.incident.slug, f"traces/{trace.public_id}/flows/"),
        {**api.FLOWS, "csv": content},
    )
    assert (told.status_code, told.json()["error"]["field"]) == (400, "csv")
    assert all(f"line {n}:" in told.json()["error"]["message"] for n in (4, 5, 6, 7))


@pytest.mark.parametrize(
    ("content", "field", "reason"),
    [
        (b"", "file", "empty"),
        (b"from,to,amount,block\n", "file", "no rows"),
        (b"\xff\xfe\x00", "file", "UTF-8"),
        (b"from,to,amount,block\na,b,\0,1\n", "file", "zero byte"),
        (b"x" * (flow_tables.MOST_BYTES + 1), "file", "at most 6 MiB"),
        (GOOD.encode() + f"{A},{B},1,9\n".encode() * 20_001, "file", "at most 20,000 rows"),
        # Before anything is made of them: half a gigabyte of bad rows otherwise.
        (GOOD.encode() + b"a\n" * 3_000_000, "file", "at most 20,000 rows"),
        (GOOD.encode() + b"\r" * 3_000_000, "file", "at most 20,000 rows"),
    ],
    ids=["empty", "header", "utf-16", "zero", "large", "long", "many bad", "many blank"],
)
def test_a_file_that_is_no_table_says_why(
    trace: Trace, content: bytes, field: str, reason: str
) -> None:
    with pytest.raises(BadInput, match=reason) as caught:
        flow_tables.understand(trace, Asked("", content))
    assert caught.value.field == field


def test_a_table_of_a_narrow_trace_goes_to_nobody_else(cast: Cast) -> None:
    lead = person(cast.lead)
    narrow = factories.trace(cast.incident, cast.lead, marking=RED)
    Trace.objects.filter(pk=narrow.pk).update(audience_people=[lead.pk])
    narrow.refresh_from_db()
    with pytest.raises(BadInput, match="mark the table as the trace is marked"):
        kept(narrow, cast.lead)
    rival = Audience(people=[lead.pk, person(cast.rival).pk])
    with pytest.raises(BadInput, match="does not see this trace"):
        kept(narrow, cast.lead, marking=RED, audience=rival)
    table = kept(narrow, cast.lead, marking=RED, audience=Audience(people=[lead.pk]))
    assert (table.marking, table.audience_people) == (RED, [lead.pk])
    assert not access.entries(cast.rival, cast.incident).filter(kind="flow_table.imported")


def test_only_its_owner_withdraws_a_table(cast: Cast, trace: Trace) -> None:
    table = kept(trace, cast.analyst)
    with pytest.raises(NotYours):
        flow_tables.withdraw(table, actor=cast.rival)
    flow_tables.withdraw(table, actor=cast.analyst)
    assert (FlowTable.objects.count(), FlowRow.objects.count()) == (0, 0)
    kinds = access.entries(cast.rival, cast.incident).values_list("kind", flat=True)
    assert list(kinds)[-2:] == ["flow_table.imported", "flow_table.withdrawn"]


# --- pages ------------------------------------------------------------------------------------


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(person(actor))
    return client


def sent(content: str, **more: str) -> dict[str, Any]:
    file = SimpleUploadedFile("flows.csv", content.encode(), "text/csv")
    chosen = {"layout": "header", "unit": "usd", "policy": "fifo", "marking": AMBER}
    return {"file": file, "terminals": B, **chosen, **more}


def hidden(page: str) -> dict[str, Any]:
    """What the preview sends again."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def test_a_person_sees_how_it_is_understood_and_then_imports_it(cast: Cast, trace: Trace) -> None:
    client, page = (
        signed_in(cast.analyst),
        reverse("flow_new", args=[cast.incident.slug, trace.public_id]),
    )
    quoted = HOSTILE.replace('"', '""')
    row = f'{ADDRESS},"{quoted}",{A},x,12.5,1'
    labelled = f"from,from_label,to,to_label,amount,block\n{row}\n"
    unstated = client.post(page, sent(labelled) | {"marking": ""})
    assert "marking" in unstated.context["form"].errors
    assert "is still here" in unstated.content.decode()
    without = client.post(page, {"marking": ""})
    assert "file" in without.context["form"].errors
    assert "is still here" not in without.content.decode()
    preview = client.post(page, sent(labelled))
    shown = preview.content.decode()
    assert "Nothing is kept yet" in shown
    assert "Import all 1 row<" in shown
    assert "<img" not in shown
    assert "&lt;img src=x" in shown
    assert FlowTable.objects.count() == 0
    again = hidden(shown)
    changed = client.post(page, again | {"change": "1"}).content.decode()
    assert "flows.csv" in changed
    done = client.post(page, again | {"import": "1"}, follow=True)
    assert "All 1 rows were imported." in done.content.decode()
    table = FlowTable.objects.get()
    assert (table.name, table.owner, table.marking) == (
        "flows.csv",
        cast.analyst.organization,
        AMBER,
    )
    assert "<img" not in done.content.decode()


def test_the_preview_names_every_bad_row_and_offers_no_import(cast: Cast, trace: Trace) -> None:
    client, page = (
        signed_in(cast.lead),
        reverse("flow_new", args=[cast.incident.slug, trace.public_id]),
    )
    shown = client.post(page, sent(GOOD + f"{A},<b>x</b> y,5,3\n")).content.decode()
    assert "<b>Line 4</b>" in shown
    assert "&lt;b&gt;x" in shown
    assert "Import all" not in shown
    forced = client.post(page, hidden(shown) | {"import": "1"})
    assert "1 bad rows: nothing was imported." in forced.content.decode()
    assert FlowTable.objects.count() == 0


def test_a_table_of_named_people_is_nowhere_for_others(cast: Cast, trace: Trace) -> None:
    lead = person(cast.lead)
    secret = kept(trace, cast.lead, marking=RED, audience=Audience(people=[lead.pk]))
    slug, at = cast.incident.slug, [cast.incident.slug, trace.public_id]
    page = reverse("flow_table", args=[*at, secret.public_id])
    listed = f"traces/{trace.public_id}/flows/"
    assert signed_in(cast.lead).get(page).status_code == 200
    for somebody in (cast.rival, cast.colleague, cast.coordinator):
        client = signed_in(somebody)
        assert client.get(page).status_code == 404
        assert (
            client.post(reverse("flow_withdraw", args=[*at, secret.public_id])).status_code == 404
        )
        assert client.get(reverse("trace", args=at)).context["tables"] == []
        assert client_of(person(somebody)).get(room(slug, listed)).json() == []
    outside = Client()
    outside.force_login(cast.outsider)
    assert {outside.get(reverse(n, args=at)).status_code for n in ("trace", "flow_new")} == {404}
    assert FlowTable.objects.count() == 1


def test_who_may_not_trace_imports_nothing(cast: Cast, trace: Trace) -> None:
    page = reverse("flow_new", args=[cast.incident.slug, trace.public_id])
    assert signed_in(cast.exchange).post(page, sent(GOOD)).status_code == 403


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")
def test_a_real_case_is_imported_whole(cast: Cast, trace: Trace) -> None:
    case = DATA / "cases" / "LIFI"
    lists = {
        name: (case / f"{kind} addresses.csv").read_text()
        for name, kind in (("sources", "source"), ("terminals", "terminal"))
    }
    asked = Asked("LI.FI", (case / "LIFI.csv").read_bytes(), **lists)
    understood = flow_tables.understand(trace, asked)
    assert (understood.layout, understood.bad, understood.bad_lists) == ("laundernet", [], [])
    table = flow_tables.add(trace, understood, actor=cast.analyst, marking=Marking.GREEN)
    assert table.rows.count() == table.row_count == table.result["rows"]
    assert (table.result["reached"], table.result["terminals_reached"]) == (93, 33)
    assert table.result["conserved"]


def test_paths_that_no_database_could_be_asked_for_are_not_there(
    cast: Cast, trace: Trace, client: Client
) -> None:
    table = kept(trace, cast.analyst)
    user = person(cast.lead)
    client.force_login(user)
    slug, of_trace = cast.incident.slug, f"traces/{trace.public_id}"
    for chain in ("%00", "eip155:1%00"):
        page = f"/incidents/{slug}/{of_trace}/provenance/{chain}/fee/"
        assert client.get(page).status_code == 404
        told = client_of(user).get(room(slug, f"{of_trace}/provenance/{chain}:fee/"))
        assert told.status_code == 404
    page = reverse("flow_table", args=[slug, trace.public_id, table.public_id])
    assert client.get(page, {"after": "9" * 5000}).status_code == 200
