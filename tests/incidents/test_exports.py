"""Every export, by itself: discovered, named, and cut to what its reader may know."""

import pytest

from incidents.exports.base import FreezeExport, freeze_exports
from incidents.services import answers
from incidents.services.timeline import Audience
from tests import factories
from tests.cast import Cast, organization
from tests.factories import AMBER, UINT256_MAX

pytestmark = pytest.mark.django_db


def test_folder_holds_what_the_pages_offer() -> None:
    assert "json" in freeze_exports()


@pytest.mark.parametrize("slug", sorted(freeze_exports()))
class TestEveryExport:
    def render(self, cast: Cast, slug: str, reader: str) -> str:
        row = cast.incident.freezes.get()
        seen = answers.seen(cast.actors[reader], row.targets.all())
        export: FreezeExport = freeze_exports()[slug]()
        assert "/" in export.media_type
        return export.render(row, seen).decode()

    def test_tells_its_reader_what_they_may_know_exactly(self, cast: Cast, slug: str) -> None:
        row = factories.sent_request(
            cast.incident,
            cast.lead,
            cast.rival,
            organization(cast.exchange),
            amount=UINT256_MAX,
        )
        narrow = Audience(organizations=[organization(cast.lead).pk])
        said = "Account of a customer"
        answers.answer(row, "held", actor=cast.exchange, marking=AMBER, text=said, audience=narrow)
        for reader, knows in (("lead", True), ("rival", False)):
            file = self.render(cast, slug, reader)
            assert row.request.reference in file
            assert str(UINT256_MAX) in file
            assert (said in file) == knows
