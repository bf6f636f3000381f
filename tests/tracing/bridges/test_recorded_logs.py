"""Real logs of Ethereum, recorded by others (../shared/data/fixtures), and what is read of them."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from tests.tracing.chains.recorded import DATA
from tracing.bridges import Receipt, departures, landings
from tracing.core.logs import Log

ETL = DATA / "fixtures/ethereum_etl_fixtures/tests/resources/test_stream"
STREAM = ETL / "blocks_17173049_17173050/expected_logs.json"
SPARK = DATA / "fixtures/graphsense_lib_fixtures/spark/src/test/resources"
TOKENS = SPARK / "account/eth/tokens/logs.json"

needs_fixtures = pytest.mark.skipif(
    not (STREAM.is_file() and TOKENS.is_file()),
    reason=f"no recorded logs at {DATA} (set HOLDFAST_DATA)",
)


def receipts(path: Any, tx: str, index: str) -> list[Receipt]:
    """The transactions of a file with one log a line."""
    by_tx: dict[str, list[Log]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        topics = tuple(topic.lower() for topic in row["topics"])
        log = Log(row["address"].lower(), topics, row["data"].lower(), row[tx], int(row[index]))
        by_tx[row[tx]].append(log)
    return [Receipt("eip155:1", name, None, None, logs) for name, logs in by_tx.items()]


@needs_fixtures
def test_blocks_17173049_and_17173050() -> None:
    """Ether through Hop, whose message to Arbitrum moves no value; dollars that Synapse swapped."""
    found = receipts(STREAM, "transaction_hash", "log_index")
    left = [one for receipt in found for one in departures(receipt).found]
    came = [one for receipt in found for one in landings(receipt).found]
    assert [row for receipt in found for row in departures(receipt).refused] == []
    assert [(one.bridge, one.amount, one.to_chain) for one in left] == [
        ("hop", 240303127714435604, "eip155:42161")
    ]
    assert [(one.bridge, one.asset, one.amount) for one in came] == [("synapse", "", 0x6F01E27D)]
    assert came[0].to_address == "0xfac635b0a4e5f11fabac4cb235965b661242cd82"


@needs_fixtures
def test_deposits_to_polygon_of_june_2022() -> None:
    """Six of ether, each with the number of its state sync."""
    found = receipts(TOKENS, "txHash", "logIndex")
    left = [one for receipt in found for one in departures(receipt).found]
    assert [row for receipt in found for row in departures(receipt).refused] == []
    assert {one.bridge for one in left} == {"polygon_pos"}
    assert sorted((int(one.match_key), one.amount) for one in left) == [
        (2163915, 20 * 10**15),
        (2163917, 20 * 10**15),
        (2163918, 5 * 10**15),
        (2163919, 48 * 10**14),
        (2163920, 3575 * 10**15),
        (2163921, 10**15),
    ]
