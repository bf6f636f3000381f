"""Links to a desk's page, and the codes that open it: who holds the mail alone holds nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pysequoia
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from incidents import access
from incidents.choices import CodePurpose, Marking
from incidents.exceptions import BadInput, DeskRefused, NotYours, StepUpRequired, WrongState
from incidents.models import (
    DeskCode,
    DeskContact,
    DeskDevice,
    DeskLink,
    DeskProfile,
    DeskView,
    FreezeRequest,
    TimelineEntry,
)
from incidents.services import desk_codes, desk_links
from incidents.services.desk_codes import Browser
from tests import factories
from tests.cast import Cast, organization, person

pytestmark = pytest.mark.django_db
OPEN, ANSWER = CodePurpose.OPEN, CodePurpose.ANSWER


def browser(nonce: str = "") -> Browser:
    return Browser(nonce or desk_codes.new_nonce(), "Firefox", "203.0.113.77")


def secret_of(link: DeskLink) -> str:
    return desk_links.address(link).partition("#")[2]


@pytest.fixture
def request_of(cast: Cast) -> FreezeRequest:
    row = factories.sent_request(cast.incident, cast.lead, cast.rival, organization(cast.exchange))
    return FreezeRequest.objects.get(pk=row.request_id)


@pytest.fixture
def link(cast: Cast, request_of: FreezeRequest) -> DeskLink:
    return desk_links.make(request_of, None, "Ana, Big Exchange", actor=cast.lead)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def go(**ahead: float) -> None:
        at = timezone.now() + timedelta(**ahead)
        monkeypatch.setattr(timezone, "now", lambda: at)

    return go


def asked(link: DeskLink, who: Browser) -> DeskDevice:
    desk_codes.ask(link.selector, secret_of(link), who)
    return DeskDevice.objects.get(link=link, word=who.word)


def let_in(cast: Cast, link: DeskLink) -> tuple[DeskDevice, Browser]:
    who = browser()
    code = desk_codes.tell(asked(link, who), OPEN, actor=cast.lead)
    device, nonce = desk_codes.open_page(link.selector, secret_of(link), code, who)
    return device, browser(nonce)


class TestLinks:
    def test_address_has_its_secret_in_the_fragment_and_the_database_only_a_digest(
        self, link: DeskLink
    ) -> None:
        path, _, secret = desk_links.address(link).partition("#")
        assert path == f"{settings.SITE_URL}/desk/{link.selector}/"
        assert (len(link.selector), len(secret)) == (32, 43)
        with connection.cursor() as cursor:
            cursor.execute("SELECT row_to_json(l)::text FROM incidents_desklink l")
            assert secret not in cursor.fetchone()[0]

    def test_a_key_that_changed_shows_no_wrong_link(self, link: DeskLink) -> None:
        link.secret_digest = "0" * 64
        with pytest.raises(WrongState):
            desk_links.address(link)

    def test_it_lives_as_long_as_the_desks_profile_says_else_the_setting(
        self, cast: Cast, request_of: FreezeRequest
    ) -> None:
        def hours() -> float:
            made = desk_links.make(request_of, None, "Ana", actor=cast.lead)
            return round((made.expires_at - timezone.now()).total_seconds() / 3600)

        found = [hours()]
        profile = {"slug": request_of.desk_slug, "name": "Big Exchange"}
        known = {"source": "Their guide", "dated": "2026-11-20"}
        DeskProfile.objects.create(**profile, facts={"link_hours": {"value": 24} | known})
        found.append(hours())
        own = {
            "organization": organization(cast.lead),
            "facts": {"link_hours": {"value": 6} | known},
        }
        DeskProfile.objects.create(**profile, **own)
        assert [*found, hours()] == [72, 24, 6]

    def test_who_may_make_one(self, cast: Cast, request_of: FreezeRequest) -> None:
        for role in ("analyst", "white_hat", "exchange", "law"):
            with pytest.raises(NotYours):
                desk_links.make(request_of, None, "Ana", actor=cast.actors[role])
        stale = access.get_actor(person(cast.lead), cast.incident.slug)[1]
        with pytest.raises(StepUpRequired):
            desk_links.make(request_of, None, "Ana", actor=stale)
        for role in ("lead", "colleague", "rival", "coordinator"):
            assert desk_links.make(request_of, None, "Ana", actor=cast.actors[role])

    def test_draft_has_no_page(self, cast: Cast) -> None:
        row = factories.target(cast.incident, cast.lead)
        with pytest.raises(WrongState):
            desk_links.make(row.request, None, "Ana", actor=cast.lead)

    def test_contact_of_another_organization_is_refused(
        self, cast: Cast, request_of: FreezeRequest
    ) -> None:
        contact = contact_of(cast)
        with pytest.raises(BadInput):
            desk_links.make(request_of, contact, "Ana", actor=cast.rival)
        assert desk_links.make(request_of, contact, "Ana", actor=cast.lead)

    @pytest.mark.parametrize("marking", Marking.values)
    @pytest.mark.parametrize("narrowed", [False, True])
    def test_what_a_recipient_may_see_goes_out_and_an_audience_only_by_its_owner(
        self, cast: Cast, request_of: FreezeRequest, marking: str, narrowed: bool
    ) -> None:
        own = organization(cast.lead)
        everybody = [organization(actor).pk for actor in cast.actors.values()]
        FreezeRequest.objects.update(
            marking=marking,
            audience_organizations=everybody if narrowed else None,
            audience_people=[person(cast.lead).pk] if marking == Marking.RED else None,
        )
        request_of.refresh_from_db()
        reaches = marking in (Marking.AMBER, Marking.GREEN, Marking.CLEAR)
        assert access.goes_out(request_of, own) is reaches
        other = access.goes_out(request_of, organization(cast.rival))
        assert other is (reaches and not narrowed)
        for actor, may in ((cast.lead, reaches), (cast.rival, other)):
            if may:
                assert desk_links.make(request_of, None, "Ana", actor=actor)
            else:
                with pytest.raises(NotYours):
                    desk_links.make(request_of, None, "Ana", actor=actor)

    def test_every_step_is_on_the_record_and_names_nobody_to_who_may_not_know(
        self, cast: Cast, link: DeskLink
    ) -> None:
        desk_links.renew(link, actor=cast.lead)
        desk_links.revoke(link, actor=cast.colleague)
        lines = TimelineEntry.objects.filter(kind__startswith="freeze.page_").order_by("seq")
        kinds = ["freeze.page_made", "freeze.page_renewed", "freeze.page_revoked"]
        assert [line.kind for line in lines] == kinds
        assert {line.owner for line in lines} == {organization(cast.lead)}
        with pytest.raises(WrongState):
            desk_links.revoke(link, actor=cast.lead)
        with pytest.raises(WrongState):
            desk_links.renew(link, actor=cast.lead)


class TestCodes:
    def test_link_and_code_let_one_browser_in_and_the_sender_hears_of_it(
        self, cast: Cast, link: DeskLink
    ) -> None:
        device, who = let_in(cast, link)
        assert desk_codes.enter(link.selector, who) == device
        line = TimelineEntry.objects.get(kind="freeze.page_opened")
        assert line.is_alert
        assert list(DeskView.objects.values_list("what", "network").order_by("pk")) == [
            ("asked for a code", "203.0.113.0/24"),
            ("opened the request", "203.0.113.0/24"),
        ]
        assert not DeskCode.objects.filter(used_at__isnull=True).exists()

    def test_code_of_one_browser_opens_no_other(self, cast: Cast, link: DeskLink) -> None:
        mine, thief = browser(), browser()
        code = desk_codes.tell(asked(link, mine), OPEN, actor=cast.lead)
        asked(link, thief)
        for who in (thief, browser()):
            with pytest.raises(DeskRefused):
                desk_codes.open_page(link.selector, secret_of(link), code, who)
        assert desk_codes.open_page(link.selector, secret_of(link), code, mine)

    def test_code_without_the_secret_opens_nothing(self, cast: Cast, link: DeskLink) -> None:
        who = browser()
        code = desk_codes.tell(asked(link, who), OPEN, actor=cast.lead)
        for secret in ("", "x" * 43, secret_of(link)[:-1]):
            with pytest.raises(DeskRefused):
                desk_codes.open_page(link.selector, secret, code, who)
        with pytest.raises(DeskRefused):
            desk_codes.open_page("0" * 32, secret_of(link), code, who)
        assert desk_codes.open_page(link.selector, secret_of(link), code.lower(), who)

    def test_code_is_used_once_and_five_wrong_ones_burn_it(
        self, cast: Cast, link: DeskLink
    ) -> None:
        who = browser()
        device = asked(link, who)
        code = desk_codes.tell(device, OPEN, actor=cast.lead)
        for _ in range(5):
            with pytest.raises(DeskRefused):
                desk_codes.spend(device, OPEN, "0000-0000")
        with pytest.raises(DeskRefused):
            desk_codes.spend(device, OPEN, code)
        again = desk_codes.tell(device, OPEN, actor=cast.lead)
        for _ in range(4):
            with pytest.raises(DeskRefused):
                desk_codes.spend(device, OPEN, "0000-0000")
        desk_codes.spend(device, OPEN, again)
        with pytest.raises(DeskRefused):
            desk_codes.spend(device, OPEN, again)

    def test_code_is_old_after_its_minutes_and_when_a_newer_one_is_there(
        self, cast: Cast, link: DeskLink, later: Callable[..., None]
    ) -> None:
        device = asked(link, browser())
        first = desk_codes.tell(device, OPEN, actor=cast.lead)
        second = desk_codes.tell(device, OPEN, actor=cast.lead)
        with pytest.raises(DeskRefused):
            desk_codes.spend(device, OPEN, first)
        later(minutes=settings.DESK_CODE_MINUTES, seconds=1)
        with pytest.raises(DeskRefused):
            desk_codes.spend(device, OPEN, second)

    def test_code_to_open_gives_no_answer_and_each_answer_takes_its_own(
        self, cast: Cast, link: DeskLink
    ) -> None:
        device = asked(link, browser())
        with pytest.raises(WrongState):
            desk_codes.tell(device, ANSWER, actor=cast.lead)
        device, _ = let_in(cast, link)
        to_open = desk_codes.tell(device, OPEN, actor=cast.lead)
        with pytest.raises(DeskRefused):
            desk_codes.spend(device, ANSWER, to_open)
        code = desk_codes.tell(device, ANSWER, actor=cast.lead)
        desk_codes.spend(device, ANSWER, code)
        with pytest.raises(DeskRefused):
            desk_codes.spend(device, ANSWER, code)

    def test_who_may_read_out_a_code(self, cast: Cast, link: DeskLink) -> None:
        device = asked(link, browser())
        for role in ("analyst", "exchange", "law", "white_hat"):
            with pytest.raises(NotYours):
                desk_codes.tell(device, OPEN, actor=cast.actors[role])
        code = desk_codes.tell(device, OPEN, actor=cast.colleague)
        assert len(code.replace("-", "")) == 8
        said = [
            entry.entry.content for entry in TimelineEntry.objects.filter(kind__contains="code")
        ]
        assert said
        assert code not in str(said)

    def test_code_is_encrypted_to_the_desks_verified_key_alone(
        self, cast: Cast, request_of: FreezeRequest
    ) -> None:
        key = pysequoia.Tsk.generate("Desk <desk@exchange.example>")
        contact = contact_of(cast, key=str(key.extract_certificate()))
        link = desk_links.make(request_of, contact, "Ana", actor=cast.lead)
        who = browser()
        assert desk_codes.ask(link.selector, "wrong", who, by_key=True) == ""
        assert desk_codes.ask(link.selector, secret_of(link), who, by_key=True) == ""
        contact.verified_at = timezone.now()
        contact.save()
        message = desk_codes.ask(link.selector, secret_of(link), who, by_key=True)
        text = bytes(pysequoia.decrypt(message.encode(), key.decryptor()).bytes).decode()
        assert who.word in text
        code = text.split("open the request: ")[1].split()[0]
        assert desk_codes.open_page(link.selector, secret_of(link), code, who)

    def test_key_that_is_none_gives_no_code(self, cast: Cast, request_of: FreezeRequest) -> None:
        contact = contact_of(cast, key="no key", verified_at=timezone.now())
        link = desk_links.make(request_of, contact, "Ana", actor=cast.lead)
        assert desk_codes.ask(link.selector, secret_of(link), browser(), by_key=True) == ""


class TestReading:
    def test_too_many_browsers_are_refused_in_the_same_words(
        self, cast: Cast, link: DeskLink
    ) -> None:
        kept = [let_in(cast, link) for _ in range(link.most_devices)]
        with pytest.raises(DeskRefused) as refused:
            let_in(cast, link)
        assert refused.value.detail == DeskRefused.message
        # One that was in before may come again.
        device, who = kept[0]
        code = desk_codes.tell(device, OPEN, actor=cast.lead)
        assert desk_codes.open_page(link.selector, secret_of(link), code, who)
        assert TimelineEntry.objects.filter(kind="freeze.page_opened").count() == 3

    def test_cookie_of_before_the_code_opens_nothing(self, cast: Cast, link: DeskLink) -> None:
        who = browser()
        code = desk_codes.tell(asked(link, who), OPEN, actor=cast.lead)
        desk_codes.open_page(link.selector, secret_of(link), code, who)
        for stranger in (who, browser(), Browser("", "", "::1")):
            with pytest.raises(DeskRefused):
                desk_codes.enter(link.selector, stranger)

    @pytest.mark.parametrize("how", ["revoked", "expired", "red", "strict", "left", "half an hour"])
    def test_what_ended_is_cut_in_the_next_request(
        self, cast: Cast, link: DeskLink, how: str, later: Callable[..., None]
    ) -> None:
        device, who = let_in(cast, link)
        assert desk_codes.enter(link.selector, who)
        ends: dict[str, Callable[[], object]] = {
            "revoked": lambda: desk_links.revoke(link, actor=cast.lead),
            "expired": lambda: DeskLink.objects.update(expires_at=timezone.now()),
            "red": lambda: FreezeRequest.objects.update(marking=Marking.RED),
            "strict": lambda: FreezeRequest.objects.update(marking=Marking.AMBER_STRICT),
            "left": lambda: desk_codes.leave(device),
            "half an hour": lambda: later(minutes=30, seconds=1),
        }
        ends[how]()
        with pytest.raises(DeskRefused):
            desk_codes.enter(link.selector, who)

    def test_cookie_of_one_request_opens_no_other(
        self, cast: Cast, request_of: FreezeRequest, link: DeskLink
    ) -> None:
        other = desk_links.make(request_of, None, "Ben", actor=cast.lead)
        _, who = let_in(cast, link)
        with pytest.raises(DeskRefused):
            desk_codes.enter(other.selector, who)

    def test_who_asks_again_and_again_keeps_nobody_out(self, cast: Cast, link: DeskLink) -> None:
        for _ in range(desk_codes.MOST_ASKING + 5):
            desk_codes.ask(link.selector, secret_of(link), browser())
        waiting = DeskDevice.objects.filter(expires_at__gt=timezone.now())
        assert waiting.count() == desk_codes.MOST_ASKING
        desk_codes.ask(link.selector, "wrong", browser())
        assert DeskDevice.objects.count() == desk_codes.MOST_ASKING + 5
        assert let_in(cast, link)


def contact_of(cast: Cast, key: str = "", verified_at: datetime | None = None) -> DeskContact:
    return DeskContact.objects.create(
        organization=organization(cast.lead),
        desk_slug="big-exchange",
        name="Ana",
        channel="mail",
        address="desk@exchange.example",
        openpgp_key=key,
        verified_at=verified_at,
        added_by=person(cast.lead),
    )
