"""What a line of the table can say of a surface.

`Shows`: what it shows of which kinds. `Does`: which act it is, with a body that is right. `Apart`:
it is about no room, and why; nothing of any room may be in its answer. `Lets`: it is about a room's
seats, terms or people, and whom it lets. `Through`: it is checked by
the surface that it is read through. How to add one: docs/how-to/add-a-surface.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.access.matrix.things import Kind

if TYPE_CHECKING:
    from tests.access.matrix.world import Place

# What is sent: fields, or a function of the place and the marking that the cell is about.
Body = dict[str, Any] | Callable[["Place"], dict[str, Any]]


@dataclass(frozen=True)
class Shows:
    """Something to look at.

    :param kinds: everything of these that one may see is in the answer, and nothing else.
    :param partly: of these only the newest are, or only some: what is there must be allowed.
    :param of: the address names one thing of this kind (a maker in world.py); else it is a list.
    :param act: what one must be able to do to get it.
    :param more: further addresses of the same answer, as query strings.
    :param door: "unsigned" where being invited is enough.
    :param surface: whose rules count; on "public" nobody signs in.
    """

    kinds: tuple[Kind, ...] = ()
    partly: tuple[Kind, ...] = ()
    of: str = ""
    act: str = ""
    more: tuple[str, ...] = ("",)
    door: str = "in"
    surface: str = "room"


@dataclass(frozen=True)
class Does:
    """Something that changes a room.

    :param act: one of reference.ABLE, or "" for what every party may that signed.
    :param of: what it acts on (a maker in world.py); "" for the room itself.
    :param ends: for who may: "recorded" in the ledger, "kept" (rows, no entry), "told" (the reason
        why it cannot be here and now: nothing changes).
    :param elsewhere: `ends` in the other room, where one party sits alone; "" where it is the same.
    :param owners: "own" or "other": whose things it can be done to; "" for all.
    :param door: "unsigned" where being invited is enough.
    :param openly: it would show who does it: a confidential party cannot.
    :param outward: it goes to a desk outside: where the thing's marking does not reach recipients,
        or an audience narrows it and it is another's, the reason is told instead. "always", or
        "elsewhere": where the desk has no seat.
    """

    act: str
    body: Body = field(default_factory=dict)
    of: str = ""
    ends: str = "recorded"
    owners: str = ""
    door: str = "in"
    openly: bool = False
    outward: str = ""
    elsewhere: str = ""


@dataclass(frozen=True)
class Apart:
    """It is about no room. ``body``: what is sent to it, where it takes something.

    ``asked``: by these alone, by name; all where it is empty.
    """

    reason: str
    body: dict[str, Any] = field(default_factory=dict)
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lets:
    """Something beside the items: no marking says who may, but a rule of its own.

    :param may: the kinds of actor whom it lets; all others are refused, and nothing is written.
    :param of: what it is about (a maker in besides.py), put into the main room.
    :param body: what is sent, from the ids that the maker gave.
    """

    may: frozenset[str]
    of: str = ""
    body: dict[str, Any] | Callable[[dict[str, str]], dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Through:
    """Read through other surfaces, which are fetched for each of these."""

    surfaces: tuple[str, ...]


Line = Shows | Does | Lets | Apart | Through
