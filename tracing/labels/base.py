"""The contract of a label format: a file in, facts and refused rows out, in the file's order.

A file is hostile. Its text is cleaned of what cannot be seen and cut to a length; markup and
formulas stay the text that they are, and whoever shows them escapes them. A row that is wrong is
answered as a BadRow and stops nothing; a file that cannot be read at all raises BadLabelFile.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, ClassVar

from tracing.core import caip
from tracing.core.errors import InvalidIdentifier
from tracing.labels import currencies

LONGEST_NAME = 200
LONGEST_SOURCE = 400
LONGEST_SLUG = 80
LONGEST_WORD = 40  # a category, a confidence
LONGEST_LINE = 64 << 10
MOST_BYTES = 64 << 20
# Words for a guess, of TagPacks and of lists of one's own.
GUESSES = frozenset({"heuristic", "inferred", "guess", "suspected"})
# Lists write one actor in several ways; their slugs here are one.
SAME_ACTOR = {
    "huobi": "htx",
    "okex": "okx",
    "cryptocom": "crypto-com",
    "gate": "gate-io",
    "gateio": "gate-io",
    "tornado": "tornado-cash",
    "mexc-global": "mexc",
    "blenderio": "blender-io",
    "sinbadio": "sinbad-io",
    "curve": "curve-fi",
}
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class BadLabelFile(ValueError):
    """The file is not of its format: nothing in it can be believed."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that was refused. ``place`` is a line or an entry, as people count them."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class LabelFact:
    """What a source says of one address.

    ``category``: one of categories.KINDS where the source's own word means one of them, else that
    word. ``actor``: the slug of whom the address belongs to; "" not told. ``confidence``: how sure
    the source says it is, in its own word; "" not told. ``is_inferred``: the source calls it a
    guess, which never makes a sink.
    """

    chain: str  # CAIP-2
    address: str  # canonical
    name: str
    category: str
    actor: str
    source: str
    dated: date
    confidence: str = ""
    is_inferred: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What whoever imports says of rows that do not say it. ``chain``: CAIP-2 or a currency."""

    chain: str = ""
    source: str = ""
    dated: date | None = None


class LabelFormat(ABC):
    """One format. ``slug`` is what the command takes; ``asks`` what the file never tells."""

    slug: ClassVar[str]
    name: ClassVar[str]
    asks: ClassVar[tuple[str, ...]] = ()
    most_bytes: ClassVar[int] = MOST_BYTES

    @abstractmethod
    def read(self, stream: BinaryIO, said: Said) -> Iterator[LabelFact | BadRow]:
        """The facts of a file.

        :raises BadLabelFile: it is not of this format, or larger than ``most_bytes``.
        """


class WritableFormat(LabelFormat):
    """A format in which labels are handed on as well."""

    @abstractmethod
    def write(self, facts: Iterable[LabelFact], *, title: str, creator: str) -> Iterator[str]:
        """A file of this format with those facts, in pieces."""


def fact(
    said: Said,
    *,
    chain: str = "",
    address: object,
    name: object = "",
    category: str = "",
    actor: object = "",
    source: object = "",
    dated: date | None = None,
    confidence: object = "",
) -> LabelFact:
    """A checked fact. What is left out is taken from ``said``.

    :raises ValueError: with the reason, for people.
    """
    if not isinstance(address, str) or not address.strip():
        raise ValueError("There is no address.")
    text = address.strip()
    if len(text) > 128:
        raise ValueError("An address has at most 128 characters.")
    where = currencies.chain_of(chain or said.chain, text)
    try:
        canonical = caip.parse_address(where, text)
    except InvalidIdentifier as error:
        raise ValueError(f"{cut(ascii(text), 60)}: {error.message}") from error
    from_whom = clean(source or said.source, LONGEST_SOURCE)
    if not from_whom:
        raise ValueError("It names no source. State one with --source.")
    day = dated or said.dated
    if day is None:
        raise ValueError("It has no date. State one with --dated.")
    called = clean(name, LONGEST_NAME)
    whose = SAME_ACTOR.get(slug(actor), slug(actor))
    if not (called or category or whose):
        raise ValueError("It says nothing of the address.")
    sure = clean(confidence, LONGEST_WORD)
    is_guess = sure.lower() in GUESSES
    return LabelFact(
        where, canonical, called, category[:LONGEST_WORD], whose, from_whom, day, sure, is_guess
    )


def clean(value: object, most: int) -> str:
    """Text of a file on one line, without what cannot be seen, at most so long.

    :raises ValueError: it is no text.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{cut(ascii(value), 60)} is no text.")
    if value.isascii() and value.isprintable():
        return cut(" ".join(value.split()), most)
    seen = (" " if char.isspace() else char for char in value)
    kept = "".join(c for c in seen if unicodedata.category(c) not in _UNSEEN)
    return cut(" ".join(kept.split()), most)


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def slug(value: object) -> str:
    """A slug: small letters, digits, single dashes. "" for nothing usable."""
    text = unicodedata.normalize("NFKD", clean(value, LONGEST_NAME)).encode("ascii", "ignore")
    parts = "".join(c if c.isalnum() else " " for c in text.decode().lower()).split()
    return "-".join(parts)[:LONGEST_SLUG].strip("-")


def day_of(value: object) -> date | None:
    """A day as files write it (``2023-02-17``, with or without a time); None where none is told.

    :raises ValueError: it is no date.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip()[:10])
        except ValueError:
            pass
    raise ValueError(f"{cut(ascii(value), 60)} is no date. Write it like 2026-01-31.")


def lines(stream: BinaryIO) -> Iterator[str]:
    """The lines of a UTF-8 file, with or without a byte order mark, line ends kept.

    :raises BadLabelFile: another encoding, or a line longer than LONGEST_LINE.
    """
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise BadLabelFile(f"Line {number} is longer than {LONGEST_LINE >> 10} KiB.")
        if b"\0" in line:
            raise BadLabelFile(f"Line {number} has a NUL: this is no text.")
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise BadLabelFile(f"Line {number} is not UTF-8.") from error


def whole(stream: BinaryIO, most: int) -> str:
    """All of a UTF-8 file.

    :raises BadLabelFile: another encoding, or more than ``most`` bytes.
    """
    data = stream.read(most + 1)
    if len(data) > most:
        raise BadLabelFile(f"It is larger than {most >> 20} MB.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadLabelFile("It is not UTF-8.") from error
