"""Everything that a play leaves in the database, without surrogate keys, chance and clocks.

Two plays of one scenario give equal fingerprints, however their processes were killed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeAlias

from django.db.models import Model, QuerySet

from incidents.models import (
    FreezeAnswer,
    FreezeRequest,
    FreezeTarget,
    Incident,
    LedgerEntry,
    Organization,
    Participation,
    Person,
    SignOff,
    Statement,
    StatusPage,
    TimelineEntry,
    TrackedAddress,
)
from incidents.services import ledger
from tracing import events
from tracing.drills.verdict import assets_of
from tracing.models import (
    Arrival,
    Block,
    ChainFreeze,
    Exposure,
    Finding,
    Hop,
    Lead,
    PoolEvent,
    RangeAccount,
    RangeUndo,
    Seed,
    TokenProbe,
    Trace,
    Transfer,
    Undo,
)

# Section -> one text per row, sorted. Equal rows stay: a double is a difference.
Fingerprint: TypeAlias = dict[str, list[str]]

# Where the backfill met the chain is a matter of speed, not of the outcome.
_BY_SPEED = frozenset({events.CaughtUp.kind})
_SURROGATE = frozenset(
    {"id", "public_id", "reference", "entry", "seq", "salt", "leaf", "head"}
    # How often a block was dropped that a target's log spoke of is a matter of speed.
    | {"last_seq", "approved_digest"}
    | {"fields"}  # they name the reference, and until when is asked
)
_CLOCKS = frozenset(
    {"created_at", "updated_at", "ingested_at", "posted_at", "fanned_out_at", "happened_at"}
    | {"published_at", "sent_at", "approved_at", "accepted_at", "invited_at", "joined_at"}
    | {"signed_at", "held_until", "next_update_at", "at", "asked_at", "verified_at"}
    | {"acknowledge_by", "answer_by", "confirmed_at"}
    | {"progress_at", "rate"}  # how fast a backfill went
    | {"read_at", "respond_by", "silent_since", "first_at", "removed_at", "proved_at"}
)


def fingerprint(incident: Incident, caip2: str) -> Fingerprint:
    """The rows of one incident and its chain, as sorted lines of JSON."""
    names = Names(incident)
    found = {
        "ledger": sorted(_of_ledger(incident)),
        "strip": [_line(assets_of(incident))],
        "timeline": sorted(_timeline(incident, names)),
        "findings": sorted(_findings(incident, names)),
    }
    for section, rows in {**_of_chain(incident, caip2), **_of_room(incident)}.items():
        found[section] = sorted(_line(names.clean(_fields(row, names))) for row in rows)
    return found


def differences(one: Fingerprint, other: Fingerprint, most: int = 5) -> list[str]:
    """What only one of the two has, at most ``most`` lines per section and side."""
    found = []
    for section in sorted(one.keys() | other.keys()):
        left, right = Counter(one.get(section, [])), Counter(other.get(section, []))
        for sign, lines in (("-", left - right), ("+", right - left)):
            found += [f"{section} {sign} {line}" for line in list(lines.elements())[:most]]
    return found


def _line(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


class Names:
    """Natural names instead of random identifiers, wherever they stand in a text."""

    def __init__(self, incident: Incident) -> None:
        self.known: dict[str, str] = {str(incident.public_id): incident.slug}
        self.organizations = dict(Organization.objects.values_list("pk", "slug"))
        self.people = dict(Person.objects.values_list("pk", "email"))
        for organization in Organization.objects.all():
            self.known[str(organization.public_id)] = organization.slug
        for person in Person.objects.all():
            self.known[str(person.public_id)] = person.email
        for statement in Statement.objects.filter(incident=incident):
            self.known[str(statement.public_id)] = statement.title
        for number, trace in enumerate(Trace.objects.filter(incident=incident).order_by("pk")):
            self.known[str(trace.public_id)] = f"trace {number}"
        self.requests: dict[int, str] = {}
        self.targets: dict[int, str] = {}
        for request in FreezeRequest.objects.filter(incident=incident).prefetch_related("targets"):
            self._name_request(request)

    def _name_request(self, request: FreezeRequest) -> None:
        """After its desk and what it asks for: requests are never equal in both."""
        targets = sorted(request.targets.all(), key=lambda row: (row.address, row.asset))
        accounts = " ".join(f"{row.address}/{row.asset}" for row in targets)
        name = f"request to {request.desk_slug} about {accounts}"
        self.requests[request.pk] = name
        self.known[str(request.public_id)] = self.known[request.reference] = name
        for row in targets:
            self.targets[row.pk] = f"{name}: {row.address}/{row.asset}"
            self.known[str(row.public_id)] = self.targets[row.pk]
            for number, answer in enumerate(row.answers.order_by("pk")):
                self.known[str(answer.public_id)] = f"answer {number} of {self.targets[row.pk]}"

    def clean(self, value: Any) -> Any:
        """The value with every known identifier replaced, at any depth."""
        if isinstance(value, dict):
            return {key: self.clean(part) for key, part in value.items() if key not in _CLOCKS}
        if isinstance(value, list):
            return [self.clean(part) for part in value]
        if isinstance(value, str):
            return ":".join(self.known.get(part, part) for part in value.split(":"))
        return value


def _fields(row: Model, names: Names) -> dict[str, Any]:
    """A row's columns, references by natural name, without what chance and the clock decide."""
    result: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.name in _SURROGATE or field.name in _CLOCKS:
            continue
        value = getattr(row, field.attname)
        if field.name in ("audience_organizations", "audience_people") and value is not None:
            book = names.organizations if field.name == "audience_organizations" else names.people
            value = sorted(book[pk] for pk in value)
        elif field.is_relation and value is not None:
            value = _natural(getattr(row, field.name), names)
        result[field.name] = value
    return result


def _natural(row: Model, names: Names) -> str:
    """What a reference points at, told without its number."""
    if isinstance(row, FreezeRequest):
        return names.requests[row.pk]
    if isinstance(row, FreezeTarget):
        return names.targets[row.pk]
    if isinstance(row, Block):
        return row.hash
    if isinstance(row, Trace):
        seeds = row.seeds.values_list("key", flat=True)
        return "trace of " + " ".join(sorted(seeds))
    if isinstance(row, TimelineEntry):
        return row.kind
    if isinstance(row, Person):
        return row.email
    return str(getattr(row, "slug", row))


def _of_chain(incident: Incident, caip2: str) -> dict[str, QuerySet[Any]]:
    blocks = Block.objects.filter(chain__caip2=caip2).select_related("chain")
    traces = Trace.objects.filter(incident=incident).select_related("chain", "incident")
    mine: dict[str, Any] = {"trace__in": traces}
    return {
        "blocks": blocks,
        "transfers": Transfer.objects.filter(block__in=blocks).select_related("block"),
        "freezes": ChainFreeze.objects.filter(block__in=blocks).select_related("block", "chain"),
        "probes": TokenProbe.objects.filter(chain__caip2=caip2).select_related("chain"),
        "traces": traces,
        "seeds": Seed.objects.filter(**mine).select_related("trace"),
        "exposures": Exposure.objects.filter(**mine).select_related("trace"),
        "undo": Undo.objects.filter(**mine).select_related("trace"),
        "ranges": RangeAccount.objects.filter(**mine).select_related("trace"),
        "range_undo": RangeUndo.objects.filter(**mine).select_related("trace"),
        "hops": Hop.objects.filter(**mine).select_related("trace", "block"),
        "pool_events": PoolEvent.objects.filter(**mine).select_related("trace", "block"),
        "leads": Lead.objects.filter(**mine).select_related("trace", "service"),
        "arrivals": Arrival.objects.filter(**mine).select_related("trace", "service"),
    }


def _of_room(incident: Incident) -> dict[str, QuerySet[Any]]:
    requests = FreezeRequest.objects.filter(incident=incident)
    statements = Statement.objects.filter(incident=incident)
    return {
        "parties": Participation.objects.filter(incident=incident),
        "addresses": TrackedAddress.objects.filter(incident=incident),
        "requests": requests,
        "targets": FreezeTarget.objects.filter(request__in=requests),
        "answers": FreezeAnswer.objects.filter(target__request__in=requests),
        "statements": statements,
        "sign_offs": SignOff.objects.filter(statement__in=statements),
        "status": StatusPage.objects.filter(incident=incident),
    }


def _findings(incident: Incident, names: Names) -> Iterable[str]:
    for row in Finding.objects.filter(incident=incident).select_related("trace", "incident"):
        if row.kind in _BY_SPEED:
            yield _line([row.kind, row.state])
        else:
            yield _line(names.clean(_fields(row, names)))


def _timeline(incident: Incident, names: Names) -> Iterable[str]:
    """Every line with its content and whether it was withdrawn: the open alerts among them."""
    rows = TimelineEntry.objects.filter(incident=incident).select_related(
        "entry", "owner", "author", "withdrawn_by", "incident"
    )
    for row in rows.prefetch_related("entry__personal"):
        if row.kind in _BY_SPEED:
            yield _line([row.kind])
            continue
        content = {name: value for name, value in row.entry.content.items() if name != "personal"}
        personal = {part.name: part.value for part in row.entry.personal.all()}
        columns = _fields(row, names)
        yield _line(names.clean({**columns, "content": content, "texts": personal}))


def _of_ledger(incident: Incident) -> Iterable[str]:
    """How many entries of each kind, and that there is no fault."""
    kinds = Counter(LedgerEntry.objects.filter(incident=incident).values_list("kind", flat=True))
    yield from (f"{kind}: {count}" for kind, count in kinds.items())
    yield from (f"fault {fault}" for fault in ledger.verify(incident))
