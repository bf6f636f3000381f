"""What public labels recognise of two real thefts: a floor, and an independent count."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.tracing.flows.cases import CASES
from tests.tracing.labels.real import ETHERSCAN, OFAC, PACKS, needs_files
from tests.tracing.test_import_labels import of

pytestmark = [pytest.mark.django_db, needs_files]


def measured(case: str) -> dict[str, Any]:
    out = io.StringIO()
    folder = CASES / case
    table, terminals = folder / f"{case}.csv", folder / "terminal addresses.csv"
    call_command("measure_labels", str(table), "--terminals", str(terminals), stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def at_terminals(case: str) -> dict[str, Decimal]:
    """USD that reached each terminal, by another reader."""
    folder = CASES / case
    terminals = {line.strip() for line in (folder / "terminal addresses.csv").open()}
    found: dict[str, Decimal] = {}
    with (folder / f"{case}.csv").open(newline="") as stream:
        for row in csv.DictReader(stream):
            if row["To"] in terminals:
                found[row["To"]] = found.get(row["To"], Decimal()) + Decimal(row["Value_in_USD"])
    return found


def test_public_labels_recognise_what_the_research_found() -> None:
    from tracing.models import Label

    empty = measured("HB")
    assert (empty["terminals"], empty["share_labelled"], empty["share_sinks"]) == (
        11,
        "0.000",
        "0.000",
    )
    for path in sorted(PACKS.rglob("*.yaml")):
        of(path, "tagpack", "--skip-bad", "--dated", "2023-02-22")
    on_ethereum = ("--chain", "eip155:1", "--dated", "2023-10-01")
    of(ETHERSCAN / "etherscan_combinedAllLabels.json", "etherscan", *on_ethereum)
    list_of = OFAC / "sanctioned_addresses_ETH.txt"
    of(list_of, "ofac-list", "--chain", "ETH", "--dated", "2024-09-27")
    known = set(Label.objects.filter(chain__caip2="eip155:1").values_list("address", flat=True))
    for case, floor, sinks in [("HB", "0.551", "0.551"), ("LIFI", "0.222", "0.221")]:
        found, came = measured(case), at_terminals(case)
        labelled = sum((usd for address, usd in came.items() if address in known), Decimal())
        assert found["terminals"] == len(came)
        assert Decimal(found["labelled"]) / 100 == labelled
        assert Decimal(found["amount"]) / 100 == sum(came.values(), Decimal())
        assert found["share_labelled"] >= floor
        assert found["share_sinks"] >= sinks


def test_a_table_that_is_none_is_refused_with_words(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    with pytest.raises(CommandError):
        call_command("measure_labels", str(bad), "--terminals", str(bad))
    with pytest.raises(CommandError, match="No such file"):
        call_command("measure_labels", str(tmp_path / "none"), "--terminals", str(bad))
