"""The fields of a packet: what each takes, in what form it is kept, and what it refuses."""

import pytest

from incidents.exceptions import BadInput
from incidents.packets import fields
from incidents.packets.kinds import Group, Kind, items


def test_names_are_unique_and_every_group_has_its_fields() -> None:
    assert len(fields.FIELDS) == len(fields._FIELDS)
    assert {field.group for field in fields.FIELDS.values()} == set(Group) == set(fields.TITLES)


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("requester_name", "  Ada \u202e Lovelace\n", "Ada Lovelace"),
        ("requester_phone", "+41446681800", "+41446681800"),
        ("incident_at", "2026-04-18T19:35+02:00", "2026-04-18T17:35:00Z"),
        ("verified_on", "2026-04-18", "2026-04-18"),
        ("loss_usd", "292000000.50", "292000000.50"),
        ("ask_action", "hold", "hold"),
        ("public_links", "https://a.example/x\r\nhttps://b.example", "https://a.example/x\nhttps://b.example"),
        ("evidence_items", f"Log | The theft|{'a' * 64}", f"Log | The theft | {'a' * 64}"),
        ("legal_basis", "\x00=1+1\n#read(\"/etc/passwd\")", '=1+1\n#read("/etc/passwd")'),
    ],
)  # fmt: skip
def test_value_is_kept_in_one_form(name: str, typed: str, kept: str) -> None:
    assert fields.check({name: typed}) == {name: kept}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("requester_email", "two@a.example, b@b.example"),
        ("requester_phone", "044 668 18 00"),
        ("incident_at", "yesterday"),
        ("verified_on", "2026-02-30"),
        ("loss_usd", "-1"),
        ("ask_action", "burn"),
        ("ask_no_notice", "no"),
        ("public_links", "javascript:alert(1)"),
        ("evidence_items", "only one cell"),
        ("evidence_items", f"a | b | {'g' * 64}"),
        ("requester_name", "x" * 201),
        ("requester_name", 7),
        ("target_address", "0x00"),
        ("no_such_field", "x"),
    ],
)
def test_refusal_names_the_field(name: str, typed: object) -> None:
    with pytest.raises(BadInput) as refused:
        fields.check({name: typed})
    assert refused.value.field == name


def test_nothing_is_kept_of_nothing() -> None:
    assert fields.check(dict.fromkeys((f.name for f in fields.FIELDS.values()), "")) == {}


def test_evidence_reads_back() -> None:
    text = fields.check({"evidence_items": f"Log | It | {'b' * 64}\nMail | Him"})["evidence_items"]
    assert items(text) == [
        {"what": "Log", "proves": "It", "sha256": "b" * 64},
        {"what": "Mail", "proves": "Him"},
    ]


def test_what_is_typed_is_apart_from_what_follows_from_targets() -> None:
    assert not fields.of_group(Group.TARGET)
    assert all(f.kind is not Kind.DERIVED for f in fields.of_group(Group.REQUESTER))
