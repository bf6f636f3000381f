"""Broken and made-up logs: each is refused with a reason, and hides no other log of the block."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import examples
from tests.tracing.bridges.logs import ALICE, BOB, E1, ETHER, TX, own_log
from tests.tracing.bridges.more_samples import MORE
from tests.tracing.bridges.rollup_samples import ROLLUPS
from tests.tracing.bridges.samples import SAMPLES, Sample
from tracing.bridges import (
    BadLog,
    Departure,
    Landing,
    Receipt,
    departures,
    landings,
    registry,
    topics,
)
from tracing.bridges._events import MAX_BYTES, Event
from tracing.core.logs import Log

Read = Callable[[Receipt], Any]
GOOD_AT = 999
GOOD = {"to": BOB, "asset": "0x" + "00" * 20, "amount": ETHER, "memo": f"=:ETH.ETH:{ALICE}"}


def sides() -> list[Any]:
    """Each side of each sample: how it is read, its receipt, and the log that told of it."""
    found = []
    for make in [*SAMPLES, *MORE, *ROLLUPS]:
        sample: Sample = make()
        for read, receipt in ((departures, sample.near), (landings, sample.far)):
            if receipt is None or not receipt.logs:
                continue
            index = read(receipt).found[0].index
            log = next(log for log in receipt.logs if log.index == index)
            name = f"{make.__name__}-{read.__name__}"
            found.append(pytest.param(read, receipt, log, sample.slug, id=name))
    return found


SIDES = sides()
every_side = pytest.mark.parametrize(("read", "receipt", "log", "slug"), SIDES)


def with_good(receipt: Receipt, log: Log, changed: Log) -> Receipt:
    """The receipt with that log changed, and an honest deposit to THORChain after it."""
    logs = [changed if one is log else one for one in receipt.logs]
    if receipt.chain == E1:
        logs.append(own_log("thorchain", "Deposit", E1, "router", GOOD, index=GOOD_AT))
    return replace(receipt, logs=logs)


def assert_refused(read: Read, receipt: Receipt, log: Log, changed: Log, slug: str) -> None:
    spoilt = with_good(receipt, log, changed)
    found, refused = read(spoilt)
    assert log.index not in [one.index for one in found]
    assert (slug, receipt.tx, log.index) in [(row.bridge, row.tx, row.index) for row in refused]
    assert all(row.reason and len(row.reason) < 200 for row in refused)
    if receipt.chain == E1:
        assert GOOD_AT in [left.index for left in departures(spoilt).found]


@every_side
def test_truncated_log_is_refused(read: Read, receipt: Receipt, log: Log, slug: str) -> None:
    for topics_left, data in (
        (log.topics[:-1] if len(log.topics) > 1 else log.topics, log.data[:-2]),
        (log.topics, log.data[:-63] if len(log.data) > 2 else log.data + "00ff"),
        (log.topics[:1], "0x"),
        (log.topics, "0x" + "zz" * 32 if len(log.data) > 2 else "no hex"),
    ):
        if (topics_left, data) == (log.topics, log.data):
            continue
        changed = replace(log, topics=topics_left, data=data)
        if len(log.data) == 2 and topics_left == log.topics:
            read(with_good(receipt, log, changed))  # nothing to cut: more data is no harm
            continue
        assert_refused(read, receipt, log, changed, slug)


@every_side
def test_impossible_values_are_refused(read: Read, receipt: Receipt, log: Log, slug: str) -> None:
    """All ones: offsets and lengths beyond the data, high bytes above addresses, absurd amounts."""
    if len(log.data) > 2:
        changed = replace(log, data="0x" + "f" * (len(log.data) - 2))
        assert_refused(read, receipt, log, changed, slug)
    events = registry()[slug].facts.events.values()
    event = next(event for event in events if event.topic == log.topics[0])
    indexed = [param.type for param in event.params if param.indexed]
    addresses = [at for at, kind in enumerate(indexed, start=1) if kind == "address"]
    for at in addresses:
        dirty = "0x01" + log.topics[at][4:]
        changed = replace(log, topics=(*log.topics[:at], dirty, *log.topics[at + 1 :]))
        assert_refused(read, receipt, log, changed, slug)


@every_side
def test_a_megabyte_is_not_read(read: Read, receipt: Receipt, log: Log, slug: str) -> None:
    changed = replace(log, data=log.data + "00" * (1 << 20))
    if len(log.data) > 2:
        assert_refused(read, receipt, log, changed, slug)
    else:
        read(with_good(receipt, log, changed))


def text_events() -> list[Any]:
    return [
        pytest.param(slug, event, id=f"{slug}-{name}")
        for slug, bridge in registry().items()
        for name, event in bridge.facts.events.items()
        if any("string" in param.type and not param.indexed for param in event.params)
        and event.topic in bridge.readers()
    ]


@pytest.mark.parametrize(("slug", "event"), text_events())
def test_text_that_is_not_utf8_is_refused(slug: str, event: Event) -> None:
    bridge = registry()[slug]
    chain, addresses = next(iter(bridge.facts.contracts.items()))
    address = next(
        address for address in addresses if contract_reads(bridge, chain, address, event)
    )
    plain = [param.type.replace("string", "bytes") for param in event.params if not param.indexed]
    data = encode(plain, [_value(kind) for kind in plain])
    words = ["0x" + "00" * 31 + "01" for param in event.params if param.indexed]
    log = Log(address, (event.topic, *words), "0x" + data.hex(), TX, 0)
    receipt = Receipt(chain, TX, ALICE, BOB, [log])
    assert [row.bridge for row in departures(receipt).refused] == [slug]


def contract_reads(bridge: Any, chain: str, address: str, event: Event) -> bool:
    """Whether the bridge would read that event there: it then refuses an empty one."""
    log = Log(address, (event.topic,), "0x", TX, 0)
    try:
        bridge.readers()[event.topic](Receipt(chain, TX, ALICE, BOB, [log]), log)
    except BadLog:
        return True
    return False


def _value(kind: str) -> Any:
    if kind.startswith("("):
        return tuple(_value(part) for part in kind[1:-1].split(","))
    return {"bytes": b"\xff\xfe", "address": ALICE, "bool": False}.get(
        kind, bytes(32) if kind == "bytes32" else 1
    )


OWN = [
    (chain, address)
    for bridge in registry().values()
    for chain, addresses in bridge.facts.contracts.items()
    for address in addresses
]
TOPICS = sorted(topics())
WORDS = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.integers(0, 2**160 - 1).map(lambda value: value.to_bytes(32)),
    st.integers(0, 1000).map(lambda value: value.to_bytes(32)),
)


@examples(1500)
@given(
    st.sampled_from(OWN),
    st.lists(
        st.tuples(
            st.sampled_from(TOPICS),
            st.lists(WORDS, max_size=4),
            st.one_of(st.binary(max_size=600), st.lists(WORDS, max_size=24).map(b"".join)),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_random_logs_of_own_contracts_never_raise(
    own: tuple[str, str], rows: list[tuple[str, list[bytes], bytes]]
) -> None:
    chain, address = own
    logs = [
        Log(address, (topic, *("0x" + word.hex() for word in words)), "0x" + data.hex(), TX, at)
        for at, (topic, words, data) in enumerate(rows)
    ]
    receipt = Receipt(chain, TX, ALICE, address, logs)
    for found in (departures(receipt).found, landings(receipt).found):
        assert all(fits(one) for one in found)


@examples(1500)
@given(
    st.sampled_from([param.values for param in SIDES]),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_altered_logs_never_raise(side: Any, changes: list[tuple[int, int]]) -> None:
    _, receipt, log, _ = side
    data = bytearray(bytes.fromhex(log.data[2:]))
    for at, value in changes:
        if data:
            data[at % len(data)] = value
    spoilt = with_good(receipt, log, replace(log, data="0x" + data.hex()))
    assert all(fits(one) for one in [*departures(spoilt).found, *landings(spoilt).found])


def fits(told: Departure | Landing) -> bool:
    """Whether the columns hold it (tracing/models/crossing.py) and no text is the sender's own."""
    widths = {"bridge": 40, "match_key": 200, "to_address": 130, "asset": 200, "to_chain": 60,
              "from_chain": 60, "to_asset": 200, "sender": 130}  # fmt: skip
    texts = {name: getattr(told, name, "") for name in widths}
    narrow = all(len(text) <= widths[name] for name, text in texts.items())
    plain = all(re.fullmatch(r"[-.:/%_a-zA-Z0-9]*", text) for text in texts.values())
    return narrow and plain and (told.amount is None or 0 <= told.amount < 2**128)


def test_longest_numbers_fit_their_columns() -> None:
    """Numbers of 78 digits where a contract lets a sender choose them."""
    most = 2**256 - 1
    hop = {"recipient": BOB, "amount": 1, "amountOutMin": most, "deadline": most,
           "relayer": ALICE, "relayerFee": most, "chainId": 10}  # fmt: skip
    logs = [own_log("hop", "TransferSentToL2", E1, "", hop)]
    (left,) = departures(Receipt(E1, TX, ALICE, BOB, logs)).found
    assert fits(left)


def test_log_without_topics_is_nobodys() -> None:
    log = Log(BOB, (), "0x", TX, 0)
    assert departures(Receipt(E1, TX, ALICE, BOB, [log])) == ([], [])


def test_longest_real_data_is_still_read() -> None:
    memo = {**GOOD, "memo": "=:ETH.ETH:" + ALICE}
    log = own_log("thorchain", "Deposit", E1, "router", memo)
    assert len(log.data) // 2 < MAX_BYTES
    padded = replace(log, data=log.data + "00" * (MAX_BYTES - len(log.data) // 2))
    assert len(departures(Receipt(E1, TX, ALICE, BOB, [padded])).found) == 1
