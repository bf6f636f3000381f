"""Leads: who sees them, who decides, and what is recorded of it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents.access import Actor
from incidents.choices import Marking
from incidents.exceptions import BadInput, NotYours, WrongState
from incidents.models import Incident, TimelineEntry
from incidents.services import timeline
from tests import factories
from tests.api import client_of, room
from tests.cast import Cast, person
from tests.factories import ADDRESS, CHAIN
from tracing.models import Lead, Trace
from tracing.services import lead_decisions, lead_lines, leads

pytestmark = pytest.mark.django_db
HOSTILE = "<img src=x>\u202eevil"


@pytest.fixture
def trace(cast: Cast) -> Trace:
    return factories.trace(cast.incident, cast.lead)


def page(actor: Actor, incident: Incident, query: str = "") -> Any:
    client = Client()
    client.force_login(person(actor))
    return client.get(reverse("leads", args=[incident.slug]) + query)


def decisions(incident: Incident) -> list[TimelineEntry]:
    rows = TimelineEntry.objects.filter(incident=incident, kind="trace.lead_decided")
    return list(rows.order_by("seq"))


def test_a_decision_is_recorded_with_its_reason_and_can_be_taken_back(
    cast: Cast, trace: Trace
) -> None:
    lead = factories.lead(trace)
    lead_decisions.decide(lead, "dismissed", " It is a router. ", actor=cast.analyst)
    lead.refresh_from_db()
    assert (lead.state, lead.decision, lead.decided_by) == (
        "dismissed",
        "dismissed",
        cast.analyst.person,
    )
    lead_decisions.decide(lead, "open", "I was wrong.", actor=cast.lead)
    lead.refresh_from_db()
    assert (lead.state, lead.decision) == ("open", "")
    first, second = decisions(cast.incident)
    # The trace's owner: the line goes along when the trace is marked anew.
    assert [first.marking, first.owner] == [trace.marking, trace.owner]
    assert "It is a router." in timeline.event_of(first).headline()
    assert "It is a router." not in str(first.entry.content)  # it can be erased
    assert second.subject == f"lead:{lead.public_id}"


@pytest.mark.parametrize(
    ("decision", "reason"),
    [("dismissed", " "), ("dismissed", "x" * 1001), ("dismissed", "a\0b"), ("withdrawn", "why")],
)
def test_what_cannot_be_decided_is_refused(
    cast: Cast, trace: Trace, decision: str, reason: str
) -> None:
    lead = factories.lead(trace)
    with pytest.raises(BadInput):
        lead_decisions.decide(lead, decision, reason, actor=cast.lead)
    assert decisions(cast.incident) == []


def test_a_lead_that_moved_on_is_not_decided_again(cast: Cast, trace: Trace) -> None:
    lead = factories.lead(trace)
    lead_decisions.decide(lead, "confirmed", "Seen.", actor=cast.lead)
    with pytest.raises(WrongState):
        lead_decisions.decide(lead, "confirmed", "Seen.", actor=cast.rival)
    Lead.objects.update(state=Lead.State.WITHDRAWN)
    with pytest.raises(WrongState):
        lead_decisions.decide(lead, "dismissed", "Gone.", actor=cast.lead)


def test_only_who_traces_decides(cast: Cast, trace: Trace) -> None:
    lead = factories.lead(trace)
    for actor in (cast.exchange, cast.law, cast.white_hat):
        with pytest.raises(NotYours):
            lead_decisions.decide(lead, "dismissed", "No.", actor=actor)
    for number, actor in enumerate((cast.lead, cast.rival, cast.analyst, cast.coordinator)):
        lead_decisions.decide(lead, ("dismissed", "open")[number % 2], "Yes.", actor=actor)


def test_leads_carry_the_marking_of_their_trace(cast: Cast, trace: Trace) -> None:
    """A trace for one person is not there for anybody else: no lead, no count, no decision."""
    lead = factories.lead(trace)
    Trace.objects.update(marking=Marking.RED, audience_people=[person(cast.lead).pk])
    seen = {
        who: [one.pk for one in lead_lines.rows(actor, cast.incident)]
        for who, actor in cast.actors.items()
    }
    assert seen.pop("lead") == [lead.pk]
    assert not any(seen.values())
    path = room(cast.incident.slug, f"leads/{lead.public_id}/")
    body = {"decision": "dismissed", "reason": "No."}
    assert client_of(person(cast.rival)).post(path, body).status_code == 404
    assert page(cast.rival, cast.incident).context["page"].paginator.count == 0
    at = reverse("address", args=[cast.incident.slug, CHAIN, lead.address])
    client = Client()
    client.force_login(person(cast.rival))
    assert client.get(at).context["leads"] == []
    assert client_of(person(cast.lead)).post(path, body).status_code == 200
    (entry,) = decisions(cast.incident)
    assert (entry.marking, entry.audience_people) == (Marking.RED, [person(cast.lead).pk])


def test_an_outsider_sees_no_lead(cast: Cast, trace: Trace) -> None:
    factories.lead(trace)
    client = Client()
    assert cast.outsider
    client.force_login(cast.outsider)
    assert client.get(reverse("leads", args=[cast.incident.slug])).status_code == 404
    assert client_of(cast.outsider).get(room(cast.incident.slug, "leads/")).status_code == 404
    assert page(cast.lead, cast.incident).status_code == 200


def test_the_page_filters_and_keeps_texts_of_the_chain_inert(cast: Cast, trace: Trace) -> None:
    factories.lead(trace, "look_alike", why="dust", like=ADDRESS, note=HOSTILE)
    hub = factories.lead(trace, "hub", at=factories.address(42), counterparties=120)
    shown = page(cast.lead, cast.incident)
    assert [line.row.kind for line in shown.context["lines"]] == ["hub", "look_alike"]
    text = shown.content.decode()
    assert "<img src=x>" not in text
    assert "\u202e" not in text
    only = page(cast.lead, cast.incident, "?kind=hub&state=open")
    assert [line.row.pk for line in only.context["lines"]] == [hub.pk]
    assert page(cast.lead, cast.incident, "?kind=hub&state=dismissed").context["lines"] == []
    assert page(cast.lead, cast.incident, "?kind=nonsense").status_code == 200


def test_without_leads_the_page_says_so(cast: Cast) -> None:
    assert "Nothing was noticed so far" in page(cast.lead, cast.incident).content.decode()


def test_a_button_decides_and_comes_back(cast: Cast, trace: Trace) -> None:
    lead = factories.lead(trace)
    client = Client()
    client.force_login(person(cast.lead))
    path = reverse("lead_decide", args=[cast.incident.slug, lead.public_id])
    sent = {"decision": "dismissed", "reason": "A router.", "shown-kind": "hub"}
    answer = client.post(path, sent)
    assert answer["Location"] == reverse("leads", args=[cast.incident.slug]) + "?kind=hub"
    shown = client.get(answer["Location"]).content.decode()
    assert "A router." in shown
    assert "Take it back" in shown
    answer = client.post(path, {"decision": "open", "reason": "", "from": "address"}, follow=True)
    assert "Say why" in answer.content.decode()
    lead.refresh_from_db()
    assert lead.state == "dismissed"


def test_who_may_not_decide_has_no_button(cast: Cast, trace: Trace) -> None:
    factories.lead(trace)
    assert "Dismiss it" in page(cast.analyst, cast.incident).content.decode()
    assert "Dismiss it" not in page(cast.exchange, cast.incident).content.decode()


def test_the_api_lists_what_the_page_shows(cast: Cast, trace: Trace) -> None:
    lead = factories.lead(trace, "hub", counterparties=120)
    client = client_of(person(cast.lead))
    (told,) = client.get(room(cast.incident.slug, "leads/?kind=hub")).json()
    assert (told["id"], told["state"], told["evidence"]) == (
        str(lead.public_id),
        "open",
        {"counterparties": 120},
    )
    assert client.get(room(cast.incident.slug, "leads/?kind=look_alike")).json() == []
    assert client.get(room(cast.incident.slug, "leads/?kind=nonsense")).status_code == 400
    path = room(cast.incident.slug, f"leads/{lead.public_id}/")
    told = client.post(path, {"decision": "confirmed", "reason": "Known."}).json()
    assert (told["state"], told["reason"]) == ("confirmed", "Known.")


def test_the_list_costs_the_same_whatever_its_length(cast: Cast, trace: Trace) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    costs = []
    for count in (2, 12):
        for number in range(count):
            lead = factories.lead(trace, at=factories.address(100 + number))
            if lead.state == "open":
                lead_decisions.decide(lead, "confirmed", "Known.", actor=cast.lead)
        with CaptureQueriesContext(connection) as captured:
            rows = lead_lines.rows(cast.lead, cast.incident)
            assert len(lead_lines.told(cast.lead, cast.incident, rows)) == count
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_a_look_alike_is_marked_in_the_list_of_addresses(cast: Cast, trace: Trace) -> None:
    from incidents.services import addresses

    at = factories.address(43)
    addresses.record(cast.incident, CHAIN, at, actor=cast.lead, marking=Marking.AMBER)
    path = reverse("addresses", args=[cast.incident.slug])
    client = Client()
    client.force_login(person(cast.rival))
    assert "look-alike" not in client.get(path).content.decode()
    lead = factories.lead(trace, "look_alike", at=at, like=ADDRESS)
    assert "look-alike" in client.get(path).content.decode()
    lead_decisions.decide(lead, "dismissed", "It is a coincidence.", actor=cast.lead)
    assert "look-alike" not in client.get(path).content.decode()


def test_a_withdrawn_lead_keeps_what_was_said(cast: Cast, trace: Trace) -> None:
    lead = factories.lead(trace)
    lead_decisions.decide(lead, "dismissed", "A router.", actor=cast.lead)
    leads.withdraw(trace, [""])
    again = factories.lead(trace)
    assert (again.pk, again.state) == (lead.pk, "dismissed")


def test_evidence_is_told_in_words_and_its_addresses_can_be_copied(
    cast: Cast, trace: Trace
) -> None:
    points = {"fresh recipient": 10, "paid by a relayer": 5}
    pool = factories.address(60)
    factories.lead(
        trace,
        "mixer_withdrawal",
        pool=pool,
        points=points,
        takes_own_deposit_back=False,
        seconds_since_last_deposit=48_212,
        log=12,
    )
    (mixer,) = lead_lines.told(cast.lead, cast.incident, lead_lines.rows(cast.lead, cast.incident))
    assert mixer.addresses == [("Mixer pool", pool)]
    assert dict(mixer.facts) == {
        "Points": "fresh recipient 10, paid by a relayer 5",
        "Last deposit before": "13 h 23 min",
        "Takes back its own deposit": "no",
    }
    assert mixer.amount is None


def test_a_question_to_an_operator_says_how_much_went_there(cast: Cast, trace: Trace) -> None:
    factories.lead(trace, "data_request", asset=factories.TOKEN, amount="5", bridge="thorchain")
    (line,) = lead_lines.told(cast.lead, cast.incident, lead_lines.rows(cast.lead, cast.incident))
    assert line.amount is not None
    assert line.amount[0] == 5
    assert line.facts == [("Bridge", "thorchain")]
