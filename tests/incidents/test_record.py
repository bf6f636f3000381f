"""Recording: one transaction, one entry, one order; texts of people apart."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from incidents import events
from incidents.access import SYSTEM
from incidents.exceptions import AudienceRequired, MarkingRequired
from incidents.models import FreezeTarget, Incident, LedgerEntry, PersonalContent, TimelineEntry
from incidents.serialized import entry_json
from incidents.services import (
    addresses,
    ledger,
    notes,
    statements,
    target_evidence,
    timeline,
)
from incidents.services.timeline import Audience
from tests import factories
from tests.cast import Cast, make_cast, person
from tests.factories import AMBER, RED

EVENT = events.AddressRecorded(chain=factories.CHAIN, address=factories.ADDRESS, role="other")


def faults(incident: Incident) -> list[tuple[int, str]]:
    return [(fault.seq, fault.reason) for fault in ledger.verify(incident)]


@pytest.mark.django_db
class TestRecord:
    def test_repeat_with_a_key_returns_the_entry_that_is_there(self, cast: Cast) -> None:
        def record(key: str | None) -> TimelineEntry:
            return timeline.record(cast.incident, EVENT, actor=SYSTEM, marking=AMBER, key=key)

        first = record("finding:1")
        assert record("finding:1") == first
        assert record("finding:2").seq == first.seq + 1
        assert record(None).seq == record(None).seq - 1
        assert faults(cast.incident) == []

    def test_entry_and_line_carry_the_same(self, cast: Cast) -> None:
        narrow = Audience(people=[person(cast.rival).pk])
        line = timeline.record(
            cast.incident, EVENT, actor=cast.lead, marking=RED, audience=narrow, owner=None
        )
        entry = line.entry
        shared = ("public_id", "seq", "kind", "marking", "owner", "author", "audience_people")
        for name in (*shared, "incident", "audience_organizations"):
            assert getattr(line, name) == getattr(entry, name), name
        assert entry.actor == str(person(cast.lead).public_id)
        assert entry.content == {**EVENT.content()}
        assert timeline.event_of(line) == EVENT

    def test_line_says_whose_word_it_is(self, cast: Cast) -> None:
        about = {"request": "r", "reference": "HF-1", "desk": "Night Exchange"}
        at = {"chain": factories.CHAIN, "address": factories.ADDRESS, "asset": factories.TOKEN}
        target = {**about, **at, "target": "t", "symbol": "RSX", "decimals": 0, "amount": "1"}
        said = {
            "desk": events.FreezeAnswered(**target, outcome="held"),
            "installation": events.HoldLapsed(**target, held_until="2026-04-18T17:35:00"),
            "trace": events.FreezeDrafted(**about, by_trace=True),
        }
        for by, event in said.items():
            for actor, expected in ((SYSTEM, by), (cast.lead, "party")):
                line = timeline.record(cast.incident, event, actor=actor, marking=AMBER)
                assert entry_json(line)["by"] == expected

    @pytest.mark.parametrize("marking", [None, "", "AMBER", "tlp:amber", "TLP:WHITE"])
    def test_marking_must_be_stated(self, cast: Cast, marking: str | None) -> None:
        before = LedgerEntry.objects.count()
        with pytest.raises(MarkingRequired) as refused:
            timeline.record(cast.incident, EVENT, actor=SYSTEM, marking=marking)  # type: ignore[arg-type]
        assert refused.value.field == "marking"
        assert LedgerEntry.objects.count() == before

    def test_red_needs_people(self, cast: Cast) -> None:
        for audience in (timeline.EVERYONE, Audience(people=[]), Audience(organizations=[1])):
            with pytest.raises(AudienceRequired):
                notes.post(cast.incident, "x", actor=cast.lead, marking=RED, audience=audience)
        named = Audience(people=[person(cast.rival).pk])
        assert notes.post(cast.incident, "x", actor=cast.lead, marking=RED, audience=named)

    def test_withdrawal_is_a_new_entry_that_the_old_one_points_at(self, cast: Cast) -> None:
        old = timeline.record(cast.incident, EVENT, actor=SYSTEM, marking=AMBER, key="arrival:1")
        withdrawal = events.NotePosted(text="The block is gone.")
        line = timeline.withdraw(cast.incident, "arrival:1", withdrawal, actor=SYSTEM)
        again = timeline.withdraw(cast.incident, "arrival:1", withdrawal, actor=SYSTEM)
        old.refresh_from_db()
        assert line is not None
        assert old.withdrawn_by == line == again
        assert timeline.withdraw(cast.incident, "arrival:2", withdrawal, actor=SYSTEM) is None
        assert faults(cast.incident) == []


@pytest.mark.django_db
class TestPersonalContent:
    def test_text_is_apart_and_can_be_erased(self, cast: Cast) -> None:
        secret = "Alice saw Bob at 5 pm"
        line = notes.post(cast.incident, secret, actor=cast.lead, marking=AMBER)
        kept = PersonalContent.objects.get(entry=line.entry)
        assert kept.value == secret
        assert secret not in str(line.entry.content)
        PersonalContent.objects.filter(pk=kept.pk).update(value=None)
        assert faults(cast.incident) == []
        line = TimelineEntry.objects.get(pk=line.pk)
        assert timeline.event_of(line).headline() == "(erased)"

    def test_equal_texts_have_different_commitments(self, cast: Cast) -> None:
        lines = [notes.post(cast.incident, "yes", actor=cast.lead, marking=AMBER) for _ in "ab"]
        commitments = {line.entry.content["personal"]["text"] for line in lines}
        assert len(commitments) == 2

    def test_altered_text_is_found(self, cast: Cast) -> None:
        line = notes.post(cast.incident, "we agreed", actor=cast.lead, marking=AMBER)
        rows = PersonalContent.objects.filter(entry=line.entry)
        rows.update(value="we did not agree")
        assert faults(cast.incident) == [
            (line.seq, "the text “text” does not fit its commitment"),
        ]


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    def test_entry_rolls_back_with_its_transaction_and_sends_nothing(
        self, sent: list[tuple[str, tuple[int, ...]]]
    ) -> None:
        cast = make_cast()
        sent.clear()
        before = Incident.objects.get(pk=cast.incident.pk)
        with transaction.atomic():
            notes.post(cast.incident, "never", actor=cast.lead, marking=AMBER)
            transaction.set_rollback(True)
        after = Incident.objects.get(pk=cast.incident.pk)
        assert (after.next_seq, bytes(after.head)) == (before.next_seq, bytes(before.head))
        assert sent == []
        line = notes.post(cast.incident, "kept", actor=cast.lead, marking=AMBER)
        assert sent == [("incidents.fan_out", (line.pk,))]
        assert line.seq == before.next_seq

    def test_concurrent_writers_are_strictly_sequenced(self) -> None:
        cast = make_cast()
        first = cast.incident.next_seq

        def write(number: int) -> None:
            key = f"shared:{number % 5}" if number % 2 else None
            timeline.record(cast.incident, EVENT, actor=SYSTEM, marking=AMBER, key=key)

        in_threads(write, count=20)
        lines = TimelineEntry.objects.filter(incident=cast.incident, seq__gte=first)
        # Ten without a key, and of the ten with one of five keys, one each.
        assert [line.seq for line in lines.order_by("seq")] == list(range(first, first + 15))
        assert faults(cast.incident) == []


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int, ...]]]:
    """Messages that reached the broker's client."""
    from celery import current_app

    messages: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args: messages.append((name, tuple(args)))
    )
    return messages


def in_threads(work: Callable[[int], object], count: int) -> None:
    """Run ``work`` at once in ``count`` threads, each with its own connection."""
    gate, failures = threading.Barrier(count), []

    def run(number: int) -> None:
        try:
            gate.wait(timeout=10)
            work(number)
        except Exception as error:  # noqa: BLE001 - told to the test below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failures == []


@pytest.mark.django_db(transaction=True)
def test_writers_of_different_things_never_wait_in_a_circle() -> None:
    cast = make_cast()
    desk = cast.exchange.organization

    def write(number: int) -> None:
        at = factories.address(100 + number)
        if number % 3 == 0:
            addresses.record(cast.incident, factories.CHAIN, at, actor=SYSTEM, marking=AMBER)
        elif number % 3 == 1:
            key = f"arrival:{number}"
            factories.target(cast.incident, SYSTEM, desk=desk, evidence_key=key)
            target_evidence.withdraw_evidence(cast.incident, key, "gone", actor=SYSTEM)
        else:
            row = statements.draft(cast.incident, "T", "x", actor=cast.lead, marking=AMBER)
            statements.sign_off(row, "signed", actor=cast.rival, digest_read=row.digest)

    in_threads(write, count=18)
    assert faults(cast.incident) == []
    assert FreezeTarget.objects.get().requested == 0
