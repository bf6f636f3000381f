"""The six policies by name, each with the version of the rules that computed a number.

A version changes with the rules (docs/taint.md), never with the code alone: a number and its
version string are enough to compute it again.
"""

from __future__ import annotations

from enum import StrEnum


class PolicyName(StrEnum):
    """Which units of a mixed account an outgoing transfer takes.

    Sources: Möser, Böhme and Breuker 2014 (poison, haircut); Clayton's case 1816 and Anderson and
    others, "Bitcoin Redux", 2018 (first in, first out); United States v. Banco Cafetero, 2d Cir.
    1986 ("drugs-in, first-out": taint first); Cunningham v. Brown, US 1924 (lowest intermediate
    balance rule, as a rule of flow: taint last).
    """

    POISON = "poison"
    HAIRCUT = "haircut"
    FIFO = "fifo"
    LIFO = "lifo"
    TAINT_FIRST = "taint-first"
    TAINT_LAST = "taint-last"


# fifo-2: dust adds up at its address, and a hub ends no branch above 1 % of the theft. The other
# policies never ran without that.
VERSIONS = {name: f"{name.value}-1" for name in PolicyName} | {PolicyName.FIFO: "fifo-2"}

TITLES = {
    PolicyName.POISON: "poison: whatever was touched",
    PolicyName.HAIRCUT: "haircut: in proportion",
    PolicyName.FIFO: "first in, first out",
    PolicyName.LIFO: "last in, first out",
    PolicyName.TAINT_FIRST: "taint first: stolen units leave first",
    PolicyName.TAINT_LAST: "taint last: stolen units leave last (LIBR)",
}

# Poison takes more than there is: it answers "touched", not "how much".
CONSERVING = (
    PolicyName.HAIRCUT,
    PolicyName.FIFO,
    PolicyName.LIFO,
    PolicyName.TAINT_FIRST,
    PolicyName.TAINT_LAST,
)
