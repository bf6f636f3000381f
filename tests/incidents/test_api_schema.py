"""The OpenAPI schema is complete and says what really comes."""

import io
import re
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from tests import api, factories
from tests.api import client_of, room
from tests.cast import Cast, organization

METHODS = {"get", "post", "put", "delete"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    out = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    return dict(yaml.safe_load(out.getvalue()))


def operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for path in schema["paths"].values()
        for method, operation in path.items()
        if method in METHODS
    }


def test_schema_is_valid_and_every_operation_is_described(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema).items():
        assert re.fullmatch(r"[a-z]+_[a-z_]+", name)
        assert operation["summary"], name
        assert "401" in operation["responses"], name


def test_amounts_are_strings_in_the_schema(schema: dict[str, Any]) -> None:
    strip = schema["components"]["schemas"]["Strip"]["properties"]
    assert {strip[name]["type"] for name in ("stolen", "at_large", "held", "lost")} == {"string"}


@pytest.mark.django_db
def test_schema_is_served_to_everybody(cast: Cast) -> None:
    answer = client_of(None).get("/api/schema/")
    assert answer.status_code == 200
    assert cast.incident.slug not in answer.content.decode()


@pytest.mark.django_db
def test_answers_have_exactly_the_fields_of_the_schema(cast: Cast, schema: dict[str, Any]) -> None:
    lead, slug = client_of(cast.people["lead"]), cast.incident.slug
    factories.sent_request(cast.incident, cast.lead, cast.rival, organization(cast.exchange))
    lead.post(room(slug, "statements/"), api.STATEMENT)
    lead.post(room(slug, "addresses/"), api.RECORD)
    found: dict[str, Any] = {
        "Seat": lead.get("/api/v1/incidents/").json()[0],
        "Incident": lead.get(room(slug)).json(),
        "Terms": lead.get(room(slug, "terms/")).json(),
        "Parties": lead.get(room(slug, "parties/")).json(),
        "Party": lead.get(room(slug, "parties/")).json()["parties"][0],
        "Person": lead.get(room(slug, "parties/")).json()["people"][0],
        "Timeline": lead.get(room(slug, "timeline/")).json(),
        "Entry": lead.get(room(slug, "timeline/")).json()["entries"][0],
        "Address": lead.get(room(slug, "addresses/")).json()[0],
        "Freeze": lead.get(room(slug, "freezes/")).json()[0],
        "Target": lead.get(room(slug, "freezes/")).json()[0]["targets"][0],
        "Statement": lead.get(room(slug, "statements/")).json()[0],
        "Status": lead.get(room(slug, "status/")).json(),
        "State": lead.get(room(slug, "state/")).json(),
        "Watch": lead.get(room(slug, "state/")).json()["watch"],
        "Error": client_of(None).get(room(slug)).json(),
        "ErrorBody": client_of(None).get(room(slug)).json()["error"],
    }
    for name, value in found.items():
        assert set(value) == set(schema["components"]["schemas"][name]["properties"]), name
