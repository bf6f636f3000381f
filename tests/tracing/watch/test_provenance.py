"""The provenance of what a real watcher followed: from the rows, as a document, and offline."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

from tests.tracing.watch.test_backfill import chase

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Trace

pytestmark = [pytest.mark.node, pytest.mark.django_db]


@pytest.fixture
def trace(town: "Town") -> "Trace":
    """A theft that was split, spent with clean money, and partly secured."""
    found = town.trace(town.steal())
    chase(town)
    town.follow()
    return found


def documents(town: "Town", trace: "Trace") -> list[dict[str, Any]]:
    """One per exposure."""
    from tracing.models import Exposure
    from tracing.services import provenance

    return [
        provenance.document(town.cast.analyst, trace, row.chain, row.address, row.asset)
        for row in Exposure.objects.filter(trace=trace)
    ]


def test_every_exposure_comes_from_its_list(town: "Town", trace: "Trace") -> None:
    from tracing.core.provenance_file import differences
    from tracing.models import Exposure

    found = documents(town, trace)
    assert len(found) >= 4
    assert [differences(document) for document in found] == [[]] * len(found)
    kinds = {line["kind"] for document in found for line in document["lines"]}
    assert "unexplained" not in kinds
    tainted = {row.address: str(row.tainted) for row in Exposure.objects.filter(trace=trace)}
    assert {d["account"]["address"]: d["amounts"]["units"] for d in found} == tainted


def test_a_document_says_what_it_rests_on(town: "Town", trace: "Trace") -> None:
    from tests.tracing.watch.town import CHAIN, ETHER, EXCHANGE, THIEF, VICTIM
    from tracing.services import provenance

    document = provenance.document(town.cast.lead, trace, CHAIN, EXCHANGE)
    assert [line["kind"] for line in document["lines"]] == ["seed", "transfer", "arrival"]
    blocks = dict(town.on_chain())
    for line in document["lines"]:
        assert blocks[line["block"]] == line["block_hash"]
        assert line["block_state"] in ("seen", "safe", "final")
    (seed,) = document["seeds"]
    assert (seed["victim"], seed["receiver"], seed["amount"]) == (VICTIM, THIEF, str(100 * ETHER))
    assert document["policy"] == {"name": "fifo", "version": trace.policy_version}
    (label,) = document["labels"]
    assert (label["address"], label["source"], label["dated"]) == (EXCHANGE, "test", "2026-11-21")
    assert document["history_incomplete"] == []


def test_an_account_with_an_assumed_opening_is_named(town: "Town", trace: "Trace") -> None:
    from tests.tracing.watch.town import CHAIN, EXCHANGE, MULE
    from tracing.models import Exposure
    from tracing.services import provenance

    Exposure.objects.filter(trace=trace, address=MULE).update(is_history_incomplete=True)
    document = provenance.document(town.cast.lead, trace, CHAIN, EXCHANGE)
    assert [row["address"] for row in document["history_incomplete"]] == [MULE]


def test_a_label_that_is_hidden_is_not_told_by_the_list(town: "Town", trace: "Trace") -> None:
    from incidents.choices import Marking
    from tests.tracing.watch.town import CHAIN, EXCHANGE
    from tracing.models import Label
    from tracing.services import provenance

    lead = town.cast.lead
    assert lead.organization
    Label.objects.filter(address=EXCHANGE).update(
        marking=Marking.AMBER,
        owner=lead.organization,
        audience_organizations=[lead.organization.pk],
    )
    for viewer, kind, labels in ((lead, "arrival", 1), (town.cast.rival, "transfer", 0)):
        document = provenance.document(viewer, trace, CHAIN, EXCHANGE)
        assert (document["lines"][-1]["kind"], len(document["labels"])) == (kind, labels)


def test_replay_offline_refuses_whatever_was_changed(
    town: "Town", trace: "Trace", tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.tracing.watch.town import CHAIN, EXCHANGE
    from tracing.services import provenance

    document = provenance.document(town.cast.lead, trace, CHAIN, EXCHANGE)
    file = tmp_path / "exhibit.json"
    file.write_text(json.dumps(document))
    call_command("provenance", replay=file)
    assert f"3 lines give {document['amounts']['units']} base units" in capsys.readouterr().out
    lines = document["lines"]
    for at in range(len(lines)):
        less = document | {"lines": lines[:at] + lines[at + 1 :]}
        refused(file, less, "does not stand")
        for name, value in (("tx", "0x00"), ("amount_in", "1"), ("block_hash", "0x01")):
            changed = [*lines[:at], lines[at] | {name: value}, *lines[at + 1 :]]
            refused(file, document | {"lines": changed}, "does not stand")
    refused(file, {"format": "another"}, "no file of the format")


def refused(file: Path, document: dict[str, Any], reason: str) -> None:
    file.write_text(json.dumps(document))
    with pytest.raises(CommandError, match=reason):
        call_command("provenance", replay=file)
