"""What members do about desks' pages: links, codes, and answers that came another way."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents import access
from incidents.choices import Confirmation
from incidents.exceptions import BadInput, NotFound, NotYours, SecondPersonRequired, WrongState
from incidents.models import (
    DeskLink,
    DeskView,
    FreezeAnswer,
    FreezeRequest,
    FreezeTarget,
    TimelineEntry,
)
from incidents.services import answers, claims
from incidents.services.timeline import Audience
from tests import fresh
from tests.cast import Cast, person
from tests.desks import Desk, link_of, secret_of, sent
from tests.factories import AMBER, RED

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of(cast: Cast) -> FreezeRequest:
    return sent(cast)


@pytest.fixture
def target(request_of: FreezeRequest) -> FreezeTarget:
    return FreezeTarget.objects.get(request=request_of)


def at(request_of: FreezeRequest, path: str = "") -> str:
    return f"/incidents/{request_of.incident.slug}/freezes/{request_of.public_id}/{path}"


class TestPages:
    def test_link_and_code_are_each_shown_once_to_whoever_made_them(
        self, cast: Cast, client: Client, request_of: FreezeRequest
    ) -> None:
        client.force_login(person(cast.lead))
        made = client.post(at(request_of, "links/new/"), {"recipient": "Ana"}).content.decode()
        link = DeskLink.objects.get()
        secret = secret_of(link)
        assert f"/desk/{link.selector}/#{secret}" in made
        desk = Desk(cast, link)
        desk.word = desk.say("ask/").json()["word"]
        shown = client.get(at(request_of)).content.decode()
        assert desk.word in shown
        assert secret not in shown
        device = link.devices.get()
        path = at(request_of, f"links/{link.public_id}/browsers/{device.public_id}/code/")
        told = client.post(path).content.decode()
        code = re.search(r"<b>([0-9A-Z]{4}-[0-9A-Z]{4})</b>", told)
        assert code
        assert desk.say("open/", code=code[1]).status_code == 200
        assert code[1] not in client.get(at(request_of)).content.decode()
        desk.read()
        views = client.get(at(request_of, f"links/{link.public_id}/")).content.decode()
        assert views.count("read the request") == 1
        assert client.post(at(request_of, f"links/{link.public_id}/revoke/")).status_code == 302
        assert request_of.reference not in desk.read()

    def test_code_takes_the_passkey_of_the_last_minutes(
        self, cast: Cast, client: Client, request_of: FreezeRequest
    ) -> None:
        link = link_of(cast, request_of)
        desk = Desk(cast, link)
        desk.say("ask/")
        client.force_login(person(cast.lead))
        fresh.grow_old(client)
        path = f"links/{link.public_id}/browsers/{link.devices.get().public_id}/code/"
        answer = client.post(at(request_of, path))
        assert (answer.status_code, "/accounts/" in answer["Location"]) == (302, True)
        assert not TimelineEntry.objects.filter(kind="freeze.code_told").exists()

    @pytest.mark.parametrize("role", ["exchange", "analyst"])
    def test_others_of_the_room_see_who_looked_and_make_nothing(
        self, cast: Cast, client: Client, request_of: FreezeRequest, role: str
    ) -> None:
        link = link_of(cast, request_of)
        client.force_login(cast.people[role])
        assert client.get(at(request_of, f"links/{link.public_id}/")).status_code == 200
        assert client.get(at(request_of, "links/new/")).status_code == 403
        client.post(at(request_of, f"links/{link.public_id}/revoke/"))
        assert DeskLink.objects.get().revoked_at is None

    def test_link_of_another_request_is_nobodys(
        self, cast: Cast, client: Client, request_of: FreezeRequest
    ) -> None:
        other = link_of(cast, sent(cast, amount=7))
        client.force_login(person(cast.lead))
        assert client.get(at(request_of, f"links/{other.public_id}/")).status_code == 404

    def test_page_of_a_request_takes_few_queries(
        self,
        cast: Cast,
        client: Client,
        request_of: FreezeRequest,
        django_assert_max_num_queries: Any,
    ) -> None:
        link_of(cast, request_of)
        client.force_login(person(cast.lead))
        client.get(at(request_of))
        with django_assert_max_num_queries(40):
            client.get(at(request_of))


class TestClaims:
    def claimed(self, cast: Cast, target: FreezeTarget, **more: Any) -> FreezeAnswer:
        return answers.answer(
            target,
            "held",
            actor=cast.lead,
            **{"marking": AMBER, "channel": "phone", "claimed": True, "amount": 400} | more,
        )

    def test_what_a_member_writes_down_is_claimed_until_somebody_else_called_back(
        self, cast: Cast, client: Client, target: FreezeTarget
    ) -> None:
        client.force_login(person(cast.lead))
        path = f"/incidents/{cast.incident.slug}/targets/{target.public_id}/claim/"
        said = {"outcome": "held", "channel": "mail", "marking": AMBER, "text": "We hold it."}
        assert client.get(path).status_code == 200
        assert client.post(path, said).status_code == 302
        answer = FreezeAnswer.objects.get()
        assert (answer.is_claimed, answer.author) == (True, person(cast.lead))
        seen = answers.seen(cast.rival, [target])[target.pk]
        assert seen.by["held"] is Confirmation.NONE
        shown = client.get(at(target.request)).content.decode()
        assert "claimed: mail" in shown
        path = f"/incidents/{cast.incident.slug}/answers/{answer.public_id}/confirm/"
        assert client.post(path, {"how": "Their switchboard"}).status_code == 400  # their own
        client.force_login(person(cast.colleague))
        assert client.get(path).status_code == 200
        assert client.post(path, {"how": "Their switchboard"}).status_code == 302
        seen = answers.seen(cast.rival, [target])[target.pk]
        assert seen.by["held"] is Confirmation.DESK
        line = TimelineEntry.objects.get(kind="freeze.answer_confirmed")
        assert line.marking == answer.marking
        with pytest.raises(WrongState):
            claims.confirm(answer, "again", actor=cast.rival)

    def test_who_may_confirm(self, cast: Cast, target: FreezeTarget) -> None:
        answer = self.claimed(cast, target)
        for role in ("analyst", "exchange", "law", "white_hat"):
            with pytest.raises(NotYours):
                claims.confirm(answer, "called", actor=cast.actors[role])
        with pytest.raises(SecondPersonRequired):
            claims.confirm(answer, "called", actor=cast.lead)
        with pytest.raises(BadInput):
            claims.confirm(answer, " ", actor=cast.rival)
        assert claims.confirm(answer, "called", actor=cast.rival).confirmed_by

    def test_hidden_claim_is_confirmed_by_nobody_who_may_not_see_it(
        self, cast: Cast, target: FreezeTarget
    ) -> None:
        alone = Audience(people=[person(cast.lead).pk, person(cast.colleague).pk])
        answer = self.claimed(cast, target, marking=RED, audience=alone)
        with pytest.raises(NotFound):
            claims.confirm(answer, "called", actor=cast.rival)
        with pytest.raises(NotFound):
            access.get_answer(cast.rival, cast.incident, answer.public_id)
        assert claims.confirm(answer, "called", actor=cast.colleague)

    def test_what_the_links_holder_said_is_confirmed_too(
        self, cast: Cast, request_of: FreezeRequest, target: FreezeTarget, client: Client
    ) -> None:
        desk = Desk(cast, link_of(cast, request_of)).come_in()
        desk.answer(target, outcome="held")
        answer = FreezeAnswer.objects.get()
        client.force_login(person(cast.rival))
        assert "claimed by link holder" in client.get(at(request_of)).content.decode()
        claims.confirm(answer, "Their switchboard", actor=cast.rival)
        assert "confirmed by call-back" in desk.read()
        assert DeskView.objects.filter(created_at__lte=timezone.now()).exists()

    def test_attachment_is_given_as_bytes_to_be_saved(
        self, cast: Cast, target: FreezeTarget, client: Client
    ) -> None:
        body = b"<script>alert(1)</script>"
        answer = self.claimed(cast, target, proof=answers.Proof("a<b>.html", body))
        client.force_login(person(cast.rival))
        path = f"/incidents/{cast.incident.slug}/answers/{answer.public_id}/proof/"
        given = client.get(path)
        assert (given.content, given["Content-Type"]) == (body, "application/octet-stream")
        assert given["Content-Disposition"].startswith("attachment")
        client.force_login(cast.outsider)
        assert client.get(path).status_code == 404
