"""Identifiers: what is right becomes canonical, what is wrong is refused with the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.core.amounts import UINT256_MAX, format_amount, parse_amount, parse_uint256
from tracing.core.caip import (
    contract_of,
    native_asset,
    parse_account,
    parse_address,
    parse_asset,
    parse_chain,
    parse_tx_hash,
)
from tracing.core.errors import InvalidIdentifier

BITCOIN = "bip122:000000000019d6689c085ae165831e93"
TESTNET = "bip122:000000000933ea01ad0ee984209779ba"
ZCASH = "bip122:00040fe8ec8471911baa1db1266ea15d"
BITCOIN_CASH = "bip122:000000000000000000651ef99cb9fcbe"
SOLANA = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"
TRON = "tron:0x2b6653dc"
MIXED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"  # EIP-55's own example


@pytest.mark.parametrize(
    ("chain", "text", "canonical"),
    [
        ("eip155:1", MIXED, MIXED.lower()),
        ("eip155:1", MIXED.lower(), MIXED.lower()),
        ("eip155:31337", "0x" + MIXED[2:].upper(), MIXED.lower()),
        (ZCASH, "t1MMXtBrSp1XG38Lx9cePcNUCJj5vdWfUWL", "t1MMXtBrSp1XG38Lx9cePcNUCJj5vdWfUWL"),
        (
            BITCOIN_CASH,
            "bitcoincash:qpf2cphc5dkuclkqur7lhj2yuqq9pk3hmukle77vhq",
            "qpf2cphc5dkuclkqur7lhj2yuqq9pk3hmukle77vhq",
        ),
        (BITCOIN_CASH, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        (BITCOIN, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        (BITCOIN, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
        (
            BITCOIN,
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        ),
        (
            BITCOIN,
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        ),
        (
            TESTNET,
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
        ),
        (
            SOLANA,
            "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
            "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
        ),
        (TRON, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        ("cosmos:cosmoshub-4", "cosmos1t2uflqwqe0fsj0shcfkrvpukewcw40yjj6hdc0", None),
    ],
)
def test_right_address_becomes_canonical(chain: str, text: str, canonical: str | None) -> None:
    assert parse_address(chain, f" {text}\n") == (canonical or text)


@pytest.mark.parametrize(
    ("chain", "text", "code"),
    [
        ("eip155:1", MIXED.replace("5aA", "5AA"), "checksum"),
        ("eip155:1", MIXED[:-1], "address"),
        ("eip155:1", MIXED[2:], "address"),
        ("eip155:1", "0x" + "٣" * 40, "address"),
        ("eip155:one", MIXED, "chain"),
        ("ethereum", MIXED, "chain"),
        (BITCOIN, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "checksum"),
        (ZCASH, "t1MMXtBrSp1XG38Lx9cePcNUCJj5vdWfUWM", "checksum"),
        (ZCASH, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "address"),
        (BITCOIN_CASH, "qpf2cphc5dkuclkqur7lhj2yuqq9pk3hmukle77vhp", "checksum"),
        (BITCOIN_CASH, "Qpf2cphc5dkuclkqur7lhj2yuqq9pk3hmukle77vhq", "address"),
        (BITCOIN_CASH, "bitcoincash:" + "b" * 42, "address"),
        (BITCOIN, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "checksum"),
        (BITCOIN, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3T4", "address"),
        (BITCOIN, "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "address"),  # testnet's
        (BITCOIN, "bc1" + "q" * 500, "address"),
        (SOLANA, "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5D", "address"),
        (SOLANA, "0" * 44, "address"),
        (TRON, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", "checksum"),
        (TRON, "0xa614f803b6fd780986a42c78ec9c7f77e6ded13c", "address"),
        ("cosmos:cosmoshub-4", "<script>", "address"),
    ],
)
def test_wrong_address_is_refused_with_the_reason(chain: str, text: str, code: str) -> None:
    with pytest.raises(InvalidIdentifier) as refusal:
        parse_address(chain, text)
    assert refusal.value.code == code
    assert refusal.value.message.endswith(".")


def test_account_reads_back_and_shows_its_checksum() -> None:
    account = parse_account(f"eip155:1:{MIXED}")
    assert str(account) == f"eip155:1:{MIXED.lower()}"
    assert account.display == MIXED
    with pytest.raises(InvalidIdentifier, match="chain:address"):
        parse_account(MIXED)


@pytest.mark.parametrize(
    ("text", "canonical", "contract"),
    [
        ("eip155:1/slip44:60", "eip155:1/slip44:60", None),
        (f"eip155:1/erc20:{MIXED}", f"eip155:1/erc20:{MIXED.lower()}", MIXED.lower()),
        (f"eip155:1/erc721:{MIXED}/0042", f"eip155:1/erc721:{MIXED.lower()}/42", MIXED.lower()),
    ],
)
def test_asset_becomes_canonical(text: str, canonical: str, contract: str | None) -> None:
    assert str(parse_asset(text)) == canonical
    assert contract_of(canonical) == contract


@pytest.mark.parametrize(
    "text",
    ["eip155:1", "eip155:1/erc20:0x12", "eip155:1/slip44:x", f"eip155:1/erc721:{MIXED}/{1 << 256}"],
)
def test_wrong_asset_is_refused(text: str) -> None:
    with pytest.raises(InvalidIdentifier):
        parse_asset(text)


def test_native_assets() -> None:
    assert native_asset("eip155:31337") == "eip155:31337/slip44:60"
    assert native_asset("eip155:137") == "eip155:137/slip44:966"
    assert native_asset(BITCOIN) == f"{BITCOIN}/slip44:0"
    with pytest.raises(InvalidIdentifier):
        native_asset("cosmos:cosmoshub-4")


def test_chain_grammar() -> None:
    assert str(parse_chain(" eip155:1 ")) == "eip155:1"
    for text in ("eip155:01", "eip155:", "EIP155:1", "eip155:1:2", "e:1"):
        with pytest.raises(InvalidIdentifier):
            parse_chain(text)


def test_transaction_hashes() -> None:
    assert parse_tx_hash("eip155:1", "0x" + "AB" * 32) == "0x" + "ab" * 32
    assert parse_tx_hash(BITCOIN, "AB" * 32) == "ab" * 32
    for chain, text in (("eip155:1", "ab" * 32), ("eip155:1", "0x12"), (SOLANA, "ab"), (TRON, "x")):
        with pytest.raises(InvalidIdentifier) as refusal:
            parse_tx_hash(chain, text)
        assert refusal.value.code == "hash"


def test_amounts_are_exact_and_never_rounded() -> None:
    assert parse_amount("30765.667501709008927568", 18) == 30765667501709008927568
    assert parse_amount(".5", 6) == 500_000
    assert parse_amount("1.500", 1) == 15
    assert parse_uint256(str(UINT256_MAX)) == UINT256_MAX
    for text in ("1.23", "1,5", "1e5", "-1", "", ".", "٣", "1_000", "+1"):
        with pytest.raises(InvalidIdentifier):
            parse_amount(text, 1)
    for text in (str(UINT256_MAX + 1), "1.0", "0x1", "", "²"):
        with pytest.raises(InvalidIdentifier):
            parse_uint256(text)


@given(st.integers(0, UINT256_MAX), st.integers(0, 77))
def test_amount_reads_back(amount: int, decimals: int) -> None:
    assert parse_amount(format_amount(amount, decimals), decimals) == amount


@given(st.text(max_size=120), st.sampled_from(["eip155:1", BITCOIN, SOLANA, TRON, "near:mainnet"]))
def test_any_text_is_an_address_or_a_refusal(text: str, chain: str) -> None:
    try:
        address = parse_address(chain, text)
    except InvalidIdentifier:
        return
    assert parse_address(chain, address) == address
