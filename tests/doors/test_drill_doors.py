"""The doors of a drill: there in drill mode, for people of drills, and nowhere else."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as live
from django.core.checks import run_checks
from django.test import Client
from django.urls import clear_url_caches, reverse

from config import urls as site_urls
from incidents.models import Incident, Membership, Participation
from incidents.services import drills, incidents
from incidents.views import urls as page_urls
from tests import factories
from tests.cast import Cast, organization, person

pytestmark = pytest.mark.django_db


def reload_urls() -> None:
    importlib.reload(page_urls)
    importlib.reload(site_urls)
    clear_url_caches()


@pytest.fixture
def drill_mode(settings: Any) -> Iterator[None]:
    """Drill mode, addresses included: they are made when the process starts."""
    settings.DRILL = True
    reload_urls()
    yield
    settings.DRILL = False
    reload_urls()


@pytest.fixture
def drill(cast: Cast) -> Cast:
    """The cast, in a drill."""
    Incident.objects.update(is_drill=True)
    return cast


def enter(client: Client, who: Any, incident: str) -> Any:
    return client.post("/drill/enter/", {"person": str(who.public_id), "incident": incident})


def test_one_click_enters_as_that_party(drill_mode: None, drill: Cast, client: Client) -> None:
    page = client.get("/drill/").content.decode()
    assert page.count("Layer Zero") == 1
    room = reverse("room", args=[drill.incident.slug])
    for somebody in (person(drill.rival), person(drill.exchange)):
        before = client.session.session_key
        assert enter(client, somebody, drill.incident.slug)["Location"] == room
        assert client.session["_auth_user_id"] == str(somebody.pk)
        assert client.session.session_key != before
    assert client.get(room).status_code == 200


def test_person_with_a_passkey_is_nobody_to_play(
    drill_mode: None, drill: Cast, client: Client
) -> None:
    real = person(drill.lead)
    Authenticator.objects.create(user=real, type=Authenticator.Type.WEBAUTHN, data={})
    assert enter(client, real, drill.incident.slug).status_code == 404
    assert "_auth_user_id" not in client.session
    assert enter(client, person(drill.colleague), drill.incident.slug).status_code == 302


def test_outside_drill_mode_there_are_no_doors(drill: Cast, client: Client) -> None:
    assert client.get("/drill/").status_code == 404
    assert enter(client, person(drill.lead), drill.incident.slug).status_code == 404
    assert "_auth_user_id" not in client.session
    assert b"/drill/" not in client.get("/accounts/login/").content


def test_the_views_refuse_even_where_the_address_is_left(
    drill_mode: None, drill: Cast, client: Client, settings: Any
) -> None:
    settings.DRILL = False
    assert client.get("/drill/").status_code == 404
    assert enter(client, person(drill.lead), drill.incident.slug).status_code == 404


def test_a_real_incident_has_no_door(cast: Cast, drill_mode: None, client: Client) -> None:
    assert drills.doors() == []
    assert enter(client, person(cast.lead), cast.incident.slug).status_code == 404
    assert "_auth_user_id" not in client.session


def test_nobody_of_a_real_incident_has_a_door(
    drill_mode: None, drill: Cast, client: Client, settings: Any
) -> None:
    analyst = person(drill.analyst)
    settings.DRILL = False
    incidents.open_incident("Real", person=analyst, organization=organization(drill.analyst))
    settings.DRILL = True
    assert enter(client, analyst, drill.incident.slug).status_code == 404
    assert enter(client, person(drill.lead), drill.incident.slug).status_code == 302


@pytest.mark.parametrize("who", ["outsider", "left", "closed", "nobody"])
def test_only_people_of_the_seat(drill_mode: None, drill: Cast, client: Client, who: str) -> None:
    somebody: Any = drill.outsider if who == "outsider" else person(drill.white_hat)
    if who == "left":
        member = Membership.objects.get(person=somebody)
        member.ended_at = member.created_at
        member.save()
    elif who == "closed":
        somebody.is_active = False
        somebody.save()
    elif who == "nobody":
        form = {"person": "x", "incident": drill.incident.slug}
        assert client.post("/drill/enter/", form).status_code == 404
        return
    assert enter(client, somebody, drill.incident.slug).status_code == 404


def test_a_door_takes_a_post_with_its_token(drill_mode: None, drill: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.get("/drill/enter/").status_code == 405
    assert enter(strict, person(drill.lead), drill.incident.slug).status_code == 403
    assert "_auth_user_id" not in strict.session


def test_what_is_opened_in_drill_mode_is_a_drill(drill_mode: None, settings: Any) -> None:
    kelp = factories.organization("Kelp")
    lead = factories.person(kelp, "lead")
    assert incidents.open_incident("One", person=lead, organization=kelp).is_drill
    settings.DRILL = False
    assert not incidents.open_incident("Two", person=lead, organization=kelp).is_drill
    assert Participation.objects.count() == 2


def test_production_refuses_a_drill_and_needs_a_key() -> None:
    def start(**changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "import config.settings"],
            env={
                **os.environ,
                "HOLDFAST_PRODUCTION": "1",
                "HOLDFAST_SIGNING_KEY": "of this test",
                **changes,
            },
            cwd=Path(live.BASE_DIR),
            capture_output=True,
            text=True,
            check=False,
        )

    refused = start(HOLDFAST_DRILL="1")
    assert refused.returncode != 0
    assert "excludes HOLDFAST_DRILL" in refused.stderr
    assert start(HOLDFAST_DRILL="0").returncode == 0
    keyless = start(HOLDFAST_SIGNING_KEY="")
    assert keyless.returncode != 0
    assert "needs HOLDFAST_SIGNING_KEY_FILE" in keyless.stderr


def test_the_deploy_check_names_a_drill(settings: Any) -> None:
    def found() -> set[str | None]:
        return {message.id for message in run_checks(include_deployment_checks=True)}

    assert "holdfast.E001" not in found()
    settings.DRILL = True
    assert "holdfast.E001" in found()
