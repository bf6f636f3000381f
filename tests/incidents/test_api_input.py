"""What is wrong is refused, naming the field and the reason, in one shape."""

import json
from typing import Any

import pytest

from incidents.api.parsers import MOST_BYTES
from incidents.models import LedgerEntry
from tests import api, factories
from tests.api import Body, client_of, room
from tests.cast import Cast, organization, person
from tests.factories import AMBER, CHAIN, RED, UINT256_MAX

pytestmark = pytest.mark.django_db

POSTS: dict[str, Body] = {
    "notes/": api.NOTE,
    "addresses/": api.RECORD,
    "freezes/": api.DRAFT,
    "statements/": api.STATEMENT,
}
BAD: list[tuple[str, Body, str]] = [
    ("addresses/", {"address": factories.SHOWN_ADDRESS.replace("aA", "Aa", 1)}, "address"),
    ("addresses/", {"address": factories.ADDRESS[:-1]}, "address"),
    ("addresses/", {"address": ""}, "address"),
    ("addresses/", {"address": None}, "address"),
    ("addresses/", {"address": "0x" + "a" * 200}, "address"),
    ("addresses/", {"chain": "ethereum"}, "chain"),
    ("addresses/", {"chain": factories.BITCOIN}, "address"),
    ("addresses/", {"role": "villain"}, "role"),
    ("addresses/", {"role": "return"}, "role"),
    ("addresses/", {"label": "x" * 121}, "label"),
    ("notes/", {"text": " "}, "text"),
    ("notes/", {"text": "x" * 10_001}, "text"),
    ("notes/", {"text": "nul \x00"}, "text"),
    ("notes/", {"about": "everything"}, "about"),
    ("notes/", {"about": "freeze:7f0c9d5e-1111-4222-8333-444455556666"}, "about"),
    ("notes/", {"about": "address:eip155:1:0x12"}, "about"),
    ("notes/", {"audience": {"organizations": ["elsewhere"]}}, "audience.organizations"),
    ("notes/", {"audience": {"organizations": ["cyber-police"]}}, "audience.organizations"),
    ("notes/", {"audience": {"people": ["not an id"]}}, "audience.people.0"),
    ("notes/", {"audience": "everybody"}, "audience"),
    ("notes/", {"marking": RED}, "audience"),
    ("freezes/", {"amount": "-1"}, "amount"),
    ("freezes/", {"amount": "0"}, "amount"),
    ("freezes/", {"amount": "1.5"}, "amount"),
    ("freezes/", {"amount": "1e18"}, "amount"),
    ("freezes/", {"amount": "٣"}, "amount"),
    ("freezes/", {"amount": 1000}, "amount"),
    ("freezes/", {"amount": True}, "amount"),
    ("freezes/", {"amount": str(UINT256_MAX + 1)}, "amount"),
    ("freezes/", {"amount": "9" * 100_000}, "amount"),
    ("freezes/", {"decimals": 78}, "decimals"),
    ("freezes/", {"asset": "eip155:1/slip44:60"}, "asset"),
    ("freezes/", {"asset": "RSX"}, "asset"),
    ("freezes/", {"symbol": "x" * 41}, "symbol"),
    ("freezes/", {"desk": "kelp"}, "desk"),
    ("statements/", {"title": "x" * 201}, "title"),
    ("statements/", {"text": ""}, "text"),
]


@pytest.fixture
def lead(cast: Cast) -> Any:
    return client_of(cast.people["lead"])


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("marking", [..., None, "", "AMBER", "TLP:WHITE"])
def test_marking_must_be_stated(cast: Cast, lead: Any, path: str, marking: Any) -> None:
    body = {**POSTS[path], "marking": marking}
    if marking is ...:
        del body["marking"]
    before = LedgerEntry.objects.count()
    answer = lead.post(room(cast.incident.slug, path), body)
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (400, "marking")
    if marking in (..., None):
        assert error["code"] == "marking_required"
        assert error["message"].startswith("The API must state a marking")
    assert LedgerEntry.objects.count() == before
    assert lead.post(room(cast.incident.slug, path), POSTS[path]).status_code == 201


@pytest.mark.parametrize(("path", "change", "field"), BAD, ids=lambda v: str(v)[:40])
def test_bad_input_names_its_field(
    cast: Cast, lead: Any, path: str, change: Body, field: str
) -> None:
    before = LedgerEntry.objects.count()
    answer = lead.post(room(cast.incident.slug, path), {**POSTS[path], **change})
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (400, field), error
    assert error["message"]
    assert LedgerEntry.objects.count() == before


def test_all_faults_are_told_at_once(cast: Cast, lead: Any) -> None:
    answer = lead.post(room(cast.incident.slug, "freezes/"), {"amount": "x", "marking": AMBER})
    faults = {fault["field"] for fault in answer.json()["error"]["fields"]}
    assert {"amount", "chain", "address", "asset", "symbol", "decimals"} <= faults


def test_largest_amount_goes_in_and_comes_out(cast: Cast, lead: Any) -> None:
    body = {**api.DRAFT, "amount": str(UINT256_MAX)}
    made = lead.post(room(cast.incident.slug, "freezes/"), body).json()
    assert made["targets"][0]["amounts"]["requested"] == str(UINT256_MAX)


def test_audience_narrows_to_whom_it_names(cast: Cast, lead: Any) -> None:
    colleague, analyst = person(cast.colleague), organization(cast.analyst)
    for marking, audience in (
        (RED, {"people": [str(colleague.public_id)]}),
        (AMBER, {"organizations": [analyst.slug]}),
    ):
        body = {"text": "narrow", "marking": marking, "audience": audience}
        assert lead.post(room(cast.incident.slug, "notes/"), body).status_code == 201

    def count(role: str) -> int:
        answer = client_of(cast.people[role]).get(room(cast.incident.slug, "timeline/"))
        return [entry["headline"] for entry in answer.json()["entries"]].count("narrow")

    counts = {role: count(role) for role in ("lead", "colleague", "analyst", "rival")}
    assert counts == {"lead": 2, "colleague": 2, "analyst": 1, "rival": 0}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"[1]", 400),
        (b'[["text", "x"], ["marking", "TLP:AMBER"]]', 400),
        (b'"text"', 400),
        (b"null", 400),
        (b"\xff\xfe", 400),
        (b'{"text": NaN, "marking": "TLP:AMBER"}', 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, 400),
        (b'{"text": "' + b"x" * MOST_BYTES + b'"}', 413),
    ],
    ids=lambda value: str(value)[:16],
)
def test_body_that_is_no_bounded_json_object_is_refused(
    cast: Cast, lead: Any, body: bytes, status: int
) -> None:
    address = room(cast.incident.slug, "notes/")
    answer = lead.generic("POST", address, body, "application/json")
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message", "field", "fields"}
    good = json.dumps(api.NOTE).encode()
    assert lead.generic("POST", address, good, "application/json").status_code == 201


def test_every_refusal_has_one_shape(cast: Cast, lead: Any) -> None:
    slug = cast.incident.slug
    refusals = {
        400: lead.post(room(slug, "notes/"), {}),
        401: client_of(None).get(room(slug)),
        403: client_of(cast.invited).get(room(slug)),
        404: client_of(cast.outsider).get(room(slug)),
        405: lead.delete(room(slug)),
        406: lead.get(room(slug), HTTP_ACCEPT="application/xml"),
        415: lead.generic("POST", room(slug, "notes/"), "a=1", "application/x-www-form-urlencoded"),
    }
    for status, answer in refusals.items():
        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"code", "message", "field", "fields"}, status
    assert refusals[403].json()["error"]["code"] == "consent_required"


def test_address_of_nothing_and_a_fault_of_ours_have_that_shape_too(
    cast: Cast, lead: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = lead.get("/api/v1/nothing/")
    hidden = client_of(cast.outsider).get(room(cast.incident.slug))
    assert (nothing.status_code, nothing.json()) == (404, hidden.json())
    lead.raise_request_exception = False

    def fail(*args: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("incidents.api.state.money", fail)
    fault = lead.get(room(cast.incident.slug, "state/"))
    assert (fault.status_code, fault.json()["error"]["code"]) == (500, "server_error")
    assert "secret" not in fault.content.decode()


def test_hostile_text_comes_back_as_it_is_in_json(cast: Cast, lead: Any) -> None:
    hostile = "<script>alert(1)</script> \u202egnp.exe {{ 7*7 }}"
    made = lead.post(room(cast.incident.slug, "notes/"), {"text": hostile, "marking": AMBER})
    assert made.json()["headline"] == hostile
    assert made["Content-Type"] == "application/json"
    assert made["X-Content-Type-Options"] == "nosniff"


def test_chain_is_stored_canonically(cast: Cast, lead: Any) -> None:
    made = lead.post(room(cast.incident.slug, "addresses/"), api.RECORD).json()
    assert (made["account"], made["address"]) == (
        f"{CHAIN}:{factories.ADDRESS}",
        factories.SHOWN_ADDRESS,
    )
    for written in (made["account"], f"{CHAIN}:{factories.SHOWN_ADDRESS}"):
        again = lead.get(room(cast.incident.slug, f"addresses/{written}/"))
        assert again.json() == made
    assert lead.get(room(cast.incident.slug, "addresses/nonsense/")).status_code == 404
