"""Every way through proposals, approvals, vouching, proofs, leaving and removal, played at random.

Kelp is the adversary: whoever came in by words of Kelp and its guests alone is Kelp's. However they
go about it, no two of them ever stand for two parties, and they put nobody honest out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from incidents import access, ports
from incidents.access import Actor
from incidents.choices import AdmissionRule, Capacity, Consent
from incidents.exceptions import HoldfastError
from incidents.models import Invitation, Participation, Person, Removal
from incidents.ports import Controlled
from incidents.services import admissions, control, incidents, joining, rules, seats
from incidents.services.admissions import Proposed
from tests import factories
from tests.cast import accept

PICK = st.integers(0, 30)
COMES_AS = st.sampled_from([Capacity.AFFECTED, Capacity.COORDINATOR, Capacity.EXCHANGE])


class SaysYes:
    """A contract of the adversary's own: it accepts every signature."""

    def check(self, chain: str, address: str, message: str, signature: str) -> Controlled:
        return Controlled("eip1271", 1, "0x" + "11" * 32)


DONE: Counter[str] = Counter()  # what was not refused, over all examples


class Admissions(RuleBasedStateMachine):
    """One room. ``kelps``: organizations that came by the adversary's words alone."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        kelp = factories.organization("Kelp")
        self.people: list[Person] = [factories.person(kelp, name) for name in ("a", "b")]
        self.incident = incidents.open_incident("T", person=self.people[0], organization=kelp)
        self.kelps, self.names = {kelp.pk}, 0
        self.honest: set[int] = set()
        self.propose(Capacity.AFFECTED, 0)
        self.approve_and_join(1, 0)  # every room begins with a guest of Kelp's

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    # -- who acts ----------------------------------------------------------------------------

    def actors(self) -> list[Actor]:
        found = []
        for who in self.people:
            for seat in access.participations_of(who).filter(incident=self.incident):
                found.append(access.actor_of(seat, who))
        return found

    def actor(self, pick: int) -> Actor | None:
        found = self.actors()
        return found[pick % len(found)] if found else None

    def seats(self) -> list[Participation]:
        rows = Participation.objects.filter(incident=self.incident).order_by("pk")
        return list(rows.select_related("incident", "organization", "sponsor"))

    def tried(self, act: Callable[[], object]) -> bool:
        try:
            with transaction.atomic():
                act()
        except HoldfastError:
            return False
        return True

    # -- what they do ------------------------------------------------------------------------

    @rule(capacity=COMES_AS, pick=PICK)
    def propose(self, capacity: Capacity, pick: int) -> None:
        actor = self.actor(pick)
        self.names += 1
        wanted = Proposed(
            capacity, organization_name=f"Guest {self.names}", email=f"g{self.names}@x.example"
        )
        if actor:
            self.tried(lambda: admissions.propose(self.incident, wanted, actor=actor))

    @rule(pick=PICK, which=PICK)
    def approve_and_join(self, pick: int, which: int) -> None:
        actor = self.actor(pick)
        rows = Invitation.objects.filter(incident=self.incident, approved_at=None)
        waiting = list(rows.order_by("pk"))
        if actor is None or not waiting:
            return
        row = waiting[which % len(waiting)]
        if self.tried(lambda: admissions.approve(row, actor=actor)):
            row.refresh_from_db()
            who, seat = joining.join(row, name=f"p{row.pk}")
            second = factories.person(seat.organization, f"q{row.pk}")
            self.people += [who, second]
            words = {row.inviting_id, row.approving_id}
            (self.kelps if words <= self.kelps else self.honest).add(seat.organization_id)
            DONE[f"joined by {row.rule}"] += 1
            accept(seat, who)

    @rule(which=PICK)
    def join_unapproved(self, which: int) -> None:
        waiting = list(
            Invitation.objects.filter(incident=self.incident, approved_at=None).order_by("pk")
        )
        if waiting:
            row = waiting[which % len(waiting)]
            assert not self.tried(lambda: joining.join(row, name="x"))

    @rule()
    def somebody_honest_arrives(self) -> None:
        if self.honest:
            return
        rival = factories.organization("Rival")
        seat = seats.seat_organization(self.incident, rival, Capacity.AFFECTED, actor=access.SYSTEM)
        who = factories.person(rival, "r")
        self.people.append(who)
        self.honest.add(rival.pk)
        accept(seat, who)

    @rule(pick=PICK, which=PICK)
    def vouch(self, pick: int, which: int) -> None:
        actor, found = self.actor(pick), self.seats()
        seat = found[which % len(found)]
        if actor and self.tried(lambda: seats.vouch(seat, actor=actor)):
            assert actor.organization
            # Who is honest looked; Kelp's own word is worth nothing for Kelp's own.
            assert actor.organization.pk in self.honest or seat.organization_id in self.honest
            DONE["vouched"] += 1
            self.kelps.discard(seat.organization_id)
            self.honest.add(seat.organization_id)

    @rule(pick=PICK)
    def prove_control_of_a_fresh_contract(self, pick: int) -> None:
        actor = self.actor(pick)
        if actor is None:
            return

        def proved() -> None:
            row = control.ask(self.incident, "eip155:1", factories.address(9), actor=actor)
            found = SaysYes().check(row.chain, row.address, row.message, "0x")
            control._keep(row, "0x", found, actor)

        DONE["proved"] += self.tried(proved)

    @rule(pick=PICK)
    def leave(self, pick: int) -> None:
        actor = self.actor(pick)
        if actor and actor.participation and actor.person:
            seat, who = actor.participation, actor.person
            self.tried(lambda: seats.leave(seat, person=who, actor=actor))

    @rule(pick=PICK, which=PICK, second=PICK)
    def remove(self, pick: int, which: int, second: int) -> None:
        actor, other, found = self.actor(pick), self.actor(second), self.seats()
        seat = found[which % len(found)]
        was_there = seat.has_consented(self.incident.terms_version)
        if actor and other and self.tried(lambda: seats.ask_removal(seat, "Why not.", actor=actor)):
            row = Removal.objects.get(participation=seat, decided_at=None)
            if self.tried(lambda: seats.approve_removal(row, actor=other)):
                row.refresh_from_db()
                DONE["removed"] += 1
                assert row.asked_by != row.decided_by
                is_kelps = {row.asked_for_id, row.decided_for_id} <= self.kelps
                is_honest = seat.organization_id in self.honest
                is_affected = seat.capacity == Capacity.AFFECTED
                assert not (is_kelps and is_honest and is_affected and was_there)

    # -- what holds --------------------------------------------------------------------------

    @invariant()
    def kelps_are_one(self) -> None:
        there = [seat.organization_id for seat in self.seats() if seat.removed_at is None]
        mine = [pk for pk in there if pk in self.kelps]
        for place, one in enumerate(mine):
            for other in mine[place + 1 :]:
                assert not rules.independent(self.incident, one, other)

    @invariant()
    def every_seat_has_its_two_words(self) -> None:
        for seat in self.seats():
            if seat.admitted_by in (AdmissionRule.SYSTEM, AdmissionRule.OPENED):
                continue
            rows = Invitation.objects.filter(
                incident=self.incident, organization_name=seat.organization.name
            )
            row = rows.exclude(accepted_at=None).get()
            assert row.approved_by not in (None, row.invited_by)
            assert row.rule == seat.admitted_by
            assert seat.consent == Consent.SIGNED


@pytest.mark.django_db
def test_one_party_alone_never_becomes_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports._ports, "control", SaysYes())
    run_state_machine_as_test(
        Admissions,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
    assert DONE["joined by one_party"]


@pytest.mark.django_db
def test_the_machine_can_do_what_it_plays() -> None:
    """Each act once, with people who may: else nothing would be shown by nothing happening."""
    DONE.clear()
    room = Admissions()
    room.somebody_honest_arrives()
    room.propose(Capacity.AFFECTED, 0)
    room.approve_and_join(4, 0)
    room.vouch(4, 1)
    room.prove_control_of_a_fresh_contract(2)
    room.remove(0, 1, 4)
    room.kelps_are_one()
    room.every_seat_has_its_two_words()
    kinds = ("joined by one_party", "joined by two_parties", "vouched", "proved", "removed")
    assert dict(DONE) == dict.fromkeys(kinds, 1)
    room.teardown()
