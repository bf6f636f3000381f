"""Hostile text made visible. Names come from chains, desks and parties; none of them is trusted.

Escaping HTML is not enough: direction overrides reorder a line, zero-width characters make two
names look alike, piled-up marks cover other lines. What cannot be seen is written as its code
point. static/js/text.js has the same rule.
"""

import unicodedata

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Blank on screen though Unicode calls them letters, symbols or marks.
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
MARKS_KEPT = 2
SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "HEBREW", "ARABIC")


def pieces(text: str, *, lines: bool = False) -> list[tuple[str, bool]]:
    """``text`` cut into (piece, is an escape). ``lines`` keeps line feeds as they are."""
    found: list[tuple[str, bool]] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category.startswith("M") else 0
        unseen = (category in UNSEEN or char in BLANK) and not (lines and char == "\n")
        escape = unseen or marks > MARKS_KEPT
        piece = f"[U+{ord(char):04X}]" if escape else char
        if found and not escape and not found[-1][1]:
            found[-1] = (found[-1][0] + piece, False)
        else:
            found.append((piece, escape))
    return found


def visible(text: str, *, lines: bool = False) -> str:
    """``text`` with every unseen character written out, as plain text."""
    return "".join(piece for piece, _ in pieces(text, lines=lines))


def cut(text: str, length: int) -> str:
    """At most ``length`` characters, the last one an ellipsis where something was cut."""
    return text if len(text) <= length else text[: length - 1] + "…"


def mixes_scripts(text: str) -> bool:
    """Whether ``text`` has letters of more than one look-alike script: USDC with a Cyrillic C."""
    scripts = {
        name.split(" ", 1)[0]
        for name in (unicodedata.name(c, "") for c in text if c.isalpha())
        if name.startswith(SCRIPTS)
    }
    return len(scripts) > 1
