"""The chains that ship as configuration, and the reader of such files."""

import json

import pytest

from tracing.chains import evm_commitments, saved, shipped
from tracing.chains.shipped_fields import BadChainFile
from tracing.core import caip
from tracing.issuers import tokens as issued
from tracing.labels import currencies, starter

WANTED = {
    "ethereum": "eip155:1",
    "arbitrum": "eip155:42161",
    "base": "eip155:8453",
    "optimism": "eip155:10",
    "polygon": "eip155:137",
    "bnb": "eip155:56",
    "avalanche": "eip155:43114",
    "linea": "eip155:59144",
    "scroll": "eip155:534352",
    "zksync": "eip155:324",
    "gnosis": "eip155:100",
}
GOOD = """
caip2 = "eip155:7777"
name = "Seven"
aliases = ["Sevens"]
block_seconds = 2
quorum = 3
commitments = ["header"]
[native]
symbol = "SVN"
decimals = 18
slip44 = 60
[finality]
rule = "depth"
depth = 12
[[tokens]]
address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
symbol = "TKN"
decimals = 6
source = "its contract"
[[endpoints]]
operator = "alpha"
url_env = "ALPHA_URL"
"""


def test_every_chain_ships_with_its_facts() -> None:
    assert {name: one.caip2 for name, one in shipped.shipped().items()} == WANTED
    for one in shipped.shipped().values():
        assert one.native_asset == caip.native_asset(one.caip2)
        assert one.quorum == 2
        assert one.finality_source
        assert one.wrapped_native is not None
        assert all(token.source for token in (one.wrapped_native, *one.tokens))
        assert one.endpoints == ()
    assert shipped.COMMITMENTS == evm_commitments.NAMES


def test_ponders_depths_are_the_least() -> None:
    """Its figures by chain; others 30. We wait longer where the reason is in the file."""
    least = {"ethereum": 65, "polygon": 200, "arbitrum": 240}
    for name, one in shipped.shipped().items():
        assert one.final_depth >= least.get(name, 30), name


def test_addresses_are_written_with_their_checksum() -> None:
    for path in shipped.FOLDER.glob("*.toml"):
        for line in path.read_text().splitlines():
            if line.startswith("address = "):
                written = line.split('"')[1]
                canonical = caip.parse_address("eip155:1", written)
                assert caip.display_address("eip155:1", canonical) == written


def test_names_of_chains_are_said_in_one_place_and_elsewhere_mean_the_same() -> None:
    assert shipped.names() == saved.CHAINS
    for name, chain in WANTED.items():
        assert shipped.names()[name] == chain
        assert shipped.find(name.upper()) is shipped.find(chain)
    assert shipped.find("solana") is None
    lists = currencies.CHAINS
    for name in shipped.names().keys() & lists.keys():
        assert shipped.names()[name] == lists[name]


def test_no_token_is_told_twice_and_the_directories_agree() -> None:
    known = {
        (row.chain, row.address): (row.symbol, row.decimals, row.status) for row in issued.tokens()
    }
    for one in shipped.shipped().values():
        for token in one.tokens:
            symbol, decimals, status = known.get((one.caip2, token.address), (None, None, ""))
            assert status != issued.VERIFIED, f"{token.symbol} of {one.name} ships already"
            if symbol is not None:
                assert (symbol, decimals) == (token.symbol, token.decimals)
    (weth,) = [
        row for row in json.loads(starter.ETHEREUM.read_text())["assets"] if row["symbol"] == "WETH"
    ]
    wrapped = shipped.shipped()["ethereum"].wrapped_native
    assert wrapped is not None
    assert weth["contract"].lower() == wrapped.address


def test_a_file_of_ones_own_is_read() -> None:
    one = shipped.parse(GOOD)
    assert (one.caip2, one.name, one.aliases, one.family) == (
        "eip155:7777",
        "Seven",
        ("sevens",),
        "evm",
    )
    assert (one.native_asset, one.finality, one.final_depth, one.quorum) == (
        "eip155:7777/slip44:60",
        "depth",
        12,
        3,
    )
    assert [(t.address, t.decimals) for t in one.tokens] == [
        ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", 6)
    ]
    assert [(e.operator, e.url_env) for e in one.endpoints] == [("alpha", "ALPHA_URL")]


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        ('caip2 = "eip155:7777"', "", "caip2", "is missing"),
        ("eip155:7777", "ethereum", "caip2", "namespace:reference"),
        ('name = "Seven"', 'name = " "', "name", "is empty"),
        ('name = "Seven"', 'name = "Se\\u202even"', "name", "cannot be seen"),
        ('name = "Seven"', f'name = "{"x" * 61}"', "name", "more than 60"),
        ("block_seconds = 2", "block_seconds = nan", "block_seconds", "is not between"),
        ("block_seconds = 2", "block_seconds = true", "block_seconds", "is not a number"),
        ("quorum = 3", "quorum = 0", "quorum", "between 1 and 15"),
        ("quorum = 3", 'quorum = "3"', "quorum", "whole number"),
        ('["header"]', '["headers"]', "commitments[0]", "is none of"),
        ('["header"]', '["header", "header"]', "commitments[1]", "there already"),
        ("slip44 = 60", "slip44 = 966", "native.slip44", "known here as 60"),
        ('rule = "depth"', 'rule = "hope"', "finality.rule", "is none of"),
        ("depth = 12", "depth = 0", "finality.depth", "is not between"),
        ("BeAed", "Beaed", "tokens[0].address", ""),
        ('source = "its contract"', "", "tokens[0].source", "is missing"),
        ("decimals = 6", "decimals = 78", "tokens[0].decimals", "is not between"),
        ('url_env = "ALPHA_URL"', "", "endpoints[0].url_file", "either"),
        ('url_env = "ALPHA_URL"', 'url = "https://x/k3y"', "endpoints[0].url", "may hold a key"),
        ('operator = "alpha"', 'operator = "alpha"\nkind = "x"', "endpoints[0].kind", "none of"),
        ("[native]", "colour = 1\n[native]", "colour", "is not known"),
        ("[native]", "tokens = 1\n[native]", "file", "is not TOML"),
        ("[native]", "]", "file", "is not TOML"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(
    old: str, new: str, field: str, reason: str
) -> None:
    assert old in GOOD
    with pytest.raises(BadChainFile) as refused:
        shipped.parse(GOOD.replace(old, new, 1))
    assert refused.value.field == field
    assert reason in refused.value.reason
    assert "k3y" not in str(refused.value)


def test_a_file_that_ships_names_no_endpoint() -> None:
    for path in shipped.FOLDER.glob("*.toml"):
        assert "://" not in path.read_text()
        assert "endpoints" not in path.read_text()
