"""Hostile text is inert and visible; addresses are whole; markings read as FIRST writes them."""

import unicodedata

import pytest
from django.template import Context, Engine
from hypothesis import given
from hypothesis import strategies as st

from incidents.display import addresses, entries, markings, text

ENGINE = Engine(libraries={"holdfast": "incidents.templatetags.holdfast"})


def render(source: str, **context: object) -> str:
    return ENGINE.from_string("{% load holdfast %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("U\u202eCDS", "U[U+202E]CDS"),
        ("US\u200bDC", "US[U+200B]DC"),
        ("a\x00b\x1b[31m", "a[U+0000]b[U+001B][31m"),
        ("two\nlines", "two[U+000A]lines"),
        ("e" + "\u0301" * 5, "e\u0301\u0301" + "[U+0301]" * 3),
        ("Hangul\u3164filler", "Hangul[U+3164]filler"),
        ("Zürich 東京 ✓", "Zürich 東京 ✓"),
    ],
)
def test_what_cannot_be_seen_is_written_out(hostile: str, shown: str) -> None:
    assert text.visible(hostile) == shown


def test_lines_stay_where_lines_are_allowed() -> None:
    assert text.visible("two\nlines\r", lines=True) == "two\nlines[U+000D]"


@given(st.text(alphabet=st.characters(exclude_categories=["M"])))
def test_nothing_unseen_survives(value: str) -> None:
    shown = text.visible(value)
    assert text.visible(shown) == shown
    assert not any(unicodedata.category(c) in text.UNSEEN or c in text.BLANK for c in shown)


def test_lookalike_scripts_are_told() -> None:
    assert text.mixes_scripts("USD\u0421")  # the last letter is Cyrillic
    assert not text.mixes_scripts("USDC")
    assert not text.mixes_scripts("\u0422\u0435\u0437\u0435\u0440")


def test_markup_from_outside_is_escaped_and_isolated() -> None:
    shown = render("{{ name|outside:60 }}", name="<img src=x onerror=alert(1)>\u202e")
    assert "<img" not in shown
    assert shown.startswith('<bdi class="outside">&lt;img')
    assert '<span class="esc">[U+202E]</span>' in shown


def test_long_names_are_cut() -> None:
    assert render("{{ name|outside:10 }}", name="A" * 500) == (
        '<bdi class="outside">AAAAAAAAA…</bdi>'
    )


def test_amount_tag_keeps_every_digit() -> None:
    shown = render('{% amount value 18 "ETH" %}', value=30765667501709008927568)
    assert shown == (
        '<span class="amount">30,765<span class="frac">.667501709008927568</span>'
        '<span class="unit"><bdi class="outside">ETH</bdi></span></span>'
    )


def test_evm_addresses_get_their_checksum_and_others_keep_their_case() -> None:
    weth = addresses.show("eip155:1:0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2")
    assert (weth.chain, weth.full) == ("eip155:1", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2")
    assert weth.short == "0xC02aaA39…3C756Cc2"
    bitcoin = addresses.show(
        "bip122:000000000019d6689c085ae165831e93:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
    )
    assert bitcoin.full == "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"


@pytest.mark.parametrize(
    ("stored", "label", "css"),
    [
        ("amber", "TLP:AMBER", "tlp-amber"),
        ("amber+strict", "TLP:AMBER+STRICT", "tlp-amber-strict"),
        ("AMBER_STRICT", "TLP:AMBER+STRICT", "tlp-amber-strict"),
        ("TLP:GREEN", "TLP:GREEN", "tlp-green"),
        ("clear", "TLP:CLEAR", "tlp-clear"),
        ("red", "TLP:RED", "tlp-red"),
        (None, "TLP:RED", "tlp-red"),
        ("nonsense", "TLP:RED", "tlp-red"),
    ],
)
def test_markings_are_labelled(stored: str | None, label: str, css: str) -> None:
    assert (markings.label(stored), markings.css_class(stored)) == (label, css)


def test_sentences_are_cut_at_addresses_and_amounts() -> None:
    account = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
    said = f"30765.667501709008927568 ETH moved to {account} in block 1204."
    assert entries.tokens(said) == [
        {"text": "30,765", "address": "", "fraction": ".667501709008927568"},
        {"text": " ETH moved to ", "address": "", "fraction": ""},
        {
            "text": "0xC02aaA39…3C756Cc2",
            "address": "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
            "fraction": "",
        },
        {"text": " in block 1204.", "address": "", "fraction": ""},
    ]


def test_heights_and_years_are_no_amounts() -> None:
    said = "1249 ETH moved in block 12040 on 18 April 2026 at noon."
    assert "".join(t["text"] + t["fraction"] for t in entries.tokens(said)) == (
        "1,249 ETH moved in block 12040 on 18 April 2026 at noon."
    )
