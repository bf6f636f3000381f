"""The nouns of the API, each as a party uses it from end to end."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.choices import Marking
from incidents.models import Incident, StatusPage, TimelineEntry
from incidents.services import ledger, notes
from incidents.services.timeline import Audience
from tests import api, factories
from tests.api import ANYWAY, Body, client_of, room
from tests.cast import Cast, organization
from tests.factories import AMBER

pytestmark = pytest.mark.django_db


def send(cast: Cast, who: str, path: str, body: Body | None = None, method: str = "post") -> Any:
    client = client_of(cast.people[who])
    return getattr(client, method)(room(cast.incident.slug, path), body)


def read(cast: Cast, who: str, path: str, **query: Any) -> Any:
    answer = client_of(cast.people[who]).get(room(cast.incident.slug, path), query)
    assert answer.status_code == 200, answer.content
    return answer.json()


class TestIncidents:
    def test_opened_incident_is_listed_for_its_people_only(self, cast: Cast) -> None:
        body = {"title": "  Second theft ", "organization": "kelp", "capacity": "affected"}
        made = client_of(cast.people["lead"]).post("/api/v1/incidents/", body)
        assert made.status_code == 201
        slug, first = made.json()["slug"], cast.incident.slug
        assert "theft" not in slug
        assert made.json()["title"] == "Second theft"
        assert made.json()["organization"] == {"slug": "kelp", "name": "Kelp"}
        listed = {
            role: [i["slug"] for i in client_of(cast.people[role]).get("/api/v1/incidents/").json()]
            for role in ("colleague", "rival", "invited", "outsider")
        }
        assert listed == {
            "colleague": [slug, first],
            "rival": [first],
            "invited": [first],
            "outsider": [],
        }

    def test_nobody_opens_for_an_organization_that_is_not_theirs(self, cast: Cast) -> None:
        for slug in ("layer-zero", "no-such-organization"):
            body = {"title": "Theirs", "organization": slug}
            answer = client_of(cast.people["lead"]).post("/api/v1/incidents/", body)
            assert answer.status_code == 400
            assert answer.json()["error"]["field"] == "organization"
        assert Incident.objects.count() == 1


class TestTerms:
    def test_invited_party_reads_signs_and_is_in(self, cast: Cast) -> None:
        assert send(cast, "invited", "timeline/", method="get").status_code == 403
        terms = read(cast, "invited", "terms/")
        assert (terms["consent"], terms["is_read"], terms["is_signed"]) == ("invited", False, False)
        assert terms["respond_by"]
        wrong = send(cast, "invited", "terms/read/", {"digest": "0" * 64})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (409, "text_changed")
        right = {"digest": terms["digest"]}
        early = send(cast, "invited", "terms/sign/", right)
        assert (early.status_code, early.json()["error"]["code"]) == (409, "read_first")
        assert send(cast, "invited", "terms/read/", right).json()["is_read"]
        assert send(cast, "invited", "timeline/", method="get").status_code == 403
        assert send(cast, "invited", "terms/sign/", right).json()["is_signed"]
        assert read(cast, "invited", "timeline/")["entries"]

    def test_invited_party_declines_and_is_out(self, cast: Cast) -> None:
        assert send(cast, "invited", "terms/decline/").status_code == 204
        assert send(cast, "invited", "terms/", method="get").status_code == 404

    def test_a_new_text_is_proposed_and_put_in_force(self, cast: Cast) -> None:
        body = {"text": "Other terms.", "covers": [], "respond_minutes": 5}
        made = send(cast, "lead", "terms/revisions/", body)
        assert made.status_code == 201
        path = f"terms/revisions/{made.json()['id']}/"
        again = send(cast, "rival", "terms/revisions/", body)
        assert again.status_code == 409
        taken = send(cast, "rival", f"{path}accept/", {"digest": made.json()["digest"]})
        assert (taken.json()["state"], taken.json()["decided_for"]) == ("accepted", "layer-zero")
        assert [v["version"] for v in read(cast, "lead", "terms/versions/")] == [2, 1]
        assert read(cast, "analyst", "terms/")["consent"] == "lapsed"
        assert send(cast, "analyst", "terms/revisions/", method="get").status_code == 403


class TestTimeline:
    def headlines(self, cast: Cast, **query: Any) -> tuple[list[str], Any, bool]:
        page = read(cast, "rival", "timeline/", **query)
        return [e["headline"] for e in page["entries"]], page["cursor"], page["has_more"]

    def test_pages_follow_the_cursor_and_skip_what_is_hidden(self, cast: Cast) -> None:
        start = read(cast, "rival", "timeline/")["cursor"]
        for number in range(5):
            notes.post(cast.incident, f"note {number}", actor=cast.lead, marking=AMBER)
            notes.post(cast.incident, "hidden", actor=cast.law, marking=AMBER)
        first, cursor, more = self.headlines(cast, after=start, limit=3)
        assert (first, more) == (["note 0", "note 1", "note 2"], True)
        rest, last, more = self.headlines(cast, after=cursor, limit=3)
        assert (rest, more) == (["note 3", "note 4"], False)
        assert self.headlines(cast, after=last) == ([], None, False)

    def test_newest_first_goes_backwards(self, cast: Cast) -> None:
        for number in range(4):
            notes.post(cast.incident, f"note {number}", actor=cast.lead, marking=AMBER)
        first, cursor, more = self.headlines(cast, newest=True, limit=2)
        assert (first, more) == (["note 3", "note 2"], True)
        second, _, _ = self.headlines(cast, newest=True, before=cursor, limit=2)
        assert second == ["note 1", "note 0"]

    def test_unknown_cursor_starts_over_and_nonsense_is_refused(self, cast: Cast) -> None:
        everything = self.headlines(cast)
        unknown = "7f0c9d5e-1111-4222-8333-444455556666"
        assert self.headlines(cast, after=unknown) == everything
        for query, field in (
            ({"after": "5"}, "after"),
            ({"limit": 0}, "limit"),
            ({"limit": 201}, "limit"),
        ):
            answer = client_of(cast.people["rival"]).get(
                room(cast.incident.slug, "timeline/"), query
            )
            assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)

    def test_cursor_tells_nothing_of_what_is_hidden(self, cast: Cast) -> None:
        page = read(cast, "rival", "timeline/")
        assert not {"seq", "number", "count"} & set(page["entries"][0]) | set(page) - {
            "entries",
            "cursor",
            "has_more",
        }

    def test_a_cursor_that_is_hidden_answers_as_an_unknown_one(self, cast: Cast) -> None:
        notes.post(
            cast.incident,
            "Ours alone.",
            actor=cast.lead,
            marking=Marking.RED,
            audience=Audience(people=[cast.people["colleague"].pk]),
        )
        hidden = TimelineEntry.objects.order_by("seq").last()
        assert hidden
        here = str(hidden.public_id)
        page = read(cast, "colleague", "timeline/", after=here)
        assert page["entries"] == []
        assert self.headlines(cast, after=here) == self.headlines(cast)
        unknown = "7f0c9d5e-1111-4222-8333-444455556666"
        assert self.headlines(cast, newest=True, before=here) == self.headlines(
            cast, newest=True, before=unknown
        )

    def test_note_is_about_what_its_author_sees(self, cast: Cast) -> None:
        draft = factories.target(cast.incident, cast.lead, desk=organization(cast.exchange))
        about = f"freeze:{draft.request.public_id}"
        body = {**api.NOTE, "about": about}
        assert send(cast, "lead", "notes/", body).json()["subject"] == about
        assert send(cast, "exchange", "notes/", body).status_code == 400
        entries = read(cast, "analyst", "timeline/", subject=about)["entries"]
        assert [e["kind"] for e in entries][-1] == "note.posted"
        assert read(cast, "exchange", "timeline/", subject=about)["entries"] == []


class TestReturnAddress:
    def test_second_person_accepts_what_the_first_proposed(self, cast: Cast) -> None:
        body = {"chain": factories.CHAIN, "address": factories.ADDRESS, "marking": AMBER}
        made = send(cast, "lead", "addresses/propose-return/", body).json()
        path = f"addresses/{made['account']}/accept-return/"
        same = send(cast, "lead", path)
        assert (same.status_code, same.json()["error"]["code"]) == (409, "second_person_required")
        assert send(cast, "rival", path).json()["is_accepted_return"]
        assert send(cast, "rival", path).status_code == 409


class TestFreezes:
    def test_from_draft_to_answer(self, cast: Cast) -> None:
        desk = organization(cast.exchange)
        body: Body = {**api.DRAFT, "desk": desk.slug}
        del body["desk_name"]
        made = send(cast, "lead", "freezes/", body).json()
        at = f"freezes/{made['id']}/"
        assert (made["state"], made["desk"]) == ("draft", desk.name)
        assert send(cast, "exchange", at, method="get").status_code == 404
        assert send(cast, "lead", f"{at}approve/").json()["state"] == "checked"
        assert send(cast, "colleague", f"{at}approve/").status_code == 409
        assert send(cast, "rival", f"{at}approve/").json()["state"] == "approved"
        assert send(cast, "lead", f"{at}send/", {"anyway": ANYWAY}).json()["state"] == "sent"
        target = made["targets"][0]["id"]
        until = timezone.now() + timedelta(days=3)
        answer = {
            "outcome": "held",
            "amount": "400",
            "held_until": until.isoformat(),
            "text": "Account closed.",
            "marking": AMBER,
        }
        given = send(cast, "exchange", f"{at}targets/{target}/answers/", answer)
        assert given.status_code == 201, given.content
        seen = read(cast, "analyst", at)["targets"][0]
        assert (seen["state"], seen["amounts"]["held"]) == ("held", "400")
        assert [a["text"] for a in seen["answers"]] == ["Account closed."]
        assert seen["held_until"].endswith(("Z", "+00:00"))
        assert list(ledger.verify(cast.incident)) == []

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"amount": "1001"}, "amount"),
            ({"amount": "-1"}, "amount"),
            ({"outcome": "frozen solid"}, "outcome"),
            ({"held_until": "2020-01-01T00:00:00Z"}, "held_until"),
            ({"held_until": "tomorrow"}, "held_until"),
            ({"marking": None}, "marking"),
        ],
    )
    def test_wrong_answer_changes_nothing(self, cast: Cast, change: Body, field: str) -> None:
        row = factories.sent_request(
            cast.incident, cast.lead, cast.rival, organization(cast.exchange)
        )
        at = f"freezes/{row.request.public_id}/"
        body = {"outcome": "held", "marking": AMBER, **change}
        answer = send(cast, "exchange", f"{at}targets/{row.public_id}/answers/", body)
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
        assert read(cast, "lead", at)["targets"][0]["state"] == "sent"

    def test_file_carries_the_evidence_and_only_what_its_reader_may_know(self, cast: Cast) -> None:
        row = factories.sent_request(
            cast.incident, cast.lead, cast.rival, organization(cast.exchange)
        )
        path = f"freezes/{row.request.public_id}/"
        narrow = {"organizations": ["kelp"]}
        answer = {"outcome": "held", "marking": AMBER, "audience": narrow}
        send(cast, "exchange", f"{path}targets/{row.public_id}/answers/", answer)
        for role, state in (("lead", "held"), ("rival", "sent")):
            client = client_of(cast.people[role])
            file = client.get(room(cast.incident.slug, f"{path}export/json/"))
            assert file["Content-Disposition"] == (
                f'attachment; filename="{row.request.reference}.json"'
            )
            told = json.loads(file.content)
            assert told == read(cast, role, path)
            assert told["targets"][0]["state"] == state
        assert send(cast, "lead", f"{path}export/exe/", method="get").status_code == 404

    def test_target_of_another_request_is_not_found_here(self, cast: Cast) -> None:
        desk = organization(cast.exchange)
        row = factories.sent_request(cast.incident, cast.lead, cast.rival, desk)
        other = factories.sent_request(cast.incident, cast.lead, cast.rival, desk)
        path = f"freezes/{other.request.public_id}/targets/{row.public_id}/answers/"
        body = {"outcome": "held", "marking": AMBER}
        assert send(cast, "exchange", path, body).status_code == 404


class TestStatements:
    def test_from_draft_to_the_public_page(self, cast: Cast) -> None:
        made = send(cast, "lead", "statements/", api.STATEMENT).json()
        at = f"statements/{made['id']}/"
        signed = {"position": "signed", "digest": made["digest"]}
        send(cast, "lead", f"{at}sign-offs/", signed)
        new = {"title": "What happened", "text": "At 17:36 UTC ...", "digest": made["digest"]}
        edited = send(cast, "rival", at, new, method="put").json()
        assert [w["is_current"] for w in edited["sign_offs"]] == [False]
        stale = send(cast, "rival", f"{at}sign-offs/", signed)
        assert (stale.status_code, stale.json()["error"]["code"]) == (409, "text_changed")
        word = {**signed, "digest": edited["digest"]}
        for who in ("lead", "rival"):
            missing = send(cast, who, f"{at}publish/", {"digest": edited["digest"]})
            assert missing.status_code == 409
            send(cast, who, f"{at}sign-offs/", word)
        published = send(cast, "lead", f"{at}publish/", {"digest": edited["digest"]}).json()
        assert (published["state"], published["marking"]) == ("published", "TLP:CLEAR")

    def test_word_of_a_confidential_party_is_hidden_from_others(self, cast: Cast) -> None:
        made = send(cast, "lead", "statements/", api.STATEMENT).json()
        at = f"statements/{made['id']}/"
        word = {"position": "signed", "digest": made["digest"]}
        assert send(cast, "rival", f"{at}sign-offs/", word).json()["sign_offs"]
        seat = cast.rival.participation
        assert seat
        seat.is_confidential = True
        seat.save(update_fields=["is_confidential"])
        told = {role: len(read(cast, role, at)["sign_offs"]) for role in cast.actors}
        assert {role for role, count in told.items() if count} == {"rival", "coordinator"}


class TestStatus:
    def test_published_line_is_public_and_refusals_change_nothing(self, cast: Cast) -> None:
        past = {"line": "identified", "next_update_at": "2020-01-01T00:00:00Z"}
        for body, field in (({"line": "fine"}, "line"), ({}, "line"), (past, "next_update_at")):
            answer = send(cast, "lead", "status/", body)
            assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
        assert not StatusPage.objects.get().is_public
        assert send(cast, "lead", "status/", {"line": "identified"}).json()["is_public"]
        assert read(cast, "analyst", "status/")["line"] == "identified"


def test_confidential_party_is_in_no_answer(cast: Cast) -> None:
    notes.post(cast.incident, "Case 12-345", actor=cast.law, marking=AMBER)
    for role in ("rival", "analyst", "exchange", "white_hat"):
        told = json.dumps([read(cast, role, "parties/"), read(cast, role, "timeline/")])
        assert "Cyber Police" not in told
        assert "law" not in [p["name"] for p in read(cast, role, "parties/")["people"]]
        assert "Case 12-345" not in told
    assert "Cyber Police" in json.dumps(read(cast, "coordinator", "parties/"))


def test_closed_incident_is_read_and_not_written(cast: Cast) -> None:
    Incident.objects.filter(pk=cast.incident.pk).update(stage="closed")
    before = TimelineEntry.objects.count()
    for path, body in (("notes/", api.NOTE), ("addresses/", api.RECORD), ("freezes/", api.DRAFT)):
        answer = send(cast, "lead", path, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "incident_closed")
    assert read(cast, "lead", "timeline/")["entries"]
    assert TimelineEntry.objects.count() == before
