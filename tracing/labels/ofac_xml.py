"""OFAC's SDN list in its advanced XML, read as a stream.

Structure: OFAC, "Advanced Sanctions List Standard" (after the UN's); the digital currency addresses
are features of a party whose type is called "Digital Currency Address - " and the currency. DTDs
and entities are refused (defusedxml).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from tracing.labels.base import BadLabelFile, BadRow, LabelFact, LabelFormat, Said, clean, fact

FEATURE = "Digital Currency Address - "
SOURCE = "OFAC SDN list"
MOST = 1 << 30  # the real file has more than 100 MB


class OfacAdvancedXml(LabelFormat):
    slug = "ofac-xml"
    name = "OFAC SDN list, advanced XML"
    most_bytes = MOST

    def read(self, stream: BinaryIO, said: Said) -> Iterator[LabelFact | BadRow]:
        types: dict[str, str] = {}  # id of a feature's type -> currency
        issued = said.dated
        parties = 0
        for element in _elements(_Bounded(stream, self.most_bytes)):
            match _local(element):
                case "DateOfIssue":
                    issued = _issued(element) or issued
                case "FeatureType":
                    called = clean(element.text, 200)
                    if called.startswith(FEATURE):
                        types[element.get("ID", "")] = called.removeprefix(FEATURE)
                case "DistinctParty":
                    parties += 1
                    yield from _party(element, types, Said(said.chain, said.source, issued))
                    element.clear()
                case "Location" | "IDRegDocument" | "SanctionsEntry" | "ProfileRelationship":
                    element.clear()  # of no use here, and most of the file
        if not parties:
            raise BadLabelFile("There is no party in it: this is not the advanced SDN list.")


class _Bounded:
    """A stream that ends with an error where it is too large."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self.stream, self.left = stream, most

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size if size >= 0 else 1 << 16)
        self.left -= len(data)
        if self.left < 0:
            raise BadLabelFile("It is too large.")
        return data


def _elements(stream: _Bounded) -> Iterator[Element]:
    try:
        for _, element in iterparse(stream, events=("end",), forbid_dtd=True):
            yield element
    except ParseError as error:
        raise BadLabelFile(f"It is not XML, or it was cut off: {error}.") from error
    except DefusedXmlException as error:
        raise BadLabelFile("It declares a DTD or entities: they are not taken.") from error
    except (ValueError, LookupError) as error:  # of the encoding that it claims to have
        if isinstance(error, BadLabelFile):
            raise
        raise BadLabelFile(f"It cannot be read: {clean(str(error), 120)}.") from error


def _local(element: Element) -> str:
    """The name without its namespace, which differs between editions."""
    return str(element.tag).rpartition("}")[2]


def _all(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element.iter() if _local(child) == name)


def _issued(element: Element) -> date | None:
    parts = {_local(child): clean(child.text, 8) for child in element}
    try:
        return date(int(parts["Year"]), int(parts["Month"]), int(parts["Day"]))
    except (KeyError, ValueError):
        return None


def _party(party: Element, types: dict[str, str], said: Said) -> Iterator[LabelFact | BadRow]:
    """The addresses of one party."""
    number = clean(party.get("FixedRef"), 20) or "?"
    name = ""
    for feature in _all(party, "Feature"):
        currency = types.get(feature.get("FeatureTypeID", ""))
        if currency is None:
            continue
        name = name or _name(party)
        for detail in _all(feature, "VersionDetail"):
            place = f"party {number}"
            try:
                yield fact(
                    said,
                    chain=currency,
                    address=clean(detail.text, 200),
                    name=name,
                    category="sanction",
                    source=said.source or f"{SOURCE}, party {number}",
                    confidence="authority_data",
                )
            except ValueError as error:
                yield BadRow(place, f"{clean(currency, 20)}: {error}")


def _name(party: Element) -> str:
    """The primary name, its parts in the order of the file."""
    for identity in _all(party, "Identity"):
        if identity.get("Primary", "true") != "true":
            continue
        for alias in _all(identity, "Alias"):
            if alias.get("Primary", "true") == "true":
                parts: list[Any] = [clean(p.text, 200) for p in _all(alias, "NamePartValue")]
                return " ".join(part for part in parts if part)
    return ""
