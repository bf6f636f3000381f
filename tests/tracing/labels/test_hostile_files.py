"""Label files that are cut off, broken or made to harm; each beside the good one."""

import io
import json
import time

import pytest

from tests.tracing.labels.real import dated
from tracing import labels
from tracing.labels.base import LONGEST_NAME, BadLabelFile, BadRow, LabelFact, Said

DAY = dated("2026-11-21")
SAID = Said("eip155:1", "a test", DAY)
A, B = "0x" + "a1" * 20, "0x" + "b2" * 20
MIXED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"  # of EIP-55

PACK = f"""title: A pack
creator: A test
source: https://example.org/list
lastmod: 2026-11-20
category: exchange
currency: ETH
tags:
- label: Example 1
  address: '{A}'
- label: Example 2
  address: {B}
  actor: example
  confidence: service_data
"""
CSV = f"chain,address,name,category,source,date\nethereum,{A},Example 1,exchange_hot,s,2026-01-31\n"
JSON = json.dumps({A: {"name": "Example 1", "labels": ["binance"]}})
LIST = f"{A}\n{MIXED}\n"
SDN = f"""<?xml version="1.0" encoding="utf-8"?>
<Sanctions xmlns="https://www.un.org/sanctions/1.0">
 <DateOfIssue CalendarTypeID="1"><Year>2024</Year><Month>9</Month><Day>26</Day></DateOfIssue>
 <ReferenceValueSets><FeatureTypeValues>
  <FeatureType ID="8" FeatureTypeGroupID="1">Birthdate</FeatureType>
  <FeatureType ID="344" FeatureTypeGroupID="1">Digital Currency Address - XBT</FeatureType>
  <FeatureType ID="345" FeatureTypeGroupID="1">Digital Currency Address - ETH</FeatureType>
  <FeatureType ID="999" FeatureTypeGroupID="1">Digital Currency Address - QQQ</FeatureType>
 </FeatureTypeValues></ReferenceValueSets>
 <DistinctParties>
  <DistinctParty FixedRef="1001"><Profile ID="1001" PartySubTypeID="4">
   <Identity ID="1" FixedRef="1001" Primary="true">
    <Alias AliasTypeID="1400" Primary="false"><DocumentedName><DocumentedNamePart>
     <NamePartValue>ANOTHER NAME</NamePartValue></DocumentedNamePart></DocumentedName></Alias>
    <Alias AliasTypeID="1403" Primary="true"><DocumentedName>
     <DocumentedNamePart><NamePartValue>DOE</NamePartValue></DocumentedNamePart>
     <DocumentedNamePart><NamePartValue>Jane</NamePartValue></DocumentedNamePart>
    </DocumentedName></Alias></Identity>
   <Feature ID="5" FeatureTypeID="8"><FeatureVersion ID="6"><VersionDetail>1970</VersionDetail>
   </FeatureVersion></Feature>
   <Feature ID="7" FeatureTypeID="344"><FeatureVersion ID="8"><Comment/>
    <VersionDetail DetailTypeID="1432">123WBUDmSJv4GctdVEz6Qq6z8nXSKrJ4KX</VersionDetail>
   </FeatureVersion></Feature>
   <Feature ID="9" FeatureTypeID="345"><FeatureVersion ID="10">
    <VersionDetail>{MIXED}</VersionDetail>
   </FeatureVersion></Feature>
   <Feature ID="11" FeatureTypeID="999"><FeatureVersion ID="12"><VersionDetail>x</VersionDetail>
   </FeatureVersion></Feature>
  </Profile></DistinctParty>
 </DistinctParties>
</Sanctions>
"""
GOOD = {"tagpack": PACK, "csv": CSV, "etherscan": JSON, "ofac-list": LIST, "ofac-xml": SDN}


def read(slug: str, text: str | bytes, said: Said = SAID) -> list[LabelFact | BadRow]:
    data = text.encode() if isinstance(text, str) else text
    return list(labels.registry()[slug].read(io.BytesIO(data), said))


def facts(slug: str, text: str | bytes) -> list[LabelFact]:
    return [row for row in read(slug, text) if isinstance(row, LabelFact)]


def refused(slug: str, text: str | bytes) -> str:
    """Why a whole file is refused."""
    with pytest.raises(BadLabelFile) as caught:
        read(slug, text)
    return str(caught.value)


def test_there_is_a_good_file_of_every_format() -> None:
    assert set(labels.registry()) == set(GOOD)
    for slug, text in GOOD.items():
        assert facts(slug, text), slug
        assert facts(slug, b"\xef\xbb\xbf" + text.encode()) == facts(slug, text)


def test_the_sanctions_list_tells_party_currency_and_day() -> None:
    rows = read("ofac-xml", SDN, Said())
    common = {"name": "DOE Jane", "category": "sanction", "actor": ""}
    common |= {"source": "OFAC SDN list, party 1001", "confidence": "authority_data"}
    bitcoin = "bip122:000000000019d6689c085ae165831e93"
    assert rows == [
        LabelFact(  # type: ignore[arg-type]
            chain=bitcoin,
            address="123WBUDmSJv4GctdVEz6Qq6z8nXSKrJ4KX",
            dated=dated("2024-09-26"),
            **common,
        ),
        LabelFact(chain="eip155:1", address=MIXED.lower(), dated=dated("2024-09-26"), **common),  # type: ignore[arg-type]
        BadRow("party 1001", "QQQ: The chain of 'QQQ' is not known here."),
    ]


@pytest.mark.parametrize("slug", sorted(GOOD))
def test_a_file_that_was_cut_off_is_never_half_believed(slug: str) -> None:
    whole = GOOD[slug].rstrip().encode()
    for length in range(0, len(whole), max(1, len(whole) // 60)):
        try:
            rows = read(slug, whole[:length])
        except BadLabelFile:
            continue
        good = [row for row in rows if isinstance(row, LabelFact)]
        assert all(len(row.address) in (34, 42) for row in good)


@pytest.mark.parametrize("slug", sorted(GOOD))
@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe" + "title: x".encode("utf-16-le"),
        b"title: \xe9\xe8\n",
        b"\x00\x01\x02\x03" * 64,
        b"x" * (10 << 20),
        b"[" * 200_000,
        b"{" * 200_000,
        b"- " * 200_000,
        b"<a>" * 200_000,
    ],
    ids=["utf-16", "latin-1", "binary", "one long line", "lists", "objects", "dashes", "elements"],
)
def test_what_is_no_such_file_is_refused_soon(slug: str, data: bytes) -> None:
    begun = time.monotonic()
    try:
        rows = read(slug, data)
    except BadLabelFile:
        pass
    else:
        assert rows
        assert not [row for row in rows if isinstance(row, LabelFact)]
        assert all(len(row.reason) < 300 for row in rows if isinstance(row, BadRow))
    assert time.monotonic() - begun < 20


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "head",
    [
        f'<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_entities_of_xml_are_refused(head: str) -> None:
    text = SDN.replace('encoding="utf-8"?>', f'encoding="utf-8"?>{head}')
    assert "DTD" in refused("ofac-xml", text)


@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n",
        "anchor: &unused x\n",
        "base: &base {label: x}\nmerged:\n  <<: *base\n",
    ],
)
def test_anchors_and_aliases_of_yaml_are_refused(bomb: str) -> None:
    assert "anchor or an alias" in refused("tagpack", bomb + PACK)


def test_yaml_makes_no_objects_and_takes_an_address_without_quotes() -> None:
    tagged = PACK.replace("label: Example 1", "label: !!python/object/apply:os.getcwd []")
    assert read("tagpack", tagged)[0] == BadRow("tags[0]", "[] is no text.")
    assert [one.address for one in facts("tagpack", PACK)] == [A, B]


def test_a_tag_says_what_the_header_does_not() -> None:
    first, second = facts("tagpack", PACK)
    assert (first.actor, first.confidence, first.dated) == ("example", "", dated("2026-11-20"))
    assert (second.actor, second.confidence, second.name) == (
        "example",
        "service_data",
        "Example 2",
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"ethereum,{MIXED[:-1]}D,x,exchange,s,2026-01-31", "capital letters"),
        ("ethereum,0x12,x,exchange,s,2026-01-31", "40 hexadecimal"),
        ("ethereum,,x,exchange,s,2026-01-31", "no address"),
        (f"atlantis,{A},x,exchange,s,2026-01-31", "not known here"),
        (f"bitcoin,{A},x,exchange,s,2026-01-31", "not one of this chain"),
        (f"ethereum,{A},x,exchange,s,31.01.2026", "no date"),
        (f"ethereum,{A},x,exchange,s", "5 fields"),
        (f"ethereum,{A},x,exchange,s,2026-01-31,more", "7 fields"),
        (f"ethereum,{A},,,s,2026-01-31", "says nothing"),
        (f"ethereum,{'0' * 4000},x,exchange,s,2026-01-31", "at most 128"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_stops_no_other(row: str, reason: str) -> None:
    rows = read("csv", CSV + row + "\n" + CSV.splitlines()[1].replace(A, B) + "\n")
    assert [one.address for one in rows if isinstance(one, LabelFact)] == [A, B]
    (bad,) = [one for one in rows if isinstance(one, BadRow)]
    assert bad.place == "line 3"
    assert reason in bad.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no header"),
        ("a,b,c\n1,2,3\n", "no header"),
        ("address,address\n", "no header"),
        ("address,colour\n", "colour"),
        (CSV + '"never closed', "not CSV"),
    ],
)
def test_a_table_without_its_header_is_refused(text: str, reason: str) -> None:
    assert reason in refused("csv", text)


def test_text_that_is_made_to_deceive_is_cleaned_and_stays_text() -> None:
    name = "=cmd|'/c calc'!A1 <script>\u202eevil\u202c\u200b\x1b[31m" + "x" * 500
    (one,) = facts("etherscan", json.dumps({A: {"name": name, "labels": []}}))
    assert one.name.startswith("=cmd|'/c calc'!A1 <script>evil[31mxxx")
    assert len(one.name) == LONGEST_NAME
    assert one.name.isprintable()


def test_what_the_file_does_not_say_somebody_has_to() -> None:
    good = Said("eip155:1", "a test", DAY)
    for slug, missing, reason in [
        ("ofac-list", Said("", "s", DAY), "--chain"),
        ("ofac-list", Said("ETH", "s", None), "--dated"),
        ("etherscan", Said("", "", DAY), "--chain"),
        ("csv", Said("eip155:1", "", DAY), "--source"),
    ]:
        text = f"address,name\n{A},x\n" if slug == "csv" else GOOD[slug]
        assert all(isinstance(row, LabelFact) for row in read(slug, text, good))
        rows = read(slug, text, missing)
        assert rows
        assert all(isinstance(row, BadRow) and reason in row.reason for row in rows)


def test_a_guess_of_a_source_is_marked_as_one() -> None:
    text = f"address,name,confidence\n{A},x,heuristic\n{B},x,certain\n"
    assert [one.is_inferred for one in facts("csv", text)] == [True, False]
