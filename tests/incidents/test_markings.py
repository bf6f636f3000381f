"""Another marking after the fact: by the owner, wider with a reason, and it reaches who gains."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from incidents import access
from incidents.access import Actor, Proof
from incidents.choices import Marking
from incidents.exceptions import BadInput, NotFound, NotYours, StepUpRequired, WrongState
from incidents.models import FreezeRequest, LedgerEntry, TimelineEntry, TrackedAddress
from incidents.serialized import entry_json
from incidents.services import (
    addresses,
    answers,
    attackers,
    ledger,
    markables,
    markings,
    notes,
    statements,
)
from incidents.services.timeline import Audience
from tests import factories
from tests.api import client_of, room
from tests.cast import Cast, organization, person
from tests.factories import ADDRESS, AMBER, CHAIN, CLEAR, RED
from tracing.services import label_words

pytestmark = pytest.mark.django_db
STRICT, GREEN = Marking.AMBER_STRICT.value, Marking.GREEN.value
WHY = "The parties need it."


def to(*actors: Actor) -> Audience:
    """Narrowed to these organizations."""
    return Audience(organizations=[organization(actor).pk for actor in actors])


def seeing(cast: Cast, item: Any) -> set[str]:
    """Who finds an item by its kind."""
    kind, found = markables.kind_of(item), set()
    for role, viewer in cast.actors.items():
        try:
            kind.find(viewer, cast.incident, item.public_id)
        except NotFound:
            continue
        found.add(role)
    return found


def heads(cast: Cast, viewer: Actor) -> list[str]:
    lines = access.entries(viewer, cast.incident).prefetch_related("entry__personal")
    return [entry_json(line)["headline"] for line in lines]


KELP = {"lead", "colleague"}
DESKS = {"exchange", "issuer"}
EVERYBODY = KELP | DESKS | {"rival", "analyst", "law", "white_hat", "coordinator"}
NO_DESK = EVERYBODY - DESKS


def note(cast: Cast) -> TimelineEntry:
    return notes.post(cast.incident, "Secret.", actor=cast.lead, marking=AMBER)


def tracked(cast: Cast) -> TrackedAddress:
    return addresses.record(cast.incident, CHAIN, ADDRESS, actor=cast.lead, marking=AMBER)


def freeze(cast: Cast) -> FreezeRequest:
    return factories.target(cast.incident, cast.lead).request


def statement(cast: Cast) -> Any:
    return statements.draft(cast.incident, "First", "It happened.", actor=cast.lead, marking=AMBER)


def trace(cast: Cast) -> Any:
    return factories.trace(cast.incident, cast.lead)


def table(cast: Cast) -> Any:
    return factories.flow_table(factories.trace(cast.incident, cast.lead), cast.lead)


MADE: list[tuple[Callable[[Cast], Any], set[str]]] = [
    (note, EVERYBODY),
    (tracked, EVERYBODY),
    (freeze, NO_DESK),
    (statement, EVERYBODY),
    (trace, EVERYBODY),
    (table, EVERYBODY),
]


@pytest.mark.parametrize(
    ("make", "all_of_them"), MADE, ids=lambda one: getattr(one, "__name__", "")
)
def test_every_kind_is_narrowed_and_widened_again(
    cast: Cast, make: Callable[[Cast], Any], all_of_them: set[str]
) -> None:
    item = make(cast)
    told = {role: len(heads(cast, viewer)) for role, viewer in cast.actors.items()}
    assert seeing(cast, item) == all_of_them
    epoch = cast.incident.epoch
    item = markings.remark(item, AMBER, actor=cast.lead, audience=to(cast.rival))
    assert seeing(cast, item) == KELP | {"rival"}
    cast.incident.refresh_from_db()
    assert cast.incident.epoch > epoch
    # Its own lines went along, and who lost it is told nothing of that.
    own = set(LedgerEntry.objects.exclude(kind="item.remarked").values_list("public_id", flat=True))
    lines = access.entries(cast.analyst, cast.incident)
    assert "item.remarked" not in set(lines.values_list("kind", flat=True))
    assert len(lines) <= told["analyst"] <= len(own)
    item = markings.remark(item, GREEN, actor=cast.colleague, reason=WHY)
    assert (item.marking, seeing(cast, item)) == (GREEN, all_of_them)
    assert len(heads(cast, cast.analyst)) == told["analyst"] + 1
    assert list(ledger.verify(cast.incident)) == []


def test_answer_and_word_are_marked_anew_by_who_said_them(cast: Cast) -> None:
    desk = organization(cast.exchange)
    row = factories.sent_request(cast.incident, cast.lead, cast.rival, desk)
    said = answers.answer(row, "held", actor=cast.exchange, marking=AMBER, text="Ours.")
    with pytest.raises(NotYours):
        markings.remark(said, STRICT, actor=cast.lead)
    assert seeing(cast, said) == NO_DESK | {"exchange"}
    markings.remark(said, AMBER, actor=cast.exchange, audience=to(cast.lead))
    assert seeing(cast, said) == KELP | {"exchange"}
    assert answers.held_amounts(cast.incident, cast.rival) == {}
    assert sum(answers.held_amounts(cast.incident, cast.lead).values()) == 1000
    assert "answered" not in " ".join(heads(cast, cast.rival))
    word = label_words.say(
        cast.incident,
        CHAIN,
        ADDRESS,
        verdict="confirmed",
        meaning="category:scam",
        actor=cast.analyst,
        marking=AMBER,
        audience=to(cast.rival),
    )
    assert seeing(cast, word) == {"analyst", "rival"}
    markings.remark(word, AMBER, actor=cast.analyst, reason=WHY)
    assert seeing(cast, word) == EVERYBODY
    with pytest.raises(WrongState, match="traces of this room go by it"):
        markings.remark(word, AMBER, actor=cast.analyst, audience=to(cast.rival))


class TestWidening:
    def test_takes_a_reason_and_the_passkey_where_somebody_gains(self, cast: Cast) -> None:
        item = note(cast)
        old = replace(cast.lead, proof=Proof.SESSION)
        markings.remark(item, STRICT, actor=old)  # narrower: neither
        with pytest.raises(BadInput) as refused:
            markings.remark(item, AMBER, actor=cast.lead)
        assert refused.value.field == "reason"
        with pytest.raises(StepUpRequired):
            markings.remark(item, AMBER, actor=old, reason=WHY)
        assert markings.remark(item, AMBER, actor=cast.lead, reason=WHY).marking == AMBER

    def test_is_seen_by_the_audience_too(self, cast: Cast) -> None:
        item = notes.post(
            cast.incident, "x", actor=cast.lead, marking=AMBER, audience=to(cast.rival)
        )
        with pytest.raises(BadInput, match="reason"):
            markings.remark(item, AMBER, actor=cast.lead, audience=to(cast.rival, cast.analyst))
        # Narrower by its marking, and still somebody new.
        named = Audience(people=[person(cast.analyst).pk])
        with pytest.raises(BadInput, match="reason"):
            markings.remark(item, RED, actor=cast.lead, audience=named)
        # A person of an organization that sees it already gains nothing.
        named = Audience(people=[person(cast.rival).pk])
        markings.remark(item, RED, actor=replace(cast.lead, proof=Proof.SESSION), audience=named)
        assert seeing(cast, item) == {"lead", "rival"}

    def test_red_needs_people_and_a_change_is_a_change(self, cast: Cast) -> None:
        item = note(cast)
        with pytest.raises(BadInput, match="so already"):
            markings.remark(item, AMBER, actor=cast.lead)
        assert client_of(person(cast.lead)).post(
            room(cast.incident.slug, f"items/note/{item.public_id}/marking/"), {"marking": RED}
        ).json()["error"]["code"] == "audience_required"  # fmt: skip

    def test_reason_of_a_narrowing_is_not_told_to_who_gains_later(self, cast: Cast) -> None:
        item = note(cast)
        markings.remark(
            item, AMBER, actor=cast.lead, audience=to(cast.analyst), reason="Not for the rival."
        )
        markings.remark(item, AMBER, actor=cast.lead, reason="Now for all.")
        assert "Not for the rival." in " ".join(heads(cast, cast.analyst))
        rival = " ".join(heads(cast, cast.rival))
        assert "Now for all." in rival
        assert "Not for the rival." not in rival


class TestRefusals:
    def test_only_its_owner_and_nobody_who_does_not_see_it(self, cast: Cast) -> None:
        item = note(cast)
        for role in ("rival", "coordinator", "analyst"):
            with pytest.raises(NotYours):
                markings.remark(item, STRICT, actor=cast.actors[role])
        markings.remark(item, AMBER, actor=cast.lead, audience=to(cast.rival))
        url = room(cast.incident.slug, f"items/note/{item.public_id}/marking/")
        hidden = client_of(person(cast.analyst)).post(url, {"marking": STRICT})
        absent = client_of(person(cast.analyst)).post(
            url.replace(str(item.public_id), "7f0c9d5e-1111-4222-8333-444455556666"),
            {"marking": STRICT},
        )
        assert (hidden.status_code, hidden.content) == (404, absent.content)

    def test_line_follows_what_it_tells_of(self, cast: Cast) -> None:
        tracked(cast)
        line = TimelineEntry.objects.get(kind="address.recorded")
        with pytest.raises(WrongState, match="change the marking of that"):
            markings.remark(line, STRICT, actor=cast.lead)

    def test_what_two_stand_behind_is_not_hidden_from_one(self, cast: Cast) -> None:
        row = addresses.propose_return(
            cast.incident, CHAIN, ADDRESS, actor=cast.lead, marking=AMBER
        )
        addresses.accept_return(row, actor=cast.rival)
        with pytest.raises(WrongState, match="Two people accepted it"):
            markings.remark(row, AMBER, actor=cast.lead, audience=to(cast.lead))
        other = addresses.record(
            cast.incident, CHAIN, factories.address(7), actor=cast.lead, marking=AMBER
        )
        attackers.call(other, "It received the theft.", actor=cast.rival)
        with pytest.raises(WrongState, match="take that word back"):
            markings.remark(other, AMBER, actor=cast.lead, audience=to(cast.lead))

    def test_what_was_sent_or_published_stays_so(self, cast: Cast) -> None:
        desk = organization(cast.exchange)
        request = factories.sent_request(cast.incident, cast.lead, cast.rival, desk).request
        with pytest.raises(WrongState, match="not hidden from it"):
            markings.remark(request, AMBER, actor=cast.lead, audience=to(cast.rival))
        markings.remark(request, AMBER, actor=cast.lead, audience=to(cast.rival, cast.exchange))
        assert seeing(cast, request) == KELP | {"rival", "exchange"}
        row = statement(cast)
        for actor in (cast.lead, cast.rival):
            statements.sign_off(row, "signed", actor=actor, digest_read=row.digest)
        row = statements.publish(row, actor=cast.lead, digest_read=row.digest)
        with pytest.raises(WrongState, match="published"):
            markings.remark(row, AMBER, actor=cast.lead)
        assert row.marking == CLEAR


def test_confidential_party_stays_within_its_reach(cast: Cast) -> None:
    item = notes.post(cast.incident, "Ours.", actor=cast.law, marking=AMBER)
    markings.remark(item, STRICT, actor=cast.law)
    assert seeing(cast, item) == {"law", "coordinator"}


def test_api_catches_up_with_what_became_visible(cast: Cast) -> None:
    item = notes.post(
        cast.incident, "Ours.", actor=cast.lead, marking=AMBER, audience=to(cast.lead)
    )
    notes.post(cast.incident, "For all.", actor=cast.lead, marking=AMBER)
    client, url = client_of(person(cast.rival)), room(cast.incident.slug, "timeline/")
    before = client.get(url).json()
    markings.remark(item, AMBER, actor=cast.lead, reason=WHY)
    found = client.get(url, {"after": before["cursor"]}).json()
    assert [entry["kind"] for entry in found["entries"]] == ["note.posted", "item.remarked"]
    assert found["entries"][0]["headline"] == "Ours."
    assert found["has_more"] is False
    again = client.get(url, {"after": found["cursor"]}).json()
    assert (again["entries"], again["has_more"]) == ([], False)
    # From the start each is told once, in its place.
    kinds = [entry["kind"] for entry in client.get(url).json()["entries"]]
    assert kinds[-3:] == ["note.posted", "note.posted", "item.remarked"]
    # A page is never cut inside of what one entry lets see.
    small = client.get(url, {"after": before["cursor"], "limit": 1}).json()
    assert [entry["kind"] for entry in small["entries"]] == ["note.posted", "item.remarked"]
