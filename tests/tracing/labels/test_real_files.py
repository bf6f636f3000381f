"""The real files: every row is read or refused with its reason, as an independent count says."""

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tracing.labels.real import ETHERSCAN, FACTS, OFAC, PACKS, dated, needs_files, read
from tracing import labels
from tracing.core import caip
from tracing.labels.base import LabelFact, Said

pytestmark = needs_files

BITCOIN = "bip122:000000000019d6689c085ae165831e93"
CURRENCIES = {
    "BTC",
    "ETH",
    "TRX",
    "SOL",
    "BSC",
    "BNB",
    "BEP20",
    "MATIC",
    "FTM",
    "ARB",
    "AVAX",
    "ETC",
} | {"LTC", "DOGE", "BCH", "DASH", "ZEC", "XMR", "XRP", "USDT", "USDC", "DAI", "BUSD"}
EVM = "0x" + "0" * 40


def packs() -> list[Path]:
    return sorted(PACKS.rglob("*.yaml")) if PACKS.is_dir() else []


def parsed(path: Path) -> dict[str, Any]:
    """A pack as PyYAML's safe loader has it: the second opinion."""
    found: dict[str, Any] = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
    return found


def test_every_tag_of_the_real_packs_is_read_or_refused() -> None:
    rows, refused, unknown = 0, Counter[str](), 0
    for path in packs():
        facts, bad = read("tagpack", path, dated=dated("2023-02-22"))
        pack = parsed(path)
        currencies = [tag.get("currency", pack.get("currency")) for tag in pack["tags"]]
        unknown += sum(str(currency).upper() not in CURRENCIES for currency in currencies)
        assert len(facts) + len(bad) == len(pack["tags"]), path.name
        rows += len(pack["tags"])
        refused.update("chain" if "not known here" in row.reason else "address" for row in bad)
    assert (len(packs()), rows) == (40, 17131)
    assert refused == {"chain": unknown, "address": 160 - unknown}


@pytest.mark.parametrize("path", packs(), ids=lambda path: path.stem)
def test_what_is_exported_of_a_pack_reads_as_the_same_labels(path: Path) -> None:
    facts, _ = read("tagpack", path, dated=dated("2023-02-22"))
    pack = labels.registry()["tagpack"]
    text = "".join(pack.write(facts, title="Of a test", creator="Test"))
    assert list(pack.read(io.BytesIO(text.encode()), Said())) == facts
    # Any reader of YAML reads it, and the header says once what all tags share.
    again = yaml.load(text, Loader=yaml.CSafeLoader)
    assert len(again["tags"]) == len(facts)
    assert again["title"] == "Of a test"


def test_a_tag_takes_from_the_header_what_it_does_not_say() -> None:
    facts, bad = read("tagpack", PACKS / "tornado_cash.yaml")
    header = parsed(PACKS / "tornado_cash.yaml")
    assert bad == []
    first = header["tags"][0]["address"]
    assert facts[0] == LabelFact(
        chain="eip155:1",
        address=first.lower(),
        name=header["label"],
        category="mixer",
        actor="tornado-cash",
        source=header["source"],
        dated=header["lastmod"],
        confidence=header["confidence"],
    )


@pytest.mark.parametrize(
    ("name", "chain", "rows", "refused"),
    [
        ("etherscan", "eip155:1", 29945, 0),
        ("bscscan", "eip155:56", 6726, 3),
        ("polygonscan", "eip155:137", 4997, 2),
        ("arbiscan", "eip155:42161", 837, 1),
        ("optimism", "eip155:10", 546, 2),
        ("ftmscan", "eip155:250", 1085, 1),
    ],
)
def test_every_entry_of_the_label_clouds(name: str, chain: str, rows: int, refused: int) -> None:
    path = ETHERSCAN / f"{name}_combinedAllLabels.json"
    entries: list[tuple[str, Any]] = json.loads(path.read_text(), object_pairs_hook=list)
    addresses = [key for key, _ in entries if len(key) == len(EVM) and key.startswith("0x")]
    facts, bad = read("etherscan", path, chain=chain, dated=dated("2023-10-01"))
    assert (len(entries), len(bad)) == (rows, refused)
    assert [one.address for one in facts] == [address.lower() for address in addresses]


def test_the_cloud_of_an_exchange_makes_wallets_of_its_wallets_only() -> None:
    path = ETHERSCAN / "etherscan_combinedAllLabels.json"
    facts, _ = read("etherscan", path, chain="eip155:1", dated=dated("2023-10-01"))
    of = {fact.name: (fact.category, fact.actor) for fact in facts}
    assert of["Binance 14"] == ("exchange", "binance")
    assert of["Huobi: Deposit"] == ("exchange", "htx")
    assert of["Huobi: HBTC Token"] == ("huobi", "")
    assert of["Tornado.Cash: 10,000 DAI"] == ("mixer", "tornado-cash")
    assert of["Tornado.Cash: TORN Token"] == ("tornado_cash", "")
    assert of["Hop Protocol: WBTC Bridge"] == ("bridge", "hop-protocol")
    assert of["SushiSwap: DAI-SPC"] == ("dex", "sushiswap")


def test_the_lists_of_sanctioned_addresses() -> None:
    refused = Counter[str]()
    rows = 0
    for path in sorted(OFAC.glob("sanctioned_addresses_*.txt")):
        currency = path.stem.rpartition("_")[2]
        told = {"chain": currency, "dated": dated("2024-09-27")}
        facts, bad = read("ofac-list", path, **told)
        assert read("ofac-list", path.with_suffix(".json"), **told)[0] == facts
        lines = path.read_text().split()
        assert len(facts) + len(bad) == len(lines)
        rows += len(lines)
        refused += Counter({currency: len(bad)}) if bad else Counter()
        assert {fact.category for fact in facts} <= {"sanction"}
    assert rows == 654
    # Chains without a CAIP-2 of their own here, and a Tron address in the Bitcoin list.
    assert refused == {"BSV": 1, "BTG": 1, "XVG": 1, "XBT": 1}


def test_a_token_of_several_chains_is_placed_by_the_form_of_the_address() -> None:
    path = OFAC / "sanctioned_addresses_USDT.txt"
    facts, bad = read("ofac-list", path, chain="USDT", dated=dated("2024-09-27"))
    assert bad == []
    written = path.read_text().split()
    forms = {"0": "eip155:1", "T": "tron:0x2b6653dc", "1": BITCOIN, "3": BITCOIN}
    assert [one.chain for one in facts] == [forms[text[0]] for text in written]
    assert len({one.chain for one in facts}) == 3


def test_the_table_of_services() -> None:
    facts, bad = read("csv", FACTS, dated=dated("2026-11-21"))
    with FACTS.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert bad == []
    assert len(facts) == len(rows) == 3076
    assert Counter(one.chain for one in facts).most_common(2) == [
        ("eip155:1", 1002),
        ("bip122:000000000019d6689c085ae165831e93", 764),
    ]
    for one, row in zip(facts, rows, strict=True):
        assert one.address == caip.parse_address(one.chain, row["address"])
        assert (one.source, one.dated) == (row["source"].strip(), dated("2026-11-21"))
