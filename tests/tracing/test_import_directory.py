"""An operator fills the directory from a file: the starter file, one's own, and bad ones."""

import copy
import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

from tests.architecture.source import ROOT
from tracing.core import caip
from tracing.core.addresses import checksum_address

if TYPE_CHECKING:
    from tracing.models import Chain

pytestmark = pytest.mark.django_db

STARTER = ROOT / "tracing" / "labels" / "starter_ethereum.json"
HOT = "0x28C6c06298d514Db089934071355E5743bf21d60"
USDC = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
GOOD: dict[str, Any] = {
    "source": "a test",
    "dated": "2026-11-21",
    "chain": "eip155:1",
    "services": [
        {"slug": "desk", "name": "Desk", "kind": "service", "category": "exchange"},
        {"slug": "mint", "name": "Mint", "kind": "service", "category": "issuer"},
    ],
    "assets": [
        {"contract": USDC, "symbol": "USDC", "decimals": 6}
        | {"issuer": "mint", "freeze_interface": "circle", "follow_threshold": "1000000"},
    ],
    "labels": [{"address": HOT, "service": "desk", "name": "hot"}],
}


@pytest.fixture
def chain() -> "Chain":
    from tracing.models import Chain

    return Chain.objects.create(
        caip2="eip155:1", name="Ethereum", native_asset="eip155:1/slip44:60"
    )


def imported(data: object, folder: Path, *more: str) -> list[str]:
    """What the command says."""
    file, out = folder / "directory.json", StringIO()
    file.write_text(json.dumps(data))
    call_command("import_directory", str(file), *more, stdout=out)
    return out.getvalue().splitlines()


def rows() -> tuple[int, int, int]:
    from tracing.models import Asset, Label, Service

    return Service.objects.count(), Asset.objects.count(), Label.objects.count()


def test_every_row_of_the_starter_file_has_a_source_and_a_checked_address() -> None:
    data = json.loads(STARTER.read_text())
    for section in ("services", "assets", "labels"):
        assert data[section]
        assert [row for row in data[section] if not row.get("source", "").strip()] == []
    written = [row["address"] for row in data["labels"]]
    written += [row["contract"] for row in data["assets"] if "contract" in row]
    for address in written:
        assert checksum_address(caip.parse_address("eip155:1", address)) == address
    used = {row["service"] for row in data["labels"]}
    used |= {row["issuer"] for row in data["assets"] if "issuer" in row}
    assert used == {row["slug"] for row in data["services"]}


def test_the_starter_file_is_taken_and_taken_again(chain: "Chain", tmp_path: Path) -> None:
    from tracing.models import Asset, Label

    data = json.loads(STARTER.read_text())
    sizes = tuple(len(data[section]) for section in ("services", "assets", "labels"))
    names = ("services", "assets", "labels")
    counted = list(zip(names, sizes, strict=True))
    first = imported(data, tmp_path)
    assert first == [f"{name}: {size} new, 0 changed, 0 unchanged" for name, size in counted]
    again = imported(data, tmp_path)
    assert again == [f"{name}: 0 new, 0 changed, {size} unchanged" for name, size in counted]
    assert rows() == sizes
    usdt = Asset.objects.get(symbol="USDT")
    assert usdt.issuer is not None
    assert (usdt.issuer.slug, usdt.freeze_interface) == ("tether", "tether")
    weth = Label.objects.get(name="WETH9")
    assert weth.service is not None
    assert (weth.service.kind, weth.marking) == ("pool", "TLP:GREEN")


def test_what_was_imported_is_what_the_watcher_reads(chain: "Chain", tmp_path: Path) -> None:
    from tracing.core.types import AssetInfo
    from tracing.services import names
    from tracing.watch import directory

    imported(GOOD, tmp_path)
    kinds = names.kinds("eip155:1")
    # The bridges' own contracts are known without a file.
    assert {a: k for a, k in kinds.items() if k != "crossing"} == {HOT.lower(): "service"}
    read, asset = directory.load(chain), caip.erc20("eip155:1", USDC.lower())
    assert read.asset_infos == {asset: AssetInfo(asset, contract=USDC.lower())}
    assert read.thresholds() == {asset: 1_000_000}


def test_a_dry_run_counts_and_writes_nothing(chain: "Chain", tmp_path: Path) -> None:
    assert imported(GOOD, tmp_path, "--dry-run") == [
        "services: 2 new, 0 changed, 0 unchanged",
        "assets: 1 new, 0 changed, 0 unchanged",
        "labels: 1 new, 0 changed, 0 unchanged",
        "Dry run: nothing was written.",
    ]
    assert rows() == (0, 0, 0)


def test_what_a_row_leaves_out_stays(chain: "Chain", tmp_path: Path) -> None:
    from incidents.models import Organization
    from tracing.models import Asset, Service

    imported(GOOD, tmp_path)
    desk = Organization.objects.create(name="Desk of people", slug="desk-of-people")
    Service.objects.filter(slug="desk").update(organization=desk)
    less = copy.deepcopy(GOOD)
    less["services"][0]["name"] = "Desk, renamed"
    less["assets"] = [{"contract": USDC, "symbol": "USDC.e", "decimals": 6, "issuer": ""}]
    assert [line.split(": ")[1] for line in imported(less, tmp_path)] == [
        "0 new, 1 changed, 1 unchanged",
        "0 new, 1 changed, 0 unchanged",
        "0 new, 0 changed, 1 unchanged",
    ]
    assert Service.objects.get(slug="desk").organization == desk
    row = Asset.objects.get()
    assert (row.symbol, row.issuer, row.freeze_interface) == ("USDC.e", None, "circle")
    assert row.follow_threshold == "1000000"


def test_how_a_desk_wants_to_be_asked_is_kept(chain: "Chain", tmp_path: Path) -> None:
    from tracing.models import Service

    told = copy.deepcopy(GOOD)
    told["services"][0] |= {
        "desk_channel": "portal",
        "desk_wants": "an order",
        "desk_hold_days": 7,
        "desk_source": "its guide of 2026",
    }
    assert imported(told, tmp_path)[0] == "services: 2 new, 0 changed, 0 unchanged"
    assert imported(told, tmp_path)[0] == "services: 0 new, 0 changed, 2 unchanged"
    imported(GOOD, tmp_path)
    row = Service.objects.get(slug="desk")
    assert (row.desk_channel, row.desk_wants, row.desk_hold_days) == ("portal", "an order", 7)


def broken(path: str, value: object) -> dict[str, Any]:
    """The good file with one place changed: ``labels.0.address``."""
    data = copy.deepcopy(GOOD)
    at: Any = data
    *way, last = (int(part) if part.isdecimal() else part for part in path.split("."))
    for part in way:
        at = at[part]
    at[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("source", "", "source: Write 1 to 400"),
        ("dated", "21.11.2026", "dated: Write the day"),
        ("chain", "ethereum", "chain: Write the chain"),
        ("extra", 1, "'extra': This key"),
        ("services", {}, "services: Write a list"),
        ("services.0", 5, r"services\[0\]: Write a row"),
        ("services.0.slug", "de sk", r"services\[0\]\.slug: Write"),
        ("services.0.name", "De\u202esk", r"services\[0\]\.name: Write"),
        ("services.0.kind", "return", r"services\[0\]\.kind: 'return' is none of"),
        ("services.0.category", "exchnage", r"services\[0\]\.category: 'exchnage' is none of"),
        ("services.0.oracle", "0x12", r"services\[0\]\.oracle: "),
        ("services.0.desk_channel", "pigeon", r"desk_channel: 'pigeon' is none of"),
        ("services.0.desk_channel", "portal", r"services\[0\]\.desk_source: Say where"),
        ("services.0.desk_hold_days", -1, r"desk_hold_days: Write a whole number"),
        ("services.0.desk_wants", "x" * 501, r"desk_wants: Write 1 to 500"),
        ("services.1.slug", "desk", r"services\[1\]\.slug: desk is in this file already"),
        ("assets.0.decimals", 78, r"assets\[0\]\.decimals: Write a whole number from 0 to 77"),
        ("assets.0.decimals", True, r"assets\[0\]\.decimals: "),
        ("assets.0.asset", "eip155:1/slip44:60", r"assets\[0\]: Name the asset by"),
        ("assets.0.contract", f"0xa{USDC[3:]}", r"assets\[0\]\.contract: "),
        ("assets.0.issuer", "nobody", r"assets\[0\]\.issuer: No service has the slug 'nobody'"),
        (
            "assets.0.freeze_interface",
            "paxos",
            r"freeze_interface: 'paxos' is none of agora, arc-native, ",
        ),
        ("assets.0.follow_threshold", 5, r"assets\[0\]\.follow_threshold: Write base units"),
        ("assets.0.role", "debt", r"assets\[0\]\.lender: A debt token needs it"),
        ("assets.0.underlying", "eip155:10/slip44:60", r"underlying: It is on eip155:10"),
        ("labels.0.address", HOT[:-1], r"labels\[0\]\.address: "),
        ("labels.0.service", ["desk"], r"labels\[0\]\.service: No service"),
        ("labels", [GOOD["labels"][0]] * 2, r"labels\[1\]\.address: 0x28c6\w+ is in this file"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(
    chain: "Chain", tmp_path: Path, path: str, value: object, reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        imported(broken(path, value), tmp_path)
    assert rows() == (0, 0, 0)


def test_all_problems_are_told_at_once_but_not_more_than_fifty(
    chain: "Chain", tmp_path: Path
) -> None:
    bad = broken("labels", [{"address": "0x", "service": "nobody"}] * 30)
    with pytest.raises(CommandError) as refused:
        imported(bad, tmp_path)
    told = str(refused.value).splitlines()
    assert told[0] == "Nothing was imported."
    assert (len(told), told[-1]) == (52, "... and 10 more.")


def test_a_chain_that_is_unknown_here_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"chain: eip155:1 .*manage\.py watch_chain eip155:1"):
        imported(GOOD, tmp_path)


@pytest.mark.parametrize("data", [[], "text", None, {}])
def test_what_is_no_directory_is_refused(chain: "Chain", tmp_path: Path, data: object) -> None:
    with pytest.raises(CommandError, match="Nothing was imported"):
        imported(data, tmp_path)


def test_a_file_that_is_no_json_or_not_there_is_said(tmp_path: Path) -> None:
    file = tmp_path / "no.json"
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_directory", str(file))
    file.write_text("{")
    with pytest.raises(CommandError, match="is not JSON"):
        call_command("import_directory", str(file))
