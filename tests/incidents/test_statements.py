"""Joint statements: an exact text, signed by digest, published when all affected signed it."""

import pytest

from incidents import access
from incidents.choices import Capacity, Marking, Position, StatementState
from incidents.exceptions import BadInput, NotYours, TextChanged, WrongState
from incidents.models import Participation, SignOff, Statement, TimelineEntry
from incidents.services import ledger, statements
from incidents.services.timeline import Audience
from tests.api import client_of, room
from tests.cast import Cast, organization, person
from tests.factories import AMBER

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast: Cast) -> Statement:
    return statements.draft(
        cast.incident, "What happened", "At 17:35 UTC ...", actor=cast.lead, marking=AMBER
    )


def sign(row: Statement, *actors: access.Actor, position: str = Position.SIGNED) -> None:
    for actor in actors:
        statements.sign_off(row, position, actor=actor, digest_read=row.digest)


class TestSigning:
    def test_edit_voids_every_sign_off(self, cast: Cast, draft: Statement) -> None:
        sign(draft, cast.lead, cast.rival)
        edited = statements.edit(
            draft, draft.title, "At 17:36 UTC ...", actor=cast.rival, digest_read=draft.digest
        )
        assert (edited.revision, edited.digest != draft.digest) == (2, True)
        assert not edited.sign_offs.filter(digest=edited.digest).exists()
        with pytest.raises(WrongState, match="Not signed by Kelp, Layer Zero"):
            statements.publish(edited, actor=cast.lead, digest_read=edited.digest)
        with pytest.raises(TextChanged):
            sign(draft, cast.lead)
        sign(edited, cast.lead, cast.rival)
        assert statements.publish(edited, actor=cast.lead, digest_read=edited.digest)

    def test_word_on_one_text_can_change_until_it_is_published(
        self, cast: Cast, draft: Statement
    ) -> None:
        sign(draft, cast.rival, position=Position.DISSENTS)
        sign(draft, cast.rival)
        assert [w.position for w in SignOff.objects.all()] == [Position.SIGNED]
        sign(draft, cast.lead)
        statements.publish(draft, actor=cast.lead, digest_read=draft.digest)
        for position in Position.values:
            with pytest.raises(WrongState):
                sign(draft, cast.rival, position=position)
        assert {w.position for w in SignOff.objects.all()} == {Position.SIGNED}

    def test_nonsense_and_strangers_are_refused(self, cast: Cast, draft: Statement) -> None:
        with pytest.raises(BadInput) as refused:
            sign(draft, cast.lead, position="maybe")
        assert refused.value.field == "position"
        for role in ("analyst", "exchange", "law", "white_hat"):
            with pytest.raises(NotYours):
                sign(draft, cast.actors[role])
        sign(draft, cast.coordinator)

    @pytest.mark.parametrize(
        ("title", "text", "field"),
        [("", "x", "title"), ("x" * 201, "x", "title"), ("x", " ", "text")],
    )
    def test_title_and_text_are_needed(self, cast: Cast, title: str, text: str, field: str) -> None:
        with pytest.raises(BadInput) as refused:
            statements.draft(cast.incident, title, text, actor=cast.lead, marking=AMBER)
        assert refused.value.field == field

    def test_two_editors_do_not_overwrite_each_other(self, cast: Cast, draft: Statement) -> None:
        statements.edit(draft, "A", "a", actor=cast.lead, digest_read=draft.digest)
        with pytest.raises(TextChanged):
            statements.edit(draft, "B", "b", actor=cast.rival, digest_read=draft.digest)


class TestPublishing:
    @pytest.mark.parametrize("position", [None, Position.DISSENTS, Position.NO_COMMENT])
    def test_every_affected_party_must_have_signed(
        self, cast: Cast, draft: Statement, position: str | None
    ) -> None:
        sign(draft, cast.lead, cast.coordinator)
        if position:
            sign(draft, cast.rival, position=position)
        with pytest.raises(WrongState, match="Not signed by Layer Zero:"):
            statements.publish(draft, actor=cast.lead, digest_read=draft.digest)
        sign(draft, cast.rival)
        row = statements.publish(draft, actor=cast.lead, digest_read=draft.digest)
        assert (row.state, row.marking) == (StatementState.PUBLISHED, Marking.CLEAR)
        assert list(access.published_statements(cast.incident)) == [row]
        with pytest.raises(WrongState):
            statements.publish(draft, actor=cast.lead, digest_read=draft.digest)
        with pytest.raises(WrongState):
            statements.edit(draft, "B", "b", actor=cast.lead, digest_read=draft.digest)
        assert list(ledger.verify(cast.incident)) == []

    def test_without_affected_parties_nothing_is_joint(self, cast: Cast, draft: Statement) -> None:
        seats = Participation.objects.filter(capacity=Capacity.AFFECTED)
        seats.update(capacity=Capacity.COORDINATOR)
        with pytest.raises(WrongState, match="No affected party"):
            statements.publish(draft, actor=cast.again(cast.lead), digest_read=draft.digest)

    def test_draft_is_not_public(self, cast: Cast, draft: Statement) -> None:
        assert not access.published_statements(cast.incident).exists()

    def test_status_page_becomes_public_with_its_figures(self, cast: Cast) -> None:
        for role in ("analyst", "exchange", "law", "white_hat"):
            with pytest.raises(NotYours):
                statements.publish_status(cast.incident, "identified", actor=cast.actors[role])
        with pytest.raises(BadInput) as refused:
            statements.publish_status(cast.incident, "fine", actor=cast.lead)
        assert refused.value.field == "line"
        page = statements.publish_status(cast.incident, "identified", actor=cast.lead)
        assert access.published_page(page.slug) == page
        assert TimelineEntry.objects.filter(kind="status.published", marking="TLP:CLEAR").exists()


def test_confidential_affected_party_is_not_named(cast: Cast, draft: Statement) -> None:
    rival = Participation.objects.filter(organization=organization(cast.rival))
    rival.update(is_confidential=True)
    sign(draft, cast.lead)
    sign(draft, cast.coordinator)
    row = statements.publish(draft, actor=cast.lead, digest_read=draft.digest)
    entry = TimelineEntry.objects.get(kind="statement.published").entry
    assert (entry.content["signed"], entry.content["missing"]) == (["Kelp"], [])
    assert row.state == StatementState.PUBLISHED


def test_publishing_opens_the_text_and_no_draft_of_it(cast: Cast) -> None:
    """The row itself becomes TLP:CLEAR: what was written and said before does not with it."""
    affected = Audience(organizations=[organization(one).pk for one in (cast.lead, cast.rival)])
    draft = statements.draft(
        cast.incident, "Old", "They slept.", actor=cast.lead, marking=AMBER, audience=affected
    )
    sign(draft, cast.rival, position=Position.DISSENTS)
    edited = statements.edit(
        draft, "New", "It happened.", actor=cast.lead, digest_read=draft.digest
    )
    sign(edited, cast.lead, cast.rival)

    def told(actor: access.Actor) -> str:
        client = client_of(person(actor))
        paths = ("statements/", "timeline/")
        return "".join(client.get(room(cast.incident.slug, p)).content.decode() for p in paths)

    assert "statement" not in told(cast.analyst)
    statements.publish(edited, actor=cast.lead, digest_read=edited.digest)
    secrets = ("They slept.", "Old", "dissents", draft.digest, "statement.signed")
    for actor, knows in ((cast.analyst, False), (cast.rival, True)):
        said = told(actor)
        assert "It happened." in said
        assert [secret for secret in secrets if (secret in said) != knows] == []
