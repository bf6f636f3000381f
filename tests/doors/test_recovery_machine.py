"""Whatever people do in whatever order: no way to new passkeys under 24 hours, by one person, or
past a stop."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from incidents.access import Proof
from incidents.exceptions import HoldfastError
from incidents.models import Organization, Person, Recovery
from incidents.services import coded_links, recoveries
from tests import factories

PEOPLE = st.integers(0, 3)  # number 0 lost everything
PROOFS = st.sampled_from([Proof.FRESH, Proof.FRESH, Proof.SESSION, Proof.TOKEN])


class Machine(RuleBasedStateMachine):
    """One organization of four, a clock, and a book of who really said what and when."""

    organization: Organization
    people: list[Person]

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.asked: tuple[int, datetime] | None = None
        self.agreed: tuple[int, datetime] | None = None
        self.handed_over = 0
        Recovery.objects.all().delete()

    def _try(self, act: str, who: int, proof: Proof) -> object | None:
        row = Recovery.objects.filter(stopped_at=None, used_at=None).first()
        with patch("django.utils.timezone.now", lambda: self.now):
            try:
                with transaction.atomic():
                    if act == "ask":
                        return recoveries.ask(
                            self.organization, self.people[0], by=self.people[who], proof=proof
                        )
                    if row is None:
                        return None
                    return getattr(recoveries, act)(row, by=self.people[who], proof=proof)
            except HoldfastError:
                return None

    @rule(hours=st.sampled_from([24, 23.99, 12, 24.01, 0.1]))
    def wait(self, hours: float) -> None:
        self.now += timedelta(hours=hours)

    @rule(who=PEOPLE, proof=PROOFS)
    def ask(self, who: int, proof: Proof) -> None:
        if self._try("ask", who, proof):
            assert who != 0
            assert proof is Proof.FRESH
            self.asked, self.agreed = (who, self.now), None

    @rule(who=PEOPLE, proof=PROOFS)
    def approve(self, who: int, proof: Proof) -> None:
        if self._try("approve", who, proof):
            assert self.asked
            assert who not in (0, self.asked[0])
            assert proof is Proof.FRESH
            self.agreed = (who, self.now)

    @rule(first=PEOPLE, second=PEOPLE)
    def agree(self, first: int, second: int) -> None:
        """As it is meant to go, so that the end is reached often enough."""
        self.ask(first, Proof.FRESH)
        self.approve(second, Proof.FRESH)

    @rule(who=PEOPLE, proof=PROOFS)
    def issue(self, who: int, proof: Proof) -> None:
        coded = self._try("issue", who, proof)
        if coded is not None:
            assert isinstance(coded, coded_links.Coded)
            assert self.asked
            assert self.agreed
            assert len({0, self.asked[0], self.agreed[0]}) == 3
            assert who in (self.asked[0], self.agreed[0])
            assert self.now - self.agreed[1] >= timedelta(hours=24)
            assert proof is Proof.FRESH
            self.handed_over += 1

    @rule(hours=st.sampled_from([24, 23.99]))
    def hand_over(self, hours: float) -> None:
        """Whoever may, tries after so long."""
        self.wait(hours)
        for who in range(4):
            self.issue(who, Proof.FRESH)

    @rule(who=PEOPLE, chance=st.integers(0, 9))
    def stop(self, who: int, chance: int) -> None:
        if chance == 0 and self._try("stop", who, Proof.SESSION):
            self.asked = self.agreed = None

    @invariant()
    def who_was_stopped_is_not_let_in(self) -> None:
        for row in Recovery.objects.exclude(stopped_at=None):
            assert not row.enrolments.filter(used_at=None, expires_at__gt=self.now).exists()
        for row in Recovery.objects.exclude(issued_at=None):
            assert row.approved_at
            assert row.issued_at
            assert row.issued_at - row.approved_at >= timedelta(hours=24)
            assert len({row.person_id, row.asked_by_id, row.approved_by_id}) == 3


@pytest.mark.django_db
def test_no_path_is_shorter_than_24_hours_or_passes_one_person() -> None:
    handed_over = 0
    row = factories.organization("Layer")
    people = [factories.person(row, name) for name in ("nia", "ada", "bo", "dan")]
    Authenticator.objects.create(user=people[0], type=Authenticator.Type.WEBAUTHN, data={})

    class Ours(Machine):
        organization = row

        def teardown(self) -> None:
            nonlocal handed_over
            handed_over += self.handed_over
            coded_links.Enrolment.objects.all().delete()

    Ours.people = people
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Ours,
        settings=settings(
            max_examples=30,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert handed_over > 0, "the machine must reach the end now and then"
