"""A party's word on an address: who may say it, who sees it, what it does, and what disagrees."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents.access import Actor
from incidents.choices import Marking
from incidents.exceptions import AudienceRequired, BadInput, NotYours
from incidents.models import LedgerEntry, TimelineEntry
from tests.api import client_of
from tests.cast import Cast, organization, person
from tests.factories import ADDRESS, AMBER, CHAIN, SHOWN_ADDRESS
from tracing import bridges
from tracing.core.types import AccountKind
from tracing.models import Chain, Label, Service, Trace
from tracing.services import chains, directory, label_words, labels
from tracing.services.labels import Account
from tracing.watch import directory as watched

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast) -> Service:
    return directory.ensure_service(
        "big-exchange",
        "Big Exchange",
        kind=AccountKind.SERVICE,
        category="exchange",
        organization=organization(cast.exchange),
    )


@pytest.fixture
def mixer(db: None) -> Service:
    return directory.ensure_service("mix", "Mix", kind=AccountKind.MIXER, category="mixer")


@pytest.fixture
def chain(db: None) -> Chain:
    return chains.ensure_known(CHAIN)


def source(chain: Chain, service: Service, name: str, day: int = 1) -> Label:
    return directory.ensure_label(
        chain, ADDRESS, service, source=name, dated=date(2026, 1, day), name=f"{service} 1"
    )


def say(cast: Cast, by: str, meaning: str, verdict: str = "confirmed", **more: Any) -> Label:
    more = {"marking": AMBER} | more
    actor = cast.actors[by]
    return label_words.say(
        cast.incident, CHAIN, ADDRESS, verdict=verdict, meaning=meaning, actor=actor, **more
    )


def seen(cast: Cast, by: str) -> Account:
    return labels.account(cast.actors[by], cast.incident, CHAIN, ADDRESS)


def followed(cast: Cast, chain: Chain) -> dict[str, AccountKind]:
    """What the watcher makes of labels for a trace of the room."""
    trace = Trace.objects.create(
        incident=cast.incident, chain=chain, start_number=1, cursor_number=0, marking=AMBER
    )
    found = watched.load(chain).kinds(trace)
    trace.delete()
    return {address: kind for address, kind in found.items() if address == ADDRESS}


def test_a_confirmed_label_makes_a_sink_in_this_room_only(
    cast: Cast, desk: Service, chain: Chain
) -> None:
    from incidents.services import incidents

    assert followed(cast, chain) == {}
    say(cast, "analyst", "service:big-exchange", name="deposit of user 7")
    assert followed(cast, chain) == {ADDRESS: AccountKind.SERVICE}
    other = incidents.open_incident(
        "Another", person=person(cast.lead), organization=organization(cast.lead)
    )
    trace = Trace.objects.create(
        incident=other, chain=chain, start_number=1, cursor_number=0, marking=AMBER
    )
    assert ADDRESS not in watched.load(chain).kinds(trace)
    assert labels.told(CHAIN, cast.lead, other, [ADDRESS]) == {}


def test_a_word_is_one_entry_of_the_ledger_with_its_marking(cast: Cast, desk: Service) -> None:
    say(cast, "analyst", "service:big-exchange", name="deposit", marking=Marking.AMBER_STRICT)
    line = TimelineEntry.objects.get(kind="address.labelled")
    assert line.marking == Marking.AMBER_STRICT
    assert line.subject == f"address:{CHAIN}:{ADDRESS}"
    assert line.owner == organization(cast.analyst)
    told = LedgerEntry.objects.get(kind="address.labelled").content
    assert Label.objects.get(public_id=told.pop("label")).owner == organization(cast.analyst)
    assert told == {
        "chain": CHAIN,
        "address": ADDRESS,
        "verdict": "confirmed",
        "meaning": "service:big-exchange",
        "what": "Big Exchange",
        "name": "deposit",
    }


@pytest.mark.parametrize("who", ["lead", "rival", "analyst", "coordinator"])
def test_those_who_trace_may_say_it(cast: Cast, desk: Service, who: str) -> None:
    assert say(cast, who, "service:big-exchange").owner == organization(cast.actors[who])


@pytest.mark.parametrize("who", ["white_hat", "law", "issuer"])
def test_others_may_not(cast: Cast, desk: Service, who: str) -> None:
    with pytest.raises(NotYours):
        say(cast, who, "service:big-exchange")
    assert (Label.objects.count(), LedgerEntry.objects.filter(kind="address.labelled").count()) == (
        0,
        0,
    )


def test_a_desk_speaks_for_its_own_service_and_no_other(
    cast: Cast, desk: Service, mixer: Service
) -> None:
    assert say(cast, "exchange", "service:big-exchange").confidence == "confirmed"
    with pytest.raises(NotYours):
        say(cast, "exchange", "service:mix")


@pytest.mark.parametrize(
    ("meaning", "verdict", "field"),
    [
        ("service:none", "confirmed", "meaning"),
        ("category:hot", "confirmed", "meaning"),
        ("nonsense", "confirmed", "meaning"),
        ("", "confirmed", "meaning"),
        ("service:big-exchange", "perhaps", "verdict"),
        ("service:big-exchange", "rejected", "meaning"),  # nobody said it
    ],
)
def test_what_cannot_be_said_is_refused_at_its_field(
    cast: Cast, desk: Service, meaning: str, verdict: str, field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        say(cast, "analyst", meaning, verdict)
    assert caught.value.field == field


def test_two_sources_that_disagree_are_both_shown(
    cast: Cast, desk: Service, mixer: Service, chain: Chain
) -> None:
    source(chain, desk, "list one", day=2)
    source(chain, mixer, "list two", day=1)
    known = seen(cast, "lead")
    assert [row.source for row in known.told.rows] == ["list one", "list two"]
    assert known.told.decision.disagree
    assert known.notes == ["The newest source counts."]
    assert followed(cast, chain) == {ADDRESS: AccountKind.SERVICE}
    source(chain, mixer, "list two", day=2)
    assert followed(cast, chain) == {}
    assert seen(cast, "lead").notes == [
        "No label counts: the newest sources, of one day, differ.",
        "What reaches it is followed on.",
    ]


def test_a_bridge_without_a_label_is_told_by_the_facts(cast: Cast) -> None:
    chain, addresses = next(iter(bridges.contracts().items()))
    address = next(iter(addresses))
    known = labels.account(cast.lead, cast.incident, chain, address)
    assert known.kind is AccountKind.CROSSING
    assert known.notes == [
        "The facts of bridges call it one's contract: value there is in crossing."
    ]
    assert seen(cast, "lead").notes == []


def test_a_rejected_source_stops_no_trace_of_the_room(
    cast: Cast, desk: Service, chain: Chain
) -> None:
    source(chain, desk, "list one")
    say(cast, "lead", "service:big-exchange", "rejected")
    assert followed(cast, chain) == {}
    known = seen(cast, "rival")
    assert [row.confidence for row in known.told.rows] == ["sourced", "rejected"]
    assert known.told.decision.disagree


def test_a_word_for_few_is_unknown_to_others_and_to_the_watcher(
    cast: Cast, desk: Service, mixer: Service, chain: Chain
) -> None:
    from incidents.services.timeline import Audience

    source(chain, desk, "list one")
    with pytest.raises(AudienceRequired):
        say(cast, "analyst", "service:mix", marking=Marking.RED)
    only = Audience(people=[person(cast.analyst).pk])
    say(cast, "analyst", "service:mix", marking=Marking.RED, audience=only)
    mine, other = seen(cast, "analyst"), seen(cast, "rival")
    assert mine.told.decision.disagree
    assert [row.source for row in mine.told.rows] == ["list one", "Chain Eyes"]
    assert not other.told.decision.disagree
    assert [row.source for row in other.told.rows] == ["list one"]
    assert other.notes == ["The newest source counts."]
    assert followed(cast, chain) == {ADDRESS: AccountKind.SERVICE}


def test_the_api_tells_labels_and_takes_words_as_the_marking_allows(
    cast: Cast, desk: Service, mixer: Service, chain: Chain
) -> None:
    source(chain, desk, "list one")
    at = f"/api/v1/incidents/{cast.incident.slug}/addresses/{CHAIN}:{ADDRESS}/labels/"
    red = {"marking": Marking.RED, "audience": {"people": [str(person(cast.lead).public_id)]}}
    body = {"verdict": "confirmed", "meaning": "service:mix", **red}
    sent = client_of(person(cast.lead)).post(at, body, content_type="application/json")
    assert sent.status_code == 201
    assert (sent.json()["is_of_this_room"], sent.json()["service"]) == (True, "mix")
    mine = client_of(person(cast.lead)).get(at).json()
    assert (len(mine["labels"]), mine["counts"], mine["sources_disagree"]) == (2, 1, True)
    assert mine["kind"] == "service", "the watcher knows nothing of a word for few"
    theirs = client_of(person(cast.rival)).get(at).json()
    assert (len(theirs["labels"]), theirs["counts"], theirs["sources_disagree"]) == (1, 0, False)
    assert theirs["labels"][0]["dated"] == "2026-01-01"
    assert "mix" not in client_of(person(cast.rival)).get(at).content.decode().lower()


def entered(actor: Actor) -> Client:
    client = Client()
    client.force_login(person(actor))
    return client


def test_the_address_page_shows_every_label_and_takes_a_word(
    cast: Cast, desk: Service, mixer: Service, chain: Chain
) -> None:
    source(chain, desk, "list <b>one</b>")
    source(chain, mixer, "list two")
    client = entered(cast.analyst)
    page = reverse("address", args=[cast.incident.slug, CHAIN, SHOWN_ADDRESS])
    html = client.get(page).content.decode()
    assert "sources disagree" in html
    assert "list &lt;b&gt;one&lt;/b&gt;" in html
    assert "list two" in html
    assert "in blocks applied from now on" in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))  # else a label names the field of another form
    to = reverse("label_say", args=[cast.incident.slug, CHAIN, SHOWN_ADDRESS])
    word = {"verdict": "confirmed", "meaning": "service:mix", "marking": AMBER}
    assert client.post(to, word).status_code == 302
    assert "What a party confirmed counts" in client.get(page).content.decode()
    bad = client.post(to, word | {"meaning": "service:none"})
    assert (bad.status_code, Label.objects.filter(incident=cast.incident).count()) == (200, 1)
    assert "No service or label here has that name" in bad.content.decode()
    desk_page = entered(cast.white_hat).get(page).content.decode()
    assert "Record your word" not in desk_page
