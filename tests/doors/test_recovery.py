"""Every passkey lost: two others of the organization, 24 hours, a link and a code."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from incidents.access import Proof
from incidents.exceptions import (
    BadInput,
    HoldfastError,
    NotFound,
    NotYours,
    SecondPersonRequired,
    StepUpRequired,
    TokenNotEnough,
    WrongState,
)
from incidents.models import (
    ApiToken,
    Membership,
    Organization,
    Participation,
    Person,
    Recovery,
    TimelineEntry,
)
from incidents.services import enrolment, passkeys, recoveries, tokens
from tests import factories, fresh
from tests.api import client_of
from tests.cast import Cast, organization, person
from tests.doors.authenticator import SoftPasskey
from tests.doors.flows import SECOND, path_of, register
from tests.mailbox import running

pytestmark = pytest.mark.django_db
Device = Callable[..., SoftPasskey]


@dataclass(frozen=True)
class Team:
    row: Organization
    ada: Person  # asks
    bo: Person  # agrees
    nia: Person  # lost everything
    dan: Person  # looks on

    def ask(self) -> Recovery:
        return recoveries.ask(self.row, self.nia, by=self.ada, proof=Proof.FRESH)

    def approved(self) -> Recovery:
        return recoveries.approve(self.ask(), by=self.bo, proof=Proof.FRESH)

    def ready(self) -> Recovery:
        made = self.approved()
        Recovery.objects.update(ready_at=timezone.now())
        return made


def give_passkeys(who: Person) -> None:
    for _ in range(2):
        Authenticator.objects.create(user=who, type=Authenticator.Type.WEBAUTHN, data={})


def really_enrol(who: Person, passkey: Device) -> None:
    """Two passkeys as people register them, in place of what `give_passkeys` made up."""
    Authenticator.objects.filter(user=who).delete()
    _, token = enrolment.issue(who)
    client = Client()
    client.post(f"/enrol/{token}/")
    assert register(client, passkey()).status_code == 302
    assert register(client, passkey(), SECOND).status_code == 302


@pytest.fixture
def team(cast: Cast) -> Team:
    row = organization(cast.lead)
    nia, dan = factories.person(row, "nia"), factories.person(row, "dan")
    give_passkeys(nia)
    return Team(row, person(cast.lead), person(cast.colleague), nia, dan)


def signed_in(who: Person) -> Client:
    client = Client()
    client.force_login(who)
    return client


def kinds(cast: Cast) -> list[str]:
    rows = TimelineEntry.objects.filter(incident=cast.incident, kind__startswith="party.recovery")
    return list(rows.order_by("seq").values_list("kind", flat=True))


def test_the_whole_way(team: Team, cast: Cast, client: Client, passkey: Device) -> None:
    really_enrol(team.nia, passkey)
    found = team.ready()
    inside = signed_in(team.nia)
    session = inside.session
    session["seen_at"] = 0
    session.save()
    assert inside.get("/").status_code == 200
    _, secret = tokens.create(team.nia, "script")
    coded = recoveries.issue(found, by=team.bo, proof=Proof.FRESH)
    path = path_of(coded.link)
    assert client.post(path, {"code": ""}).status_code == 400
    assert client.post(path, {"code": coded.code}).status_code == 302
    assert passkeys.count(team.nia) == 2, "nothing ends before the new passkey is there"
    assert register(client, passkey()).status_code == 302
    assert passkeys.count(team.nia) == 1
    assert inside.get("/").status_code == 302
    assert tokens.use(secret) is None
    assert client.get("/")["Location"].startswith(SECOND)
    assert register(client, passkey(), SECOND).status_code == 302
    assert client.get(reverse("room", args=[cast.incident.slug])).status_code == 200
    assert Client().post(path, {"code": coded.code}).status_code == 400
    assert kinds(cast) == ["party.recovery_asked", "party.recovery_used"]
    assert not ApiToken.objects.filter(revoked_at=None).exists()


@pytest.mark.parametrize("before", [timedelta(hours=24), timedelta(seconds=1)])
def test_nothing_before_24_hours(team: Team, before: timedelta) -> None:
    found = team.approved()
    Recovery.objects.update(ready_at=timezone.now() + before)
    with pytest.raises(WrongState):
        recoveries.issue(found, by=team.ada, proof=Proof.FRESH)
    Recovery.objects.update(ready_at=timezone.now())
    assert recoveries.issue(found, by=team.ada, proof=Proof.FRESH).code


def test_the_clock_is_24_hours_from_the_second_word(team: Team) -> None:
    found = team.approved()
    assert found.approved_at
    assert found.ready_at == found.approved_at + timedelta(hours=24)


def test_no_single_person(team: Team) -> None:
    with pytest.raises(BadInput):
        recoveries.ask(team.row, team.ada, by=team.ada, proof=Proof.FRESH)
    found = team.ask()
    for who in (team.ada, team.nia):
        with pytest.raises(SecondPersonRequired):
            recoveries.approve(found, by=who, proof=Proof.FRESH)
    with pytest.raises(WrongState):
        recoveries.issue(found, by=team.ada, proof=Proof.FRESH)


def test_only_the_two_hand_it_over(team: Team) -> None:
    found = team.ready()
    for who in (team.dan, team.nia):
        with pytest.raises(NotYours):
            recoveries.issue(found, by=who, proof=Proof.FRESH)


def test_others_find_nothing(team: Team, cast: Cast) -> None:
    found = team.ready()
    acts: list[Callable[..., object]] = [recoveries.approve, recoveries.issue, recoveries.stop]
    for act in acts:
        with pytest.raises(NotFound):
            act(found, by=person(cast.rival), proof=Proof.FRESH)
    for name in ("recovery_approve", "recovery_issue", "recovery_stop"):
        url = reverse(name, args=[team.row.public_id, found.public_id])
        assert signed_in(person(cast.rival)).post(url).status_code == 404
    strange = reverse("recovery_stop", args=[organization(cast.rival).public_id, found.public_id])
    assert signed_in(person(cast.rival)).post(strange).status_code == 404
    assert Recovery.objects.get().stopped_at is None


@pytest.mark.parametrize("who", ["ada", "bo", "nia", "dan"])
def test_anybody_of_it_stops_it_even_after_the_link_was_shown(team: Team, who: str) -> None:
    found = team.ready()
    coded = recoveries.issue(found, by=team.ada, proof=Proof.FRESH)
    recoveries.stop(found, by=getattr(team, who), proof=Proof.SESSION)
    with pytest.raises(HoldfastError):
        enrolment.open_enrolment(coded.link.rstrip("/").rpartition("/")[2], coded.code)
    assert passkeys.count(team.nia) == 2
    with pytest.raises(NotFound):
        recoveries.stop(found, by=team.ada, proof=Proof.SESSION)
    assert team.ask().pk != found.pk


def test_stopped_while_the_person_registers(team: Team, client: Client, passkey: Device) -> None:
    really_enrol(team.nia, passkey)
    found = team.ready()
    coded = recoveries.issue(found, by=team.ada, proof=Proof.FRESH)
    client.post(path_of(coded.link), {"code": coded.code})
    client.get("/enrol/passkey/")
    recoveries.stop(found, by=team.dan, proof=Proof.SESSION)
    assert client.get("/enrol/passkey/").status_code == 400
    assert passkeys.count(team.nia) == 2


def test_who_left_meanwhile_does_not_count(team: Team) -> None:
    found = team.ready()
    Membership.objects.filter(person=team.bo).update(ended_at=timezone.now())
    with pytest.raises(WrongState):
        recoveries.issue(found, by=team.ada, proof=Proof.FRESH)


def test_it_takes_the_passkey_of_five_minutes_and_no_token(team: Team) -> None:
    with pytest.raises(StepUpRequired):
        recoveries.ask(team.row, team.nia, by=team.ada, proof=Proof.SESSION)
    found = team.ready()
    acts: list[Any] = [(recoveries.approve, team.bo), (recoveries.issue, team.ada)]
    for act, who in acts:
        with pytest.raises(StepUpRequired):
            act(found, by=who, proof=Proof.SESSION)
        with pytest.raises(TokenNotEnough):
            act(found, by=who, proof=Proof.TOKEN)
    with pytest.raises(TokenNotEnough):
        recoveries.stop(found, by=team.dan, proof=Proof.TOKEN)
    old = signed_in(team.ada)
    fresh.grow_old(old)
    url = reverse("recovery_issue", args=[team.row.public_id, found.public_id])
    assert "/passkeys/again/" in old.post(url)["Location"]


def test_who_never_had_a_passkey_is_invited_instead(team: Team) -> None:
    with pytest.raises(BadInput):
        recoveries.ask(team.row, team.dan, by=team.ada, proof=Proof.FRESH)


def test_one_at_a_time(team: Team) -> None:
    team.ask()
    with pytest.raises(WrongState):
        recoveries.ask(team.row, team.nia, by=team.bo, proof=Proof.FRESH)


def test_everybody_of_it_sees_a_banner_until_it_is_over(team: Team, cast: Cast) -> None:
    words = b"is getting new passkeys"
    dan, rival = signed_in(team.dan), signed_in(person(cast.rival))
    for client in (dan, rival):
        session = client.session
        session["seen_at"] = 0
        session.save()
        assert words not in client.get("/").content
    found = team.ask()
    assert words in dan.get("/").content
    assert words not in rival.get("/").content
    page = dan.get(reverse("organization", args=[team.row.public_id])).content
    assert b"New passkeys for" in page
    recoveries.stop(found, by=team.dan, proof=Proof.SESSION)
    assert words not in dan.get("/").content


def test_the_other_organizations_of_the_person_are_told_and_may_stop_it(
    team: Team, cast: Cast
) -> None:
    other = organization(cast.analyst)
    Person.objects.filter(pk=team.ada.pk).update(name="Adelheid")
    Membership.objects.create(person=team.nia, organization=other)
    found = team.ask()
    analyst = signed_in(person(cast.analyst))
    page = analyst.get(reverse("organization", args=[other.public_id])).content.decode()
    assert "by another organization" in page
    assert "Adelheid" not in page
    with pytest.raises(NotFound):
        recoveries.approve(found, by=person(cast.analyst), proof=Proof.FRESH)
    url = reverse("recovery_stop", args=[other.public_id, found.public_id])
    assert analyst.post(url).status_code == 302
    assert Recovery.objects.get().stopped_by == person(cast.analyst)


def test_mail_tells_it_in_neutral_words_one_by_one(team: Team) -> None:
    with running() as box:
        mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": box.port, "MAIL_ENABLED": True}
        backend = "django.core.mail.backends.smtp.EmailBackend"
        with override_settings(**mail, EMAIL_BACKEND=backend):
            url = reverse("recovery_ask", args=[team.row.public_id, team.nia.public_id])
            answer = signed_in(team.ada).post(url, {"reason": "Train <b>7</b>"})
    assert answer.status_code == 302
    everybody = {team.ada.email, team.bo.email, team.nia.email, team.dan.email}
    assert set(box.recipients) == everybody
    assert len(box.taken) == len(everybody)
    for taken in box.taken:
        text = taken.as_string()
        for secret in ("Nia", "nia", "Kelp ", "Train"):
            assert secret not in text.replace(str(taken["To"]), "")


def test_a_confidential_party_tells_nobody_but_itself_and_the_chair(cast: Cast) -> None:
    row = organization(cast.law)
    second, third = factories.person(row, "second"), factories.person(row, "third")
    give_passkeys(third)
    recoveries.ask(row, third, by=second, proof=Proof.FRESH)
    line = TimelineEntry.objects.get(kind="party.recovery_asked")
    chair = Participation.objects.get(organization=organization(cast.coordinator))
    assert set(line.audience_organizations or []) == {row.pk, chair.organization_id}


def test_the_console_is_no_way_around(team: Team) -> None:
    with pytest.raises(BadInput, match="already"):
        enrolment.enroll_administrator(team.nia.email, name="Eve", organization_name=team.row.name)


def test_the_same_by_the_api(team: Team, cast: Cast) -> None:
    at = f"/api/v1/organizations/{team.row.public_id}/recoveries/"
    ada, bo, dan = (client_of(who) for who in (team.ada, team.bo, team.dan))
    made = ada.post(at, {"person": str(team.nia.public_id), "reason": "Bag stolen."})
    assert made.status_code == 201
    one = f"{at}{made.json()['id']}/"
    assert ada.post(f"{one}approve/").status_code == 409  # another person
    assert bo.post(f"{one}approve/").json()["ready_at"]
    assert bo.post(f"{one}issue/").status_code == 409  # 24 hours
    assert [row["person"]["name"] for row in dan.get(at).json()] == ["nia"]
    assert client_of(cast.outsider).get(at).status_code == 404
    Recovery.objects.update(ready_at=timezone.now())
    assert dan.post(f"{one}issue/").status_code == 403  # one of the two
    assert bo.post(f"{one}issue/").json().keys() == {"link", "code"}
    assert client_of(cast.outsider).post(f"{one}stop/").status_code == 404
    assert dan.post(f"{one}stop/").status_code == 204
    assert dan.get(at).json() == []
    assert kinds(cast) == ["party.recovery_asked", "party.recovery_stopped"]
