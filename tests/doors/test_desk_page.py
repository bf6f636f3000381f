"""The page of a desk without an account: what everybody sees, and what link and code open."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from incidents import ports
from incidents.choices import CodePurpose, Marking, Outcome
from incidents.exceptions import ChainSilent
from incidents.models import (
    DeskCode,
    DeskDevice,
    DeskLink,
    DeskView,
    FreezeAnswer,
    FreezeRequest,
    FreezeTarget,
    TimelineEntry,
)
from incidents.packets import watermark
from incidents.ports import Holding
from incidents.services import desk_links
from tests.cast import Cast
from tests.desks import Desk, link_of, secret_of, sent
from tests.factories import SHOWN_ADDRESS

pytestmark = pytest.mark.django_db
SECONDS = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def request_of(cast: Cast) -> FreezeRequest:
    return sent(cast)


@pytest.fixture
def link(cast: Cast, request_of: FreezeRequest) -> DeskLink:
    return link_of(cast, request_of)


@pytest.fixture
def desk(cast: Cast, link: DeskLink) -> Desk:
    return Desk(cast, link)


@pytest.fixture
def target(request_of: FreezeRequest) -> FreezeTarget:
    return FreezeTarget.objects.get(request=request_of)


def kept() -> list[int]:
    return [m.objects.count() for m in (DeskDevice, DeskCode, DeskView, FreezeAnswer)]


class TestTheDoor:
    def test_is_the_same_to_the_byte_for_every_link_and_asks_no_database(
        self,
        cast: Cast,
        request_of: FreezeRequest,
        link: DeskLink,
        django_assert_num_queries: Any,
    ) -> None:
        revoked = desk_links.revoke(link_of(cast, request_of), actor=cast.lead)
        expired = link_of(cast, request_of)
        DeskLink.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
        let_in = Desk(cast, link).come_in()
        found = []
        with django_assert_num_queries(0):
            for selector in (link.selector, revoked.selector, expired.selector, "0" * 32, "x"):
                for browser in (Client(), let_in.client):
                    answer = browser.get(f"/desk/{selector}/")
                    found.append((answer.status_code, answer.content, sorted(answer.items())))
                    head = browser.head(f"/desk/{selector}/")
                    assert (head.status_code, head.content) == (200, b"")
                    assert sorted(head.items()) == sorted(answer.items())
        assert len({str(one) for one in found}) == 1
        status, content, headers = found[0]
        told = dict(headers)
        assert (status, told["Referrer-Policy"], told["Cache-Control"]) == (
            *(200, "no-referrer"),
            "no-store",
        )
        assert "noindex" in told["X-Robots-Tag"]
        assert "Set-Cookie" not in told
        for word in (request_of.reference, cast.incident.title, "Kelp", "Exchange"):
            assert word.encode() not in content

    def test_so_is_every_other_address_under_it_without_a_code(
        self, cast: Cast, link: DeskLink, target: FreezeTarget
    ) -> None:
        plain = Client().get(f"/desk/{link.selector}/").content
        paths = ("request/", f"files/{'0' * 64}/", f"targets/{target.public_id}/answer/")
        for path in paths:
            for selector in (link.selector, "0" * 32):
                assert Client().get(f"/desk/{selector}/{path}").content == plain
        for path in ("seal/", "leave/", f"targets/{target.public_id}/there/"):
            assert Client().post(f"/desk/{link.selector}/{path}").content == plain

    def test_asking_gives_right_and_wrong_secrets_the_same_answer(
        self, cast: Cast, link: DeskLink
    ) -> None:
        right, wrong, unknown = Desk(cast, link), Desk(cast, link), Desk(cast, link)
        answers = [
            right.say("ask/"),
            wrong.say("ask/", secret="x" * 43),
            unknown.client.post("/desk/unknown/ask/", "{}", content_type="application/json"),
        ]
        for answer in answers:
            assert (answer.status_code, sorted(answer.json())) == (200, ["sealed", "word"])
            assert answer.json()["sealed"] == ""
        assert len({str(sorted(a.headers)) for a in answers}) == 1
        assert DeskDevice.objects.count() == 1

    def test_another_sites_page_can_post_nothing(self, cast: Cast, link: DeskLink) -> None:
        said = f'{{"secret": "{secret_of(link)}"}}'
        client = Client()
        for origin, kind in (
            ("https://evil.example", "application/json"),
            ("null", "application/json"),
            ("http://localhost:8000", "text/plain"),
        ):
            client.post(
                f"/desk/{link.selector}/ask/",
                said,
                content_type=kind,
                headers={"Origin": origin},
            )
        client.post(f"/desk/{link.selector}/ask/", {"secret": secret_of(link)})
        assert DeskDevice.objects.count() == 0
        assert Desk(cast, link, client).say("ask/")
        assert DeskDevice.objects.count() == 1

    @pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b"\xff", b'{"secret": 5}'])
    def test_nonsense_is_refused_like_a_wrong_code(self, link: DeskLink, body: bytes) -> None:
        answer = Client().post(
            f"/desk/{link.selector}/open/",
            body,
            content_type="application/json",
            headers={"Origin": "http://localhost:8000"},
        )
        assert (answer.status_code, list(answer.json())) == (403, ["error"])


class TestReading:
    def test_link_and_code_show_the_request_and_acknowledge_nothing(
        self, desk: Desk, target: FreezeTarget, request_of: FreezeRequest
    ) -> None:
        shown = desk.come_in().read()
        for word in (request_of.reference, SHOWN_ADDRESS, "RSX", "Ana, Big Exchange"):
            assert word in shown
        target.refresh_from_db()
        assert (target.state, FreezeAnswer.objects.count()) == ("sent", 0)
        views = list(DeskView.objects.values_list("what", flat=True).order_by("pk"))
        assert views == ["asked for a code", "opened the request", "read the request"]

    def test_cookie_is_of_this_browser_and_request_alone(self, desk: Desk) -> None:
        desk.come_in()
        (cookie,) = [c for n, c in desk.client.cookies.items() if n.startswith("desk-")]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
        assert desk.link.selector in cookie.key

    def test_revocation_cuts_the_next_request(self, desk: Desk) -> None:
        before = desk.come_in().read()
        desk_links.revoke(desk.link, actor=desk.cast.lead)
        assert desk.link.request.reference in before
        assert desk.link.request.reference not in desk.read()

    def test_request_marked_narrower_is_shown_no_more(self, desk: Desk) -> None:
        desk.come_in()
        FreezeRequest.objects.update(marking=Marking.AMBER_STRICT)
        assert SHOWN_ADDRESS not in desk.read()

    def test_files_are_the_recipients_own(
        self, cast: Cast, request_of: FreezeRequest, desk: Desk
    ) -> None:
        other = Desk(cast, link_of(cast, request_of, "Ben, Big Exchange"))
        desk.come_in().read()
        other.come_in().read()
        mine = desk.link.files.get(format="json")
        answer = desk.client.get(desk.at(f"files/{mine.digest}/"))
        assert answer.content == bytes(mine.body)
        assert answer["Content-Disposition"].startswith("attachment")
        theirs = other.link.files.get(format="pdf")
        assert theirs.digest != desk.link.files.get(format="pdf").digest
        assert desk.client.get(desk.at(f"files/{theirs.digest}/"))["Content-Type"].startswith(
            "text/html"
        )

    def test_wording_names_the_copy_and_no_address_or_amount_differs(
        self, cast: Cast, request_of: FreezeRequest
    ) -> None:
        desks = [Desk(cast, link_of(cast, request_of, name)) for name in ("Ana", "Ben", "Cem")]
        marks = [desk_links.mark_of(desk.link) for desk in desks]
        for desk, mark in zip(desks, marks, strict=True):
            shown = desk.come_in().read()
            assert shown.count(SHOWN_ADDRESS) >= 2
            # Without the copy's number: what somebody copies out is mostly text.
            first = watermark.compare(shown.replace(mark, ""), marks)[0]
            assert (first.mark, first.is_it) == (mark, True)
            assert [one.is_it for one in watermark.compare(shown, marks)] == [True, False, False]


class TestStillThere:
    @pytest.fixture
    def chain(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
        said: dict[str, Any] = {"holding": Holding(400, 77, "0xab", SECONDS, 2, 2)}

        class Node:
            def now(self, chain: str, address: str, asset: str) -> Holding:
                if isinstance(said["holding"], Exception):
                    raise said["holding"]
                found: Holding = said["holding"]
                return found

        monkeypatch.setattr(ports._ports, "holdings", Node())
        return said

    def test_balance_block_and_time_are_told(
        self, desk: Desk, target: FreezeTarget, chain: dict[str, Any]
    ) -> None:
        path = desk.come_in().at(f"targets/{target.public_id}/there/")
        told = desk.client.post(path).json()
        assert (told["block"], told["is_enough"], told["is_empty"]) == (77, False, False)
        assert told["at"] == SECONDS.isoformat()
        chain["holding"] = Holding(0, 78, "0xac", SECONDS, 1, 1)
        assert desk.client.post(path).json()["is_empty"]

    def test_silence_is_told_as_silence(
        self, desk: Desk, target: FreezeTarget, chain: dict[str, Any]
    ) -> None:
        chain["holding"] = ChainSilent()
        told = desk.come_in().client.post(desk.at(f"targets/{target.public_id}/there/")).json()
        assert told == {"silent": ChainSilent.message}


class TestAnswers:
    def test_partial_hold_is_claimed_and_told_to_the_room(
        self, desk: Desk, target: FreezeTarget
    ) -> None:
        until = timezone.now() + timedelta(hours=72)
        file = SimpleUploadedFile("letter.pdf", b"%PDF-1.7 ...", "application/pdf")
        answer = desk.come_in().answer(
            target,
            outcome="held",
            amount="0.0000000000000004",
            held_until=until.strftime("%Y-%m-%dT%H:%M"),
            reference="T-77",
            contact="Night desk",
            text="<b>Held</b>",
            attachment=file,
        )
        assert answer.status_code == 302
        said = FreezeAnswer.objects.get()
        assert (said.outcome, said.amount, said.reference) == (Outcome.HELD, 400, "T-77")
        assert (said.is_claimed, said.channel, said.author) == (True, "page", None)
        assert (said.owner, said.marking) == (target.request.owner, target.request.marking)
        assert bytes(said.proof or b"") == b"%PDF-1.7 ..."
        assert len(said.proof_digest) == 64
        target.refresh_from_db()
        assert (target.held, target.requested) == (400, 1000)
        assert TimelineEntry.objects.filter(kind="freeze.answered").count() == 1
        shown = desk.read()
        assert "not confirmed by call-back yet" in shown
        assert "&lt;b&gt;Held" in shown

    def test_each_answer_takes_a_code_of_its_own(self, desk: Desk, target: FreezeTarget) -> None:
        desk.come_in()
        code = desk.code(CodePurpose.ANSWER)
        path = desk.at(f"targets/{target.public_id}/answer/")
        said = {"outcome": "acknowledged", "code": code}
        assert desk.client.get(path).status_code == 200
        assert desk.client.post(path, said | {"code": "00000000"}).status_code == 400
        assert desk.client.post(path, said).status_code == 302
        assert desk.client.post(path, said).status_code == 400  # replayed
        assert FreezeAnswer.objects.count() == 1

    def test_answer_that_is_refused_leaves_its_code(self, desk: Desk, target: FreezeTarget) -> None:
        desk.come_in()
        code = desk.code(CodePurpose.ANSWER)
        path = desk.at(f"targets/{target.public_id}/answer/")
        for wrong in ({"outcome": "held", "amount": "5000"}, {"outcome": "nonsense"}):
            assert desk.client.post(path, {"code": code} | wrong).status_code == 400
        assert desk.client.post(path, {"code": code, "outcome": "located"}).status_code == 302

    def test_target_of_another_request_is_nobodys(self, cast: Cast, desk: Desk) -> None:
        other = FreezeTarget.objects.get(request=sent(cast, amount=5))
        desk.come_in()
        for path in (f"targets/{other.public_id}/answer/", f"targets/{other.public_id}/there/"):
            answer = desk.client.post(desk.at(path), {"outcome": "held"})
            assert SHOWN_ADDRESS not in answer.content.decode()
        assert FreezeAnswer.objects.count() == 0

    def test_attachment_has_a_largest_size(self, desk: Desk, target: FreezeTarget) -> None:
        large = SimpleUploadedFile("large.bin", b"x" * (5 * 1024 * 1024 + 1))
        answer = desk.come_in().answer(target, outcome="acknowledged", attachment=large)
        assert answer.status_code == 400
        assert FreezeAnswer.objects.count() == 0
