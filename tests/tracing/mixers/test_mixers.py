"""Mixers: published hashes, what their logs say, hostile logs, and the facts with their sources."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from tracing import mixers
from tracing.core import caip
from tracing.core.logs import BadLog, Log
from tracing.mixers import privacy_pools, railgun, tornado_cash
from tracing.mixers.base import Deposit, Seen, Withdrawal
from tracing.mixers.contracts import contracts, of_chain

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("HOLDFAST_DATA", ROOT.parent / "shared" / "data"))
COLLECTED = DATA / "facts" / "mixers.json"

needs_facts = pytest.mark.skipif(
    not COLLECTED.is_file(), reason=f"no collected facts at {DATA} (set HOLDFAST_DATA)"
)
POOL, THIEF, HELPER = ("0x" + pair * 20 for pair in ("90", "b0", "c0"))
ETHER_POOL = "0xf241d57c6debae225c0f2e6ea1529373c9a9c9fb"


def word(value: int | str) -> str:
    number = int(value, 16) if isinstance(value, str) else value
    return f"{number:064x}"


def log(topic: str, *indexed: int | str, data: str = "", at: str = POOL) -> Log:
    topics = (topic, *("0x" + word(one) for one in indexed))
    return Log(at, topics, "0x" + data, "0x" + "11" * 32, 4)


def shield(*values: int) -> str:
    commitments = [(bytes(32), (0, HELPER, 0), value) for value in values]
    kinds = [
        *("uint256", "uint256", "(bytes32,(uint8,address,uint256),uint120)[]"),
        *("(bytes32[3],bytes32)[]", "uint256[]"),
    ]
    return encode(kinds, [0, 0, commitments, [], []]).hex()


LOGS: dict[str, tuple[Log, Seen]] = {
    "tornado deposit": (
        log(tornado_cash.DEPOSIT, 7, data=word(3) + word(9)),
        Deposit(POOL),
    ),
    "tornado withdrawal by a relayer": (
        log(tornado_cash.WITHDRAWAL, HELPER, data=word(THIEF) + word(5) + word(1)),
        Withdrawal(POOL, THIEF, HELPER),
    ),
    "tornado withdrawal by oneself": (
        log(tornado_cash.WITHDRAWAL, 0, data=word(THIEF) + word(5) + word(0)),
        Withdrawal(POOL, THIEF),
    ),
    "railgun shield of one": (log(railgun.SHIELD, data=shield(500)), Deposit(POOL, amount=500)),
    "railgun shield of two": (log(railgun.SHIELD, data=shield(500, 6)), Deposit(POOL)),
    "railgun unshield": (
        log(
            railgun.UNSHIELD,
            data=word(THIEF) + word(0) + word(HELPER) + word(0) + word(700) + word(2),
        ),
        Withdrawal(POOL, THIEF, amount=700),
    ),
    "privacy pools deposit": (
        log(privacy_pools.DEPOSITED, THIEF, data=word(1) + word(2) + word(800) + word(3)),
        Deposit(POOL, THIEF, 800),
    ),
    "privacy pools relayed withdrawal": (
        log(
            privacy_pools.RELAYED,
            *(HELPER, THIEF, "0x" + "ee" * 20),
            data=word(800) + word(1),
            at=privacy_pools.ENTRYPOINT,
        ),
        Withdrawal(ETHER_POOL, THIEF, HELPER, 800),
    ),
    "privacy pools withdrawal": (
        log(privacy_pools.WITHDRAWN, THIEF, data=word(800) + word(1) + word(2)),
        Withdrawal(POOL, THIEF, amount=800),
    ),
    "privacy pools ragequit": (
        log(privacy_pools.RAGEQUIT, THIEF, data=word(1) + word(2) + word(800)),
        Withdrawal(POOL, THIEF, amount=800, is_return=True),
    ),
}


@pytest.mark.parametrize(("entry", "said"), LOGS.values(), ids=LOGS)
def test_a_log_says_what_its_mixer_means(entry: Log, said: Seen) -> None:
    assert mixers.is_of_interest(entry)
    assert mixers.read(entry) == said


@pytest.mark.parametrize(("entry", "said"), LOGS.values(), ids=LOGS)
def test_a_truncated_or_made_up_log_is_refused(entry: Log, said: Seen) -> None:
    assert mixers.read(entry) == said
    for topics, data in (
        (entry.topics, "0x"),
        (entry.topics, entry.data[:-2]),
        (entry.topics, "0x" + "ff" * 31),
        ((*entry.topics, "0x" + word(1)), entry.data),
    ):
        with pytest.raises(BadLog):
            mixers.read(Log(entry.address, topics, data, entry.tx, 0))


def test_a_word_that_is_no_address_is_refused() -> None:
    bad = log(tornado_cash.WITHDRAWAL, HELPER, data="f" * 64 + word(5) + word(1))
    with pytest.raises(BadLog):
        mixers.read(bad)


def test_a_shield_that_lies_about_its_length_is_refused() -> None:
    good = shield(500)
    for words in (
        [0, 0, 2**255, 0, 0, 0],
        [0, 0, 33, 0, 0, 0],
        [0, 0, 160, 0, 0, 5],
        [0, 0, 160, 0, 0, 2**200],
    ):
        with pytest.raises(BadLog):
            mixers.read(log(railgun.SHIELD, data="".join(word(n) for n in words)))
    assert mixers.read(log(railgun.SHIELD, data=good)) is not None


def test_the_word_of_a_stranger_about_privacy_pools_is_nothing() -> None:
    entry, said = LOGS["privacy pools relayed withdrawal"]
    assert mixers.read(entry) == said
    assert mixers.read(Log(POOL, entry.topics, entry.data, entry.tx, 0)) is None
    unknown = (*entry.topics[:3], "0x" + word(HELPER))
    assert mixers.read(Log(entry.address, unknown, entry.data, entry.tx, 0)) is None
    relayed = log(privacy_pools.WITHDRAWN, privacy_pools.ENTRYPOINT, data=word(8) + word(1) * 2)
    assert mixers.read(relayed) is None


def test_topics_are_the_hashes_of_their_signatures() -> None:
    for mixer in mixers.registry().values():
        for topic, signature in mixer.signatures.items():
            assert topic == "0x" + keccak(text=signature).hex(), signature
        assert mixer.readers().keys() <= mixer.signatures.keys()


def test_every_contract_names_a_mixer_and_its_source() -> None:
    for one in contracts():
        assert one.mixer in mixers.registry()
        assert one.source
        assert caip.parse_address(one.chain, one.address) == one.address
    assert of_chain("eip155:1")["0xa160cdab225685da1d56aa342ad8841c3b53f291"].denomination == "100"
    assert of_chain("eip155:31337") == {}


def test_a_contract_that_its_source_doubts_is_no_sink() -> None:
    doubtful = {one.address for one in contracts() if not one.is_sure}
    assert doubtful
    assert not doubtful & of_chain("eip155:100").keys()


@needs_facts
def test_everything_that_was_collected_is_here() -> None:
    collected: Any = json.loads(COLLECTED.read_text("utf-8"))
    places, topics = set(), set()
    for mixer in collected["mixers"]:
        topics |= {event["topic0"] for event in mixer["events"]}
        for key in ("instances", "routers", "registry", "contracts"):
            places |= {row["address"].lower() for row in mixer.get(key, ())}
    places |= {row["address"] for row in collected["bitcoin"]["services"] if row["address"]}
    assert {one.address for one in contracts()} == places
    assert {t for m in mixers.registry().values() for t in m.signatures} == topics
    pools = [one for one in contracts() if (one.mixer, one.role) == ("tornado-cash", "pool")]
    assert len(pools) == len(collected["mixers"][0]["instances"]) == 51
