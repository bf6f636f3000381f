"""How a line of the timeline looks: its tone, its link, the addresses in its sentence."""

import re
from typing import TypedDict

from django.urls import reverse

from incidents.display import addresses
from incidents.serialized import EntryJSON

# An address, or a number long enough to need grouping or a dimmed fraction.
PIECE = re.compile(r"\b0x[0-9a-fA-F]{40}\b|(?<![\w.:-])(\d+)(\.\d+)?(?= \S)")
# A number after one of these counts nothing: a height, a year.
MONTHS = "January February March April May June July August September October November December"
NO_AMOUNT_AFTER = frozenset({"block", "version", "revision", *MONTHS.split()})
LOUD = ("trace.", "freeze.evidence_changed", "freeze.answered", "statement.published")
# kind begins with -> class of its edge
TONES = (
    ("freeze.", "freeze"),
    ("trace.frozen", "freeze"),
    ("trace.freez", "freeze"),
    ("trace.funds_seized", "good"),
    ("trace.alert_withdrawn", "withdrawal"),
    ("trace.funds_secured", "good"),
    ("trace.", "alert"),
    ("statement.", "word"),
    ("status.", "word"),
    ("note.", "word"),
)


class Token(TypedDict):
    """A piece of a sentence. ``address``: the whole address where the piece is one. ``fraction``:
    the part of an amount to dim, its whole part being ``text``."""

    text: str
    address: str
    fraction: str


def tokens(sentence: str) -> list[Token]:
    """``sentence`` cut at its EVM addresses (shown with EIP-55 capitals) and its amounts."""
    found: list[Token] = []
    at = 0
    for match in PIECE.finditer(sentence):
        found.append(_words(sentence[at : match.start()]))
        if match[1] is None:
            full = addresses.show(f"eip155:0:{match.group()}").full
            found.append({"text": addresses.short(full), "address": full, "fraction": ""})
        else:
            before = sentence[: match.start()].rstrip().rpartition(" ")[2]
            whole = match[1] if before in NO_AMOUNT_AFTER else _grouped(match[1])
            found.append({"text": whole, "address": "", "fraction": match[2] or ""})
        at = match.end()
    found.append(_words(sentence[at:]))
    return [token for token in found if token["text"]]


def _words(text: str) -> Token:
    return {"text": text, "address": "", "fraction": ""}


def _grouped(digits: str) -> str:
    return f"{int(digits):,}" if digits[0] != "0" else digits


def is_loud(entry: EntryJSON) -> bool:
    """Whether the line is set in bold: money moved, or a desk or the parties spoke."""
    return entry["kind"].startswith(LOUD)


def tone(entry: EntryJSON) -> str:
    """The class of the line's edge."""
    return next((css for prefix, css in TONES if entry["kind"].startswith(prefix)), "")


def link(entry: EntryJSON, slug: str) -> str:
    """Where the line leads: the request, the statement, the address unless the sentence has it."""
    noun, _, rest = entry["subject"].partition(":")
    if noun == "freeze":
        return reverse("freeze", args=[slug, rest])
    if noun == "statement":
        return reverse("statement", args=[slug, rest])
    if noun == "address" and not addresses.HEX_ADDRESS.search(entry["headline"]):
        chain, _, address = rest.rpartition(":")
        return reverse("address", args=[slug, chain, address])
    return ""


def transaction(entry: EntryJSON) -> str:
    """The transaction that the line is about, if it names one."""
    tx = entry["content"].get("tx", "")
    return tx if isinstance(tx, str) and tx.startswith("0x") else ""
