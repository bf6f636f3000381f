"""What somebody may do has changed: every room concerned hears of it, and no other."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from incidents import queue
from incidents.models import Incident, Membership, Participation
from incidents.services import incidents, parties, revocation
from tests import factories
from tests.cast import Cast, organization, person


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pointers that went out."""
    found: list[int] = []
    monkeypatch.setattr(queue, "publish", found.append)
    return found


@pytest.fixture
def elsewhere(cast: Cast) -> Incident:
    """Another room of the lead's organization."""
    return incidents.open_incident(
        "Another theft", person=person(cast.lead), organization=organization(cast.lead)
    )


@pytest.fixture
def strange(cast: Cast) -> Incident:
    """A room that nobody of the cast's room sits in."""
    own = factories.organization("Strangers")
    return incidents.open_incident(
        "Not theirs", person=factories.person(own, "stranger"), organization=own
    )


def epochs(*rooms: Incident) -> list[int]:
    return [Incident.objects.get(pk=room.pk).epoch for room in rooms]


class TestReaches:
    def reach(
        self, django_capture_on_commit_callbacks: Callable[..., object], **whom: object
    ) -> int:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            return revocation.reaches(**whom)  # type: ignore[arg-type]

    @pytest.mark.parametrize("by", ["person", "organization"])
    def test_every_room_of_a_person_or_an_organization_and_no_other(
        self,
        cast: Cast,
        elsewhere: Incident,
        strange: Incident,
        told: list[int],
        django_capture_on_commit_callbacks: Callable[..., object],
        by: str,
    ) -> None:
        before = epochs(cast.incident, elsewhere, strange)
        whom = person(cast.lead) if by == "person" else organization(cast.lead)
        assert self.reach(django_capture_on_commit_callbacks, **{by: whom}) == 2
        assert epochs(cast.incident, elsewhere, strange) == [
            before[0] + 1,
            before[1] + 1,
            before[2],
        ]
        assert told == [cast.incident.pk, elsewhere.pk]

    def test_rooms_that_somebody_has_just_lost_are_reached(
        self,
        cast: Cast,
        told: list[int],
        django_capture_on_commit_callbacks: Callable[..., object],
    ) -> None:
        now = timezone.now()
        Membership.objects.filter(person=person(cast.rival)).update(ended_at=now)
        Participation.objects.filter(organization=organization(cast.rival)).update(removed_at=now)
        reach = django_capture_on_commit_callbacks
        assert self.reach(reach, person=person(cast.rival)) == 1
        assert self.reach(reach, organization=organization(cast.rival)) == 1
        assert told == [cast.incident.pk] * 2

    def test_nobody_is_told_before_the_change_has_committed(
        self,
        cast: Cast,
        told: list[int],
        django_capture_on_commit_callbacks: Callable[..., object],
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            revocation.reaches(incidents=[cast.incident])
            assert told == []
        assert told == [cast.incident.pk]

    def test_a_person_without_rooms_reaches_none(self, cast: Cast, told: list[int]) -> None:
        assert revocation.reaches(person=cast.outsider) == 0
        assert told == []


def test_bumping_a_room_also_tells_the_web_processes(
    cast: Cast,
    told: list[int],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    before = epochs(cast.incident)[0]
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        parties.bump_epoch(cast.incident)
    assert epochs(cast.incident) == [before + 1]
    assert told == [cast.incident.pk]
