"""What is known of desks: facts with source and date, own versions, and no others' eyes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incidents.access import Proof
from incidents.desks.facts import FACTS, Profile, checked, starter
from incidents.exceptions import BadInput, NotFound, NotYours, StepUpRequired
from incidents.models import Person
from incidents.services import desk_profiles
from tests.cast import Cast, organization, person

SENT = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday


def fact(value: Any) -> dict[str, Any]:
    return {"value": value, "source": "Our call with the desk", "dated": "2026-11-20"}


@pytest.mark.parametrize("slug", sorted(starter()))
def test_every_shipped_fact_has_a_source_and_reads_as_it_is_written(slug: str) -> None:
    profile = starter()[slug]
    assert profile.required_fields or profile.channels
    for fact, known, shown in profile.shown:
        assert known.source
        assert shown
        assert known.dated <= "2026-11-22"
        assert fact.kind.read(fact.kind.write(known.value)) == known.value


def test_the_starter_set_holds_what_was_asked_for() -> None:
    wanted = "binance okx coinbase kraken kucoin mexc bitget tether circle paxos crypto-bot"
    assert set(wanted.split()) <= set(starter())


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("law_enforcement_only", "Yes", True),
        ("hold_days", "7", 7),
        ("answer", "3 business days", {"days": 3, "business": True}),
        ("answer", "14", {"days": 14, "business": False}),
        ("reminders_hours", "6, 72,24", [72, 24, 6]),
        ("formats", "csv, pdf", ["csv", "pdf"]),
        ("languages", "en, zh-Hans", ["en", "zh-Hans"]),
        ("subject", "URGENT", "URGENT"),
        (
            "channels",
            "portal | Kodex | law_enforcement\nmail | desk@x.example",
            [
                {"channel": "portal", "to": "Kodex", "for": "law_enforcement", "note": ""},
                {"channel": "mail", "to": "desk@x.example", "for": "anyone", "note": ""},
            ],
        ),
    ],
)
def test_what_people_type_is_read(name: str, text: str, value: Any) -> None:
    assert FACTS[name].kind.read(text) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nonsense", 1),
        ("law_enforcement_only", "perhaps"),
        ("hold_days", 0),
        ("hold_days", True),
        ("answer", {"days": 3}),
        ("formats", ["docx"]),
        ("languages", ["English, please"]),
        ("required_fields", ["DROP TABLE"]),
        ("required_fields", []),
        ("channels", [{"channel": "pigeon"}]),
        ("channels", [{"channel": "mail", "for": "friends"}]),
        ("subject", "x" * 501),
    ],
)
def test_what_a_fact_does_not_take_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(BadInput) as refused:
        checked({name: fact(value)})
    assert refused.value.field == name


@pytest.mark.parametrize("left_out", ["source", "dated"])
def test_a_fact_without_source_or_date_is_none(left_out: str) -> None:
    given = fact(7)
    del given[left_out]
    with pytest.raises(BadInput):
        checked({"hold_days": given})


@pytest.mark.parametrize(
    ("answer", "days"),
    [(None, 2), ({"days": 3, "business": False}, 3), ({"days": 3, "business": True}, 5)],
)
def test_until_when_a_desk_answers(answer: Any, days: int) -> None:
    facts = checked({"answer": fact(answer)}) if answer else {}
    until = Profile("x", "X", facts).answer_by(SENT, otherwise=timedelta(days=2))
    assert until == SENT + timedelta(days=days)


@pytest.mark.django_db
class TestOwnVersion:
    def keep(self, cast: Cast, **facts: Any) -> Profile:
        return desk_profiles.keep(
            organization(cast.lead),
            "mexc",
            "MEXC",
            {name: fact(value) for name, value in facts.items()},
            by=person(cast.lead),
            proof=Proof.FRESH,
        )

    def test_it_goes_before_the_starter_set_for_its_organization_alone(self, cast: Cast) -> None:
        self.keep(cast, hold_days=5)
        own = desk_profiles.of("mexc", organization(cast.lead))
        assert (own.get("hold_days"), own.origin) == (5, "own")
        for other in (organization(cast.rival), None):
            known = desk_profiles.of("mexc", other)
            assert (known.get("hold_days"), known.origin) == (30, "starter")

    def test_it_tells_what_it_changes_and_can_be_taken_away(self, cast: Cast) -> None:
        ours = organization(cast.lead)
        own = self.keep(cast, hold_days=5, languages=["en", "zh"])
        changes = {one.fact.name: one for one in desk_profiles.differences(ours, own)}
        assert (changes["hold_days"].own_text, changes["hold_days"].other_text) == ("5", "30")
        assert changes["answer"].own is None
        desk_profiles.drop(ours, "mexc", by=person(cast.lead), proof=Proof.FRESH)
        assert desk_profiles.of("mexc", ours).origin == "starter"
        with pytest.raises(NotFound):
            desk_profiles.drop(ours, "mexc", by=person(cast.lead), proof=Proof.FRESH)

    def test_administrators_change_it_with_their_passkey(self, cast: Cast) -> None:
        def keep(by: Person, proof: Proof) -> None:
            ours = organization(cast.lead)
            desk_profiles.keep(ours, "mexc", "MEXC", {}, by=by, proof=proof)

        with pytest.raises(NotYours):
            keep(person(cast.colleague), Proof.FRESH)
        with pytest.raises(NotFound):
            keep(person(cast.rival), Proof.FRESH)
        with pytest.raises(StepUpRequired):
            keep(person(cast.lead), Proof.SESSION)
        keep(person(cast.lead), Proof.FRESH)

    def test_what_the_operator_loads_goes_between(self, cast: Cast) -> None:
        rows = [{"slug": "mexc", "name": "MEXC", "facts": {"hold_days": fact(20)}}]
        assert [desk_profiles.load(rows), desk_profiles.load(rows)] == [1, 0]
        assert desk_profiles.of("mexc", organization(cast.lead)).get("hold_days") == 20
        self.keep(cast, hold_days=5)
        assert desk_profiles.of("mexc", organization(cast.lead)).get("hold_days") == 5
        with pytest.raises(BadInput):
            desk_profiles.load([{"slug": "x", "facts": {}}])

    def test_exercises_are_listed_in_a_drill_alone(self, cast: Cast, settings: Any) -> None:
        for drill in (False, True):
            settings.DRILL = drill
            slugs = {one.slug for one in desk_profiles.listed(organization(cast.lead))}
            assert ("exchange-alder" in slugs) is drill
            assert "binance" in slugs
