"""The data files: every published hash is that of its signature, every address is one."""

import re

import pytest
from eth_utils.crypto import keccak

from tests.architecture.source import ROOT
from tracing.bridges import contracts, registry
from tracing.core.caip import parse_address, parse_chain

BRIDGES = sorted(registry())


@pytest.mark.parametrize("slug", BRIDGES)
def test_topics_are_the_hashes_of_their_signatures(slug: str) -> None:
    for name, event in registry()[slug].facts.events.items():
        assert event.topic == "0x" + keccak(text=event.signature).hex(), name
        assert event.source, name


@pytest.mark.parametrize("slug", BRIDGES)
def test_addresses_and_chains_are_canonical(slug: str) -> None:
    facts = registry()[slug].facts
    for chain, addresses in facts.contracts.items():
        for address, contract in addresses.items():
            assert parse_address(chain, address) == address
            assert not contract.partner or parse_chain(contract.partner)
    for chain in facts.chains.values():
        assert str(parse_chain(chain)) == chain


@pytest.mark.parametrize("slug", BRIDGES)
def test_every_topic_that_is_read_is_in_the_data(slug: str) -> None:
    bridge = registry()[slug]
    known = {event.topic for event in bridge.facts.events.values()} | {TRANSFER}
    assert set(bridge.readers()) <= known


def test_data_and_decoders_are_the_same_set() -> None:
    from tracing.bridges._facts import DATA

    assert {path.stem for path in DATA.glob("*.json")} == set(BRIDGES)


def test_docs_list_every_bridge() -> None:
    text = (ROOT / "docs" / "bridges.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([a-z0-9_]+) \|", text, re.MULTILINE)
    assert sorted(set(listed) - {"bridge"}) == BRIDGES


def test_escrows_are_labels_by_chain() -> None:
    labels = contracts()
    assert labels["eip155:1"]["0xd37bbe5744d730a1d98d8dc97c42f0ca46ad7146"] == "thorchain"
    assert all(re.fullmatch(r"[a-z0-9_]+", slug) for slug in registry())


TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
