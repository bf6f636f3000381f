"""What can be marked anew, by noun: how it is found, and which lines of the timeline are its own.

tracing adds its kinds when Django is ready; the room knows of them by this list only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from incidents import access, scope
from incidents.access import Actor, Mark
from incidents.choices import Marking, RequestState, StatementState
from incidents.exceptions import NotFound, WrongState
from incidents.models import (
    FreezeAnswer,
    FreezeRequest,
    Incident,
    Statement,
    TimelineEntry,
    TrackedAddress,
)
from incidents.models.marked import Marked
from tracing.core.caip import display_address


@dataclass(frozen=True)
class Change:
    """An item, the mark that it gets, and whether anybody sees it then who did not before."""

    item: Any  # a Marked row of the kind's model
    new: Mark
    widens: bool

    @property
    def old(self) -> Mark:
        return Mark.of(self.item)


def _nothing(change: Change) -> None:
    """Nothing speaks against it."""


def _alone(change: Change) -> list[Marked]:
    return []


@dataclass(frozen=True)
class Kind:
    """One kind of thing that is marked.

    ``rows``: those that a viewer may see, in one room; ``lines``: the lines that tell of one item,
    as a condition; ``tip_offs``: kinds of lines that never go further than AMBER; ``refuse`` raises
    what speaks against a change; ``hanging``: rows that the item brought about and that still carry
    its mark.
    """

    noun: str
    model: type[Marked]
    rows: Callable[[Actor, Incident], QuerySet[Any]]
    name: Callable[[Any], str]
    subject: Callable[[Any], str]
    page: Callable[[Any], tuple[str, tuple[str, ...]]]  # the route's name, what follows the slug
    lines: Callable[[Any], Q]
    tip_offs: tuple[str, ...] = ()
    incident: Callable[[Any], Incident] = lambda item: item.incident
    refuse: Callable[[Change], None] = _nothing
    hanging: Callable[[Change], list[Marked]] = _alone

    def find(self, viewer: Actor, incident: Incident, public_id: UUID | str) -> Any:
        """One item. :raises NotFound: absent or hidden."""
        row = self.rows(viewer, incident).filter(public_id=public_id).first()
        if row is None:
            raise NotFound
        return row


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known."""
    _KINDS[kind.noun] = kind


def nouns() -> list[str]:
    """Every kind that can be marked anew."""
    return sorted(_KINDS)


def kind(noun: str) -> Kind:
    """:raises NotFound: there is none of that name."""
    if noun not in _KINDS:
        raise NotFound
    return _KINDS[noun]


def kind_of(item: Marked) -> Kind:
    """The kind of a row."""
    return next(known for known in _KINDS.values() if known.model is type(item))


@scope.trusted
def own_lines(item: Marked) -> QuerySet[TimelineEntry]:
    """The lines that tell of an item for its owner under its own mark: another's line about it is
    the other's. Not the reasons of earlier changes: they were given to those who saw it then."""
    of = kind_of(item)
    rows = TimelineEntry.objects.filter(incident=of.incident(item), owner=item.owner_id)
    plain = Q(**Mark.of(item).fields) & ~Q(kind__in=of.tip_offs)
    capped = Q(**Mark.of(item).at_most(Marking.AMBER).fields, kind__in=of.tip_offs)
    return rows.filter(of.lines(item), plain | capped).exclude(kind="item.remarked")


# --- the room's kinds ------------------------------------------------------------------------


def _refuse_line(change: Change) -> None:
    if change.item.kind != "note.posted":
        raise WrongState(
            "This line records what was done to something: change the marking of that."
        )


def _refuse_address(change: Change) -> None:
    row: TrackedAddress = change.item
    if change.widens:
        return
    if row.is_accepted_return:
        raise WrongState("Two people accepted it: what the room counts as recovered rests on it.")
    if row.called_for_id is not None:
        raise WrongState("A party called it the attacker's: take that word back first.")


def _refuse_freeze(change: Change) -> None:
    row: FreezeRequest = change.item
    if row.state != RequestState.SENT or row.desk_id is None:
        return
    # Whether the desk sits here is not looked at: it may do so confidentially.
    new = change.new
    reaches = new.marking != Marking.RED and (
        row.desk_id in (new.organizations or ())
        or (new.organizations is None and new.people is None)
    )
    if not reaches:
        raise WrongState(f"It was sent to {row.desk_name}: what was sent is not hidden from it.")


def _refuse_statement(change: Change) -> None:
    if change.item.state == StatementState.PUBLISHED:
        raise WrongState("It is published, and stays so: the public has read it.")


def _line_of_answer(row: FreezeAnswer) -> Q:
    return Q(kind="freeze.answered", entry__content__answer=str(row.public_id))


register(
    Kind(
        noun="note",
        model=TimelineEntry,
        rows=lambda viewer, incident: access.entries(viewer, incident),
        name=lambda row: "a note",
        subject=lambda row: str(row.subject),
        page=lambda row: ("room", ()),
        lines=lambda row: Q(pk__in=()),
        refuse=_refuse_line,
    )
)
register(
    Kind(
        noun="address",
        model=TrackedAddress,
        rows=access.addresses,
        name=lambda row: f"the address {display_address(row.chain, row.address)}",
        subject=lambda row: f"address:{row.caip10}",
        page=lambda row: ("address", (row.chain, row.address)),
        lines=lambda row: (
            Q(kind__startswith="address.", subject=f"address:{row.caip10}")
            & ~Q(kind="address.labelled")
        ),
        refuse=_refuse_address,
    )
)
register(
    Kind(
        noun="freeze",
        model=FreezeRequest,
        rows=access.freezes,
        name=lambda row: f"freeze request {row.reference}",
        subject=lambda row: f"freeze:{row.public_id}",
        page=lambda row: ("freeze", (str(row.public_id),)),
        lines=lambda row: (
            Q(kind__startswith="freeze.", subject=f"freeze:{row.public_id}")
            & ~Q(kind="freeze.answered")
        ),
        refuse=_refuse_freeze,
    )
)
register(
    Kind(
        noun="answer",
        model=FreezeAnswer,
        rows=access.freeze_answers,
        name=lambda row: f"an answer to {row.target.request.reference}",
        subject=lambda row: f"freeze:{row.target.request.public_id}",
        page=lambda row: ("freeze", (str(row.target.request.public_id),)),
        lines=_line_of_answer,
        incident=lambda row: row.target.request.incident,
    )
)
register(
    Kind(
        noun="statement",
        model=Statement,
        rows=access.statements,
        name=lambda row: f"the statement “{row.title}”",
        subject=lambda row: f"statement:{row.public_id}",
        page=lambda row: ("statement", (str(row.public_id),)),
        lines=lambda row: Q(kind__startswith="statement.", subject=f"statement:{row.public_id}"),
        refuse=_refuse_statement,
    )
)
