"""An operator imports labels: all or nothing, in bulk, with both of two sources kept."""

import io
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

from tests.tracing.labels.real import ETHERSCAN, FACTS, OFAC, PACKS, needs_files

if TYPE_CHECKING:
    from tracing.models import Label

pytestmark = pytest.mark.django_db

A, B, C = ("0x" + pair * 20 for pair in ("a1", "b2", "c3"))
HEAD = "chain,address,name,category,source,date\n"
ONE = f"eip155:1,{A},Example 1,exchange,list one,2026-01-31\n"
TWO = f"eip155:1,{B},Pool 7,mixer,list one,2026-01-31\n"


def run(folder: Path, text: str, *more: str, slug: str = "csv") -> list[str]:
    """What the command says of a file."""
    file = folder / "labels"
    file.write_text(text)
    return of(file, slug, *more)


def of(file: Path, slug: str, *more: str) -> list[str]:
    out = io.StringIO()
    call_command("import_labels", slug, str(file), *more, stdout=out, stderr=io.StringIO())
    return out.getvalue().splitlines()


def exported(*more: str) -> str:
    out = io.StringIO()
    call_command("export_labels", *more, stdout=out)
    return out.getvalue()


def rows() -> list["Label"]:
    from tracing.models import Label

    return list(Label.objects.select_related("service", "chain").order_by("address", "source"))


def values() -> list[dict[str, Any]]:
    """Every label with all that it keeps."""
    from tracing.models import Label

    kept = ("chain__caip2", "address", "service__slug", "name", "category", "source", "dated")
    order = ("chain__caip2", "address", "source", "name")
    return list(Label.objects.order_by(*order).values(*kept, "confidence", "stated", "marking"))


def test_a_label_keeps_source_day_and_confidence(tmp_path: Path) -> None:
    head = HEAD.strip() + ",confidence\n"
    said = run(tmp_path, head + ONE.strip() + ",service_data\n" + TWO.strip() + ",heuristic\n")
    assert said == [
        "labels: 2 new, 0 changed, 0 unchanged, 0 repeated in the file, 0 refused",
        "services: 2 new",
    ]
    first, second = rows()
    assert (first.source, str(first.dated), first.stated) == (
        "list one",
        "2026-01-31",
        "service_data",
    )
    assert (first.confidence, second.confidence) == ("sourced", "inferred")
    assert first.service is not None
    assert (first.service.slug, first.service.kind) == ("example", "service")


def test_a_preview_counts_and_writes_nothing(tmp_path: Path) -> None:
    from tracing.models import Chain, Service

    said = run(tmp_path, HEAD + ONE + TWO, "--preview")
    assert said[0].startswith("labels: 2 new")
    assert said[-1] == "Preview: nothing was written."
    assert (rows(), Service.objects.count(), Chain.objects.count()) == ([], 0, 0)
    assert run(tmp_path, HEAD + ONE + TWO)[0].startswith("labels: 2 new")


def test_a_repeat_changes_nothing_and_a_correction_one_row(tmp_path: Path) -> None:
    run(tmp_path, HEAD + ONE + TWO)
    again = run(tmp_path, HEAD + ONE + TWO + TWO)
    assert again[0] == ("labels: 0 new, 0 changed, 2 unchanged, 1 repeated in the file, 0 refused")
    newer = HEAD + ONE.replace("2026-01-31", "2026-03-01") + TWO
    assert run(tmp_path, newer)[0].startswith("labels: 0 new, 1 changed, 1 unchanged")
    assert [str(row.dated) for row in rows()] == ["2026-03-01", "2026-01-31"]


def test_one_bad_row_stops_the_whole_file_unless_it_is_skipped(tmp_path: Path) -> None:
    text = HEAD + ONE + ONE.replace(A, "0x12") + TWO
    with pytest.raises(CommandError, match=r"Nothing was imported\.\nline 3: '0x12'"):
        run(tmp_path, text)
    assert rows() == []
    said = run(tmp_path, text, "--skip-bad")
    assert said[0].endswith("0 repeated in the file, 1 refused")
    assert [row.address for row in rows()] == [A, B]


@pytest.mark.parametrize(
    ("slug", "text", "reason"),
    [
        ("tagpack", "a: &a x\nb: *a\n", "anchor"),
        ("etherscan", "[1, 2", "not JSON"),
        ("ofac-xml", "<a/>", "no party"),
        ("csv", HEAD, "no label"),
    ],
)
def test_a_file_that_is_none_is_refused_with_words(
    tmp_path: Path, slug: str, text: str, reason: str
) -> None:
    with pytest.raises(CommandError, match=f"Nothing was imported.\n.*{reason}"):
        run(tmp_path, text, slug=slug)
    with pytest.raises(CommandError, match="cannot be read"):
        of(tmp_path / "none", slug)


def test_two_sources_that_disagree_are_both_kept_and_told(tmp_path: Path) -> None:
    from tracing.services import names

    run(tmp_path, HEAD + ONE)
    other = ONE.replace("list one", "list two").replace("exchange", "mixer")
    said = run(tmp_path, HEAD + other.replace("Example 1", "Pool"))
    assert said[2] == "1 address(es) on which sources disagree: all are kept."
    assert {(row.source, row.category) for row in rows()} == {
        ("list one", "exchange"),
        ("list two", "mixer"),
    }
    assert names.kinds("eip155:1", addresses=[A, B]) == {}, "of one day: no sink"
    run(tmp_path, HEAD + ONE.replace("2026-01-31", "2026-02-01"))
    assert names.kinds("eip155:1", addresses=[A, B]) == {A: "service"}, "the newest source counts"


def test_a_slug_that_is_taken_by_another_category_is_another_service(tmp_path: Path) -> None:
    run(tmp_path, HEAD + ONE + ONE.replace(A, C).replace("exchange", "bridge"))
    assert [row.service.slug for row in rows() if row.service] == ["example", "example-bridge"]


def test_what_only_names_somebody_is_no_sink(tmp_path: Path) -> None:
    from tracing.services import names

    run(tmp_path, HEAD + ONE.replace("exchange", "scam") + TWO.replace("mixer", ""))
    assert [row.service for row in rows()] == [None, None]
    assert names.kinds("eip155:1", addresses=[A, B]) == {}


def test_labels_of_a_chain_that_is_not_watched_wait_for_it(tmp_path: Path) -> None:
    from tracing.models import Chain
    from tracing.services import chains, endpoints

    run(tmp_path, HEAD + ONE)
    assert chains.watched() == []
    endpoints.configure("eip155:1", name="Mainnet", url="http://127.0.0.1:1", start=7)
    chain = Chain.objects.get()
    assert (chain.name, chain.is_watched, chain.cursor_number) == ("Mainnet", True, 6)
    assert chain.labels.count() == 1


@needs_files
def test_thirty_thousand_labels_are_a_matter_of_seconds() -> None:
    path = ETHERSCAN / "etherscan_combinedAllLabels.json"
    more = ("--chain", "eip155:1", "--dated", "2023-10-01")
    begun = time.monotonic()
    first = of(path, "etherscan", *more)
    took = time.monotonic() - begun
    assert first[0].startswith("labels: 29")
    assert took < 30, "seconds on an idle machine; a bound for a busy one"
    again = of(path, "etherscan", *more)
    assert again[0].startswith("labels: 0 new, 0 changed, 29")


@needs_files
@pytest.mark.parametrize("name", ["tornado_cash", "walletexplorer", "etherscamdb_tagpack"])
def test_what_is_exported_is_imported_as_the_same_labels(name: str, tmp_path: Path) -> None:
    from tracing.models import Label, Service

    of(PACKS / f"{name}.yaml", "tagpack", "--skip-bad")
    before = values()
    assert before
    text = exported()
    Label.objects.all().delete()
    Service.objects.all().delete()
    run(tmp_path, text, slug="tagpack")
    assert values() == before
    assert exported() == text
    assert run(tmp_path, text, slug="tagpack")[0].startswith("labels: 0 new, 0 changed")


@needs_files
def test_every_public_list_goes_in_together() -> None:
    from tracing.models import Label

    of(FACTS, "csv", "--dated", "2026-11-21")
    of(
        OFAC / "sanctioned_addresses_ETH.txt",
        "ofac-list",
        "--chain",
        "ETH",
        "--dated",
        "2024-09-27",
    )
    of(PACKS / "tornado_cash.yaml", "tagpack")
    assert Label.objects.filter(source="OFAC SDN list").count() == 152
    assert Label.objects.filter(category="mixer", name="tornado.cash").count() == 38
