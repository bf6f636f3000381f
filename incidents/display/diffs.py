"""Two texts side by side, line by line. Rendering isolates and escapes each line like any text."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Line:
    """One line of a comparison. ``kind``: same, gone (only before) or new (only after)."""

    kind: str
    text: str


def lines(before: str, after: str) -> list[Line]:
    """What became of each line, in order; what is gone stands before what came for it."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Line("same", text) for text in old[i1:i2]]
            continue
        found += [Line("gone", text) for text in old[i1:i2]]
        found += [Line("new", text) for text in new[j1:j2]]
    return found
