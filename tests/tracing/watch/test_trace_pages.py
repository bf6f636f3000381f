"""The page of a trace and of a number's provenance: what they show, to whom, and as files."""

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.tracing.watch.test_backfill import chase

if TYPE_CHECKING:
    from incidents.access import Actor
    from tests.tracing.watch.town import Town
    from tracing.models import Trace

pytestmark = [pytest.mark.node, pytest.mark.django_db]

HOSTILE = "=HYPERLINK(1)<img src=x>\u202e"


@pytest.fixture
def trace(town: "Town") -> "Trace":
    """A theft that was split, spent with clean money, and partly secured."""
    found = town.trace(town.steal())
    chase(town)
    town.follow()
    return found


def signed_in(actor: "Actor") -> Client:
    client = Client()
    assert actor.person
    client.force_login(actor.person)
    return client


def pages(town: "Town", trace: "Trace") -> dict[str, str]:
    """Addresses of everything that shows the trace."""
    from tests.tracing.watch.town import CHAIN, EXCHANGE

    slug, account = town.incident.slug, [CHAIN, EXCHANGE]
    return {
        "list": reverse("traces", args=[slug]),
        "trace": reverse("trace", args=[slug, trace.public_id]),
        "provenance": reverse("provenance", args=[slug, trace.public_id, *account]),
        "json": reverse("provenance_export", args=[slug, trace.public_id, *account, "json"]),
        "csv": reverse("provenance_export", args=[slug, trace.public_id, *account, "csv"]),
    }


def test_the_page_of_a_trace_tells_what_it_rests_on(town: "Town", trace: "Trace") -> None:
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF
    from tracing.core.addresses import checksum_address
    from tracing.models import Exposure

    Exposure.objects.filter(trace=trace, address=MULE).update(is_history_incomplete=True)
    answer = signed_in(town.cast.rival).get(pages(town, trace)["trace"])
    shown = answer.content.decode()
    (strip,) = answer.context["strips"]
    assert (strip.stolen, strip.at_services, strip.frozen) == (100 * ETHER, 10 * ETHER, 40 * ETHER)
    assert [h.tainted for h in answer.context["holdings"]] == [n * ETHER for n in (40, 30, 20, 10)]
    for part in (
        f"Policy <code>{trace.policy_version}</code>",
        checksum_address(THIEF),
        checksum_address(EXCHANGE),
        "Big Exchange",
        "history incomplete",
        pages(town, trace)["provenance"],
    ):
        assert part in shown
    assert [key.address for key in answer.context["incomplete"]] == [MULE]


def test_the_range_over_policies_stands_beside_the_number(town: "Town", trace: "Trace") -> None:
    from tests.api import client_of, room
    from tests.tracing.watch.town import ETHER
    from tracing.core.policies.names import CONSERVING

    rival = town.cast.rival
    answer = signed_in(rival).get(pages(town, trace)["trace"])
    (table,) = answer.context["ranges"]
    assert table.policies[0] == trace.policy
    assert set(table.policies) == set(CONSERVING)
    strip = answer.context["strips"][0]
    for row in table.rows:
        assert row.amounts[0] == getattr(strip, row.bucket)
        assert (row.low, row.high) == (min(row.amounts), max(row.amounts))
    shown = answer.content.decode()
    assert "Range over policies" in shown
    assert "five runs of the whole trace, not bounds" in shown
    # 5 clean ether came to the mule: by taint-last they leave first.
    found = client_of(rival.person).get(room(town.incident.slug, f"traces/{trace.public_id}/"))
    (told,) = found.json()["range"]
    services = next(row for row in told["rows"] if row["bucket"] == "at_services")
    assert services["by_policy"]["fifo"] == str(10 * ETHER)
    assert services["by_policy"]["taint-last"] == services["low"] == str(5 * ETHER)


def test_an_address_shows_policy_range_and_the_way_to_its_list(
    town: "Town", trace: "Trace"
) -> None:
    from tests.tracing.watch.town import CHAIN, ETHER, EXCHANGE, MULE
    from tracing.models import Exposure

    Exposure.objects.filter(trace=trace, address=MULE).update(is_history_incomplete=True)
    client = signed_in(town.cast.rival)
    address = client.get(reverse("address", args=[town.incident.slug, CHAIN, EXCHANGE]))
    shown = address.content.decode()
    (held,), (found,) = address.context["held"], address.context["ranges"]
    assert (held.tainted, held.policy) == (10 * ETHER, trace.policy_version)
    assert (found.low.whole, found.high.whole) == ("5", "10")
    assert pages(town, trace)["provenance"] in shown
    assert "runs, not bounds" in shown
    assert trace.policy_version in shown
    mule = client.get(reverse("address", args=[town.incident.slug, CHAIN, MULE])).content.decode()
    assert "history incomplete" in mule


def test_a_longer_trace_costs_no_more_queries(town: "Town", trace: "Trace") -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF

    client = signed_in(town.cast.rival)

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(pages(town, trace)["trace"]).status_code == 200
        return len(found)

    asked()  # what is remembered between requests
    before = asked()
    for number in range(1, 6):
        town.send(THIEF, f"0x{number:040x}", ETHER)
        town.send(MULE, EXCHANGE, ETHER)
    town.mine()
    town.follow()
    assert asked() == before


def test_the_only_trace_is_shown_at_once(town: "Town", trace: "Trace") -> None:
    found = signed_in(town.cast.lead).get(pages(town, trace)["list"])
    assert found.headers["Location"] == pages(town, trace)["trace"]


def test_the_list_is_shown_and_was_replayed(town: "Town", trace: "Trace") -> None:
    from tests.tracing.watch.town import EXCHANGE
    from tracing.core.addresses import checksum_address

    answer = signed_in(town.cast.rival).get(pages(town, trace)["provenance"])
    shown = answer.content.decode()
    assert answer.context["wrong"] == []
    assert [line.word for line in answer.context["lines"]] == ["Stolen", "Sent", "Arrived"]
    for part in (
        "replayed from the list just now",
        checksum_address(EXCHANGE),
        "manage.py provenance --replay FILE.json",
        ", 2026-11-21, sourced<",
        "No account on the way has an assumed opening balance.",
    ):
        assert part in shown


def test_the_files_hold_the_list_and_no_formula(town: "Town", trace: "Trace") -> None:
    from tests.tracing.watch.town import EXCHANGE, NATIVE
    from tracing.core.provenance_file import differences
    from tracing.models import Asset, Label

    Asset.objects.filter(caip19=NATIVE).update(symbol=HOSTILE)
    Label.objects.filter(address=EXCHANGE).update(name="@SUM(1+1)")
    client = signed_in(town.cast.rival)
    found = client.get(pages(town, trace)["json"])
    assert found.headers["Content-Disposition"].startswith("attachment; filename=")
    document = json.loads(found.content)
    assert differences(document) == []
    assert document["assets"][NATIVE]["symbol"] == HOSTILE
    rows = list(csv.DictReader(io.StringIO(client.get(pages(town, trace)["csv"]).content.decode())))
    assert [row["what"] for row in rows] == ["seed", "transfer", "arrival"]
    assert rows[2]["amount_in"] == "10"
    assert rows[2]["symbol_in"] == f"'{HOSTILE}"
    assert rows[2]["labels_of_receiver"].startswith("'@SUM")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(tuple("=+-@"))]


def statuses(town: "Town", trace: "Trace", person: Any) -> set[int]:
    client = Client()
    client.force_login(person)
    return {
        client.get(page).status_code for name, page in pages(town, trace).items() if name != "list"
    }


def test_who_may_not_see_the_trace_finds_nothing(town: "Town", trace: "Trace") -> None:
    from incidents.choices import Marking
    from tracing.models import Trace

    lead, rival = town.cast.lead.person, town.cast.rival.person
    assert lead is not None
    assert statuses(town, trace, rival) == {200}
    assert statuses(town, trace, town.cast.outsider) == {404}
    Trace.objects.update(marking=Marking.RED, author=lead, audience_people=[lead.pk])
    assert statuses(town, trace, rival) == {404}
    assert statuses(town, trace, lead) == {200}
    listed = signed_in(town.cast.rival).get(pages(town, trace)["list"]).content.decode()
    assert "None that you may see." in listed
    assert str(trace.public_id) not in listed


def test_an_account_that_the_trace_does_not_have_is_not_found(town: "Town", trace: "Trace") -> None:
    from tests.tracing.watch.town import CHAIN, STRANGER

    client = signed_in(town.cast.rival)
    slug, found = town.incident.slug, reverse("provenance", args=["s", trace.public_id, "c", "a"])
    for account in ([CHAIN, STRANGER], [CHAIN, "nonsense"], ["nonsense", STRANGER]):
        found = reverse("provenance", args=[slug, trace.public_id, *account])
        assert client.get(found).status_code == 404
    assert client.get(pages(town, trace)["csv"].replace("/csv/", "/xls/")).status_code == 404
