"""An organization's people: its administrators let them in and out, nobody else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents import access
from incidents.access import Proof
from incidents.choices import RoomRole
from incidents.exceptions import EnrolmentInvalid, NotFound, NotYours, StepUpRequired, WrongState
from incidents.models import Enrolment, Incident, Membership, Organization, Person, Role
from incidents.services import enrolment, members, passkeys
from tests import factories, fresh
from tests.cast import Cast, organization, person
from tests.doors.authenticator import SoftPasskey
from tests.doors.flows import SECOND, path_of, register

pytestmark = pytest.mark.django_db
Device = Callable[..., SoftPasskey]
EMAIL = "nia@kelp.example"


@dataclass(frozen=True)
class Kelp:
    row: Organization
    boss: Person
    colleague: Person

    def url(self, name: str = "organization", *more: Any) -> str:
        return reverse(name, args=[self.row.public_id, *more])

    def of(self, who: Person) -> Membership:
        return Membership.objects.get(organization=self.row, person=who)


@pytest.fixture
def kelp(cast: Cast) -> Kelp:
    return Kelp(organization(cast.lead), person(cast.lead), person(cast.colleague))


def signed_in(who: Person) -> Client:
    client = Client()
    client.force_login(who)
    return client


def words(page: Any) -> str:
    """What a page says, without the sign-out form's token."""
    text: str = page.content.decode()
    return text[text.index("<main") :]


def invite(kelp: Kelp, email: str = EMAIL) -> Any:
    return members.invite(kelp.row, email=email, name="Nia", by=kelp.boss, proof=Proof.FRESH)


def test_an_administrator_sees_own_people_and_who_has_passkeys(kelp: Kelp, cast: Cast) -> None:
    page = signed_in(kelp.boss).get(kelp.url()).content.decode()
    assert kelp.colleague.email in page
    assert "none" in page
    assert person(cast.rival).email not in page
    theirs = signed_in(kelp.colleague).get(kelp.url()).content.decode()
    assert kelp.boss.email in theirs
    assert "Passkeys</th>" not in theirs
    assert "Let somebody in" not in theirs


def test_others_and_the_installations_administrator_get_the_same_404(
    kelp: Kelp, cast: Cast
) -> None:
    root = Person.objects.create_user("root@example.org", "Root", is_administrator=True)
    absent = reverse("organization", args=["7f0c9d5e-1111-4222-8333-444455556666"])
    for who in (person(cast.rival), cast.outsider, root):
        client = signed_in(who)
        theirs, none = client.get(kelp.url()), client.get(absent)
        assert theirs.status_code == none.status_code == 404
        assert words(theirs) == words(none)
        member = kelp.colleague.public_id
        for name in ("member_end", "member_administrator", "recovery_ask"):
            assert client.post(kelp.url(name, member)).status_code == 404
        assert client.post(kelp.url("member_invite")).status_code == 404


def test_a_newcomer_comes_by_link_and_code(kelp: Kelp, client: Client, passkey: Device) -> None:
    boss = signed_in(kelp.boss)
    page = boss.post(kelp.url("member_invite"), {"name": "Nia", "email": EMAIL}).content.decode()
    row = Enrolment.objects.get()
    link, code = page.split('id="member-link">')[1].split("<")[0], ""
    code = page.split('id="member-code">')[1].split("<")[0]
    assert code not in boss.get(kelp.url()).content.decode()
    assert not Membership.objects.filter(person=row.person).exists()
    path = path_of(link)
    assert client.post(path).status_code == 400, "the link alone opens nothing"
    assert client.post(path, {"code": code.lower().replace("-", " ")}).status_code == 302
    assert register(client, passkey()).status_code == 302
    assert register(client, passkey(), SECOND).status_code == 302
    assert client.get(kelp.url()).status_code == 200
    assert kelp.of(row.person).is_administrator is False
    assert Client().post(path, {"code": code}).status_code == 400


def test_five_wrong_codes_burn_the_link(kelp: Kelp) -> None:
    made = invite(kelp)
    token = made.link.rstrip("/").rpartition("/")[2]
    for _ in range(5):
        with pytest.raises(EnrolmentInvalid):
            enrolment.open_enrolment(token, "AAAA-AAAA")
    with pytest.raises(EnrolmentInvalid):
        enrolment.open_enrolment(token, made.code)


def test_four_wrong_codes_do_not(kelp: Kelp) -> None:
    made = invite(kelp)
    token = made.link.rstrip("/").rpartition("/")[2]
    for _ in range(4):
        with pytest.raises(EnrolmentInvalid):
            enrolment.open_enrolment(token, "AAAA-AAAA")
    assert enrolment.open_enrolment(token, made.code) == made.enrolment


def test_somebody_known_takes_it_up_signed_in_and_nobody_else_does(
    kelp: Kelp, cast: Cast, client: Client
) -> None:
    from allauth.mfa.models import Authenticator

    known = cast.outsider
    Authenticator.objects.create(user=known, type=Authenticator.Type.WEBAUTHN, data={})
    made = invite(kelp, known.email)
    path, code = path_of(made.link), {"code": made.code}
    assert client.post(path, code).status_code == 403
    assert "enrolling" not in client.session
    assert signed_in(person(cast.rival)).post(path, code).status_code == 403
    inside = signed_in(known)
    assert inside.post(path, code)["Location"] == kelp.url()
    assert inside.get(kelp.url()).status_code == 200
    assert passkeys.count(known) == 1


def test_whether_an_address_is_known_shows_nowhere(kelp: Kelp, cast: Cast) -> None:
    boss = signed_in(kelp.boss)
    Person.objects.filter(pk=cast.outsider.pk).update(name="Ondine Elsewhere")
    pages = []
    for email in (cast.outsider.email, "nobody@elsewhere.example"):
        form = {"name": "Somebody", "email": email}
        page = boss.post(kelp.url("member_invite"), form).content.decode()
        assert "Ondine" not in page
        pages.append(page.count("<tr"))
    assert pages[1] == pages[0] + 1  # one more line among the invited, and nothing else


def test_a_withdrawn_link_is_over(kelp: Kelp) -> None:
    made = invite(kelp)
    boss = signed_in(kelp.boss)
    boss.post(kelp.url("member_invitation_withdraw", made.enrolment.person.public_id))
    with pytest.raises(EnrolmentInvalid):
        enrolment.open_enrolment(made.link.rstrip("/").rpartition("/")[2], made.code)


def test_one_organization_does_not_end_anothers_link(kelp: Kelp, cast: Cast) -> None:
    ours = invite(kelp)
    theirs = organization(cast.rival)
    Membership.objects.filter(organization=theirs).update(is_administrator=True)
    by = person(cast.rival)
    members.invite(theirs, email=EMAIL, name="Nia", by=by, proof=Proof.FRESH)
    token = ours.link.rstrip("/").rpartition("/")[2]
    assert enrolment.open_enrolment(token, ours.code) == ours.enrolment


def test_an_ended_membership_ends_roles_and_raises_every_epoch(kelp: Kelp, cast: Cast) -> None:
    Role.objects.create(
        incident=cast.incident,
        organization=kelp.row,
        role=RoomRole.SCRIBE,
        person=kelp.colleague,
        given_by=kelp.boss,
    )
    room = reverse("room", args=[cast.incident.slug])
    inside = signed_in(kelp.colleague)
    assert inside.get(room).status_code == 200
    before = Incident.objects.get().epoch
    boss = signed_in(kelp.boss)
    url = kelp.url("member_end", kelp.colleague.public_id)
    assert boss.get(url).status_code == 200
    assert kelp.of(kelp.colleague).ended_at is None
    assert boss.post(url).status_code == 302
    assert inside.get(room).status_code == inside.get(kelp.url()).status_code == 404
    assert Incident.objects.get().epoch > before
    assert Role.objects.get().ended_by == kelp.boss
    assert kelp.of(kelp.colleague).ended_by == kelp.boss
    with pytest.raises(NotFound):
        access.get_member(kelp.row, kelp.colleague.public_id)


def test_who_comes_back_is_no_administrator(kelp: Kelp) -> None:
    by: Any = {"by": kelp.boss, "proof": Proof.FRESH}
    members.set_administrator(kelp.of(kelp.colleague), True, **by)
    members.end(kelp.of(kelp.colleague), **by)
    made = invite(kelp, kelp.colleague.email)
    enrolment.take_up(made.enrolment, person=kelp.colleague)
    back = kelp.of(kelp.colleague)
    assert (back.ended_at, back.is_administrator) == (None, False)


def test_the_last_administrator_stays(kelp: Kelp) -> None:
    by: Any = {"by": kelp.boss, "proof": Proof.FRESH}
    for act in (
        lambda: members.end(kelp.of(kelp.boss), **by),
        lambda: members.set_administrator(kelp.of(kelp.boss), False, **by),
    ):
        with pytest.raises(WrongState):
            act()
    members.set_administrator(kelp.of(kelp.colleague), True, **by)
    members.end(kelp.of(kelp.boss), **by)
    assert not access.runs(kelp.boss, kelp.row)


def test_a_plain_member_runs_nobody(kelp: Kelp) -> None:
    by: Any = {"by": kelp.colleague, "proof": Proof.FRESH}
    for act in (
        lambda: members.end(kelp.of(kelp.boss), **by),
        lambda: members.set_administrator(kelp.of(kelp.colleague), True, **by),
        lambda: members.invite(kelp.row, email=EMAIL, name="Nia", **by),
    ):
        with pytest.raises(NotYours):
            act()
    client = signed_in(kelp.colleague)
    assert client.post(kelp.url("member_invite"), {"email": EMAIL, "name": "N"}).status_code == 403


@pytest.mark.parametrize(("seconds", "passes"), [(299, True), (301, False)])
def test_every_change_takes_the_passkey_of_five_minutes(
    kelp: Kelp, seconds: int, passes: bool
) -> None:
    boss = signed_in(kelp.boss)
    fresh.grow_old(boss, seconds)
    who = kelp.colleague.public_id
    asked = [
        boss.post(kelp.url("member_administrator", who), {"administrator": "yes"}),
        boss.post(kelp.url("member_invite"), {"email": EMAIL, "name": "Nia"}),
        boss.get(kelp.url("member_end", who)),
        boss.post(kelp.url("member_end", who)),
    ]
    again = ["/passkeys/again/" in answer.get("Location", "") for answer in asked]
    assert again == [not passes] * 4
    assert (kelp.of(kelp.colleague).ended_at is not None) is passes


def test_the_services_ask_for_it_themselves(kelp: Kelp) -> None:
    with pytest.raises(StepUpRequired):
        members.end(kelp.of(kelp.colleague), by=kelp.boss, proof=Proof.SESSION)


def test_an_ended_administrators_links_end_too(kelp: Kelp) -> None:
    second = factories.person(kelp.row, "second", is_administrator=True)
    made = members.invite(kelp.row, email=EMAIL, name="Nia", by=second, proof=Proof.FRESH)
    members.end(kelp.of(second), by=kelp.boss, proof=Proof.FRESH)
    with pytest.raises(EnrolmentInvalid):
        enrolment.open_enrolment(made.link.rstrip("/").rpartition("/")[2], made.code)


def test_a_members_link_makes_nobody_who_they_are_elsewhere(
    kelp: Kelp, client: Client, passkey: Device
) -> None:
    """Its administrator holds link and code of any address, also of one with rights of its own that
    has no passkey yet: the first administrator before the console's link was used."""
    made = enrolment.enroll_administrator(
        "root@operator.example", name="Root", organization_name="Operator"
    )
    root = made.person
    link = invite(kelp, root.email)
    assert client.post(path_of(link.link), {"code": link.code}).status_code == 403
    assert "enrolling" not in client.session
    Membership.objects.filter(person=root).delete()  # an administrator of the installation still
    assert client.post(path_of(link.link), {"code": link.code}).status_code == 403
    # And one that became somebody while whoever has the link stood before the passkey.
    early = Client()
    other = invite(kelp, "next@operator.example")
    assert early.post(path_of(other.link), {"code": other.code})["Location"] == "/enrol/passkey/"
    rights = Membership.objects.create(
        person=other.enrolment.person, organization=made.organization, is_administrator=True
    )
    assert early.get("/enrol/passkey/").status_code == 403
    assert passkeys.count(root) + passkeys.count(other.enrolment.person) == 0
    rights.delete()
    early.post(path_of(other.link), {"code": other.code})
    assert register(early, passkey()).status_code == 302
    assert client.post(path_of(made.link))["Location"] == "/enrol/passkey/"
    assert register(client, passkey()).status_code == 302
    assert passkeys.count(root) == 1
