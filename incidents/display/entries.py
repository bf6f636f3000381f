"""How a line of the timeline looks: its tone, its link, the addresses in its sentence."""

import re
from typing import TypedDict

from django.urls import reverse

from incidents.display import addresses
from incidents.serialized import EntryJSON

HEX_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{40}\b")
# kind begins with -> class of its edge
TONES = (
    ("freeze.", "freeze"),
    ("trace.frozen", "freeze"),
    ("trace.alert_withdrawn", "withdrawal"),
    ("trace.funds_secured", "good"),
    ("trace.", "alert"),
    ("statement.", "word"),
    ("status.", "word"),
    ("note.", "word"),
)


class Token(TypedDict):
    """A piece of a sentence; ``address`` is the whole address where the piece is one."""

    text: str
    address: str


def tokens(sentence: str) -> list[Token]:
    """``sentence`` cut at its EVM addresses, those with EIP-55 capitals."""
    found: list[Token] = []
    at = 0
    for match in HEX_ADDRESS.finditer(sentence):
        found.append({"text": sentence[at : match.start()], "address": ""})
        full = addresses.show(f"eip155:0:{match.group()}").full
        found.append({"text": addresses.short(full), "address": full})
        at = match.end()
    found.append({"text": sentence[at:], "address": ""})
    return [token for token in found if token["text"]]


def tone(entry: EntryJSON) -> str:
    """The class of the line's edge."""
    return next((css for prefix, css in TONES if entry["kind"].startswith(prefix)), "")


def link(entry: EntryJSON, slug: str) -> str:
    """Where the line leads: the request, the address, the statement; "" when nowhere."""
    noun, _, rest = entry["subject"].partition(":")
    if noun == "freeze":
        return reverse("freeze", args=[slug, rest])
    if noun == "statement":
        return reverse("statement", args=[slug, rest])
    if noun == "address":
        chain, _, address = rest.rpartition(":")
        return reverse("address", args=[slug, chain, address])
    return ""


def transaction(entry: EntryJSON) -> str:
    """The transaction that the line is about, if it names one."""
    tx = entry["content"].get("tx", "")
    return tx if isinstance(tx, str) and tx.startswith("0x") else ""
