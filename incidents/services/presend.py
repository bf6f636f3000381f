"""What is looked at before a request goes to a desk. Most requests fail on form, on the channel, or
on an ask that nobody can act on (CertiK and OKLink, 2023): all of that can be known before.

A finding that blocks cannot be sent past. Over the others a person may go, having seen them; which
ones is recorded. A new check is a function in the list at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from incidents import access, ports, scope
from incidents.access import Actor
from incidents.choices import Capacity, Channel
from incidents.desks.facts import Profile
from incidents.exceptions import WrongState
from incidents.models import DeskContact, FreezeRequest, FreezeTarget, HoldOff
from incidents.packets.fields import FIELDS
from incidents.packets.kinds import given
from incidents.recipients.base import recipients
from incidents.services import desk_profiles, hold_offs

LANGUAGES = {"english": "en", "chinese": "zh", "spanish": "es", "french": "fr", "german": "de"}
SERVICES = ("exchange", "bridge", "mixer")
OURS = ("pdf", "csv", "xlsx", "json")  # what a packet is handed over as


@dataclass(frozen=True)
class To:
    """One recipient, and how it is reached. For what a person hands over: when, with which
    reference of the desk's, and what proves it."""

    channel: str = Channel.ROOM
    contact: DeskContact | None = None
    recipient: str = ""
    reference: str = ""
    at: datetime | None = None
    proof_name: str = ""
    proof: bytes = b""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. ``words`` say what to do about it."""

    code: str
    words: str
    blocks: bool = False


@dataclass(frozen=True)
class Case:
    """What is looked at: a request as one person would send it now."""

    request: FreezeRequest
    targets: Sequence[FreezeTarget]
    profile: Profile
    to: Sequence[To]
    viewer: Actor
    holders: Mapping[tuple[str, str], ports.Holder]
    category: str

    def field(self, name: str) -> str:
        return given(self.request.fields, FIELDS[name]) if name in FIELDS else ""


def findings(request: FreezeRequest, viewer: Actor, to: Sequence[To] = ()) -> list[Finding]:
    """What is wrong with sending it, for somebody who may see it; what blocks comes first."""
    case = _case(request, viewer, to)
    found = [finding for check in CHECKS for finding in check(case)]
    return sorted(found, key=lambda one: not one.blocks)


def require(
    request: FreezeRequest,
    viewer: Actor,
    to: Sequence[To],
    anyway: Collection[str] | None,
) -> list[Finding]:
    """The findings that somebody goes over: those whose codes they were shown (``anyway``). None:
    our own code sends it, and nobody was shown any.

    :raises WrongState: one blocks, or was not shown.
    """
    found = findings(request, viewer, to)
    stops = [one for one in found if one.blocks]
    stops += [one for one in found if anyway is not None and one.code not in anyway]
    if stops:
        raise WrongState(" ".join(one.words for one in stops[:3]))
    return found if anyway is not None else []


@scope.trusted
def _case(request: FreezeRequest, viewer: Actor, to: Sequence[To]) -> Case:
    targets = list(FreezeTarget.objects.filter(request=request, requested__gt=0).order_by("pk"))
    at = [(target.chain, target.address) for target in targets]
    known = ports.directory()
    profile = desk_profiles.of(request.desk_slug, viewer.organization or request.owner)
    return Case(
        request=request,
        targets=targets,
        profile=desk_profiles.renamed(profile, request.desk_name),
        to=to,
        viewer=viewer,
        holders=known.holders(request.incident, viewer, at),
        category=known.category(request.desk_slug),
    )


# --- the checks ---------------------------------------------------------------------------------


def hold_off(case: Case) -> Iterator[Finding]:
    """Nothing more is said: who asked, and why, is nobody's to read."""
    if is_held_off(case.targets, case.request.incident_id):
        yield Finding(
            "hold_off",
            "An instruction to hold off stands on an address of it: it cannot be sent now.",
            blocks=True,
        )


@scope.trusted
def is_held_off(targets: Sequence[FreezeTarget], incident_pk: int) -> bool:
    """Whether law enforcement asked not to touch one of these addresses."""
    at = Q()
    for target in targets:
        at |= Q(chain=target.chain, address=target.address)
    rows = HoldOff.objects.filter(hold_offs.standing(), at, incident=incident_pk)
    return bool(targets) and rows.exists()


def recipient(case: Case) -> Iterator[Finding]:
    """Whom it goes to is known, and was reached before by another way."""
    for to in case.to:
        kind = recipients().get(to.channel)
        if kind is None or not kind.needs_contact:
            continue
        name = to.contact.name if to.contact else to.recipient
        if to.contact is None or to.contact.ended_at is not None:
            words = f"Choose a contact at {case.profile.name} to write to."
            yield Finding("recipient_missing", words, blocks=True)
        elif to.contact.verified_at is None:
            words = f"{name} is not verified: a second person of yours calls them first."
            yield Finding("recipient_not_verified", words, blocks=True)
        if to.channel == Channel.MAIL and not settings.MAIL_ENABLED:
            words = "No mail server is set here: hand it over in another way."
            yield Finding("no_mail", words, blocks=True)


def marking(case: Case) -> Iterator[Finding]:
    """It may leave the room at all (DESIGN.md section 4), by whatever way."""
    outside = any(to.channel != Channel.ROOM for to in case.to)
    if outside and not access.goes_out(case.request, case.viewer.organization):
        words = (
            "Its marking does not reach recipients, or its audience is another party's: its owner "
            "widens it first, or sends it."
        )
        yield Finding("marking", words, blocks=True)


def missing_field(case: Case) -> Iterator[Finding]:
    """What the desk wants is there."""
    missing = [n for n in case.profile.required_fields if n in FIELDS and not _has(case, n)]
    if missing:
        labels = ", ".join(FIELDS[name].label for name in missing)
        yield Finding("missing_field", f"{case.profile.name} asks for: {labels}. Fill it in.")


def _has(case: Case, name: str) -> bool:
    if not FIELDS[name].is_derived:
        return bool(case.field(name))
    if name in ("target_tx", "target_block", "trace_path"):
        return all(_hops(target) for target in case.targets)
    derived = {"target_usd": "usd_price", "target_account": "account_id"}
    column = derived.get(name)
    return column is None or all(getattr(target, column) for target in case.targets)


def no_transaction(case: Case) -> Iterator[Finding]:
    """How do you prove that it arrived here? Most requests fail on this."""
    for target in case.targets:
        into = [hop for hop in _hops(target) if _goes_to(hop, target.address)]
        if not into and case.category != "issuer":
            words = f"No transaction into {_short(target.address)} is named: trace it, or name one."
            yield Finding("no_transaction", words)


def _hops(target: FreezeTarget) -> list[dict[str, Any]]:
    parts = [part for part in target.evidence.values() if not part.get("withdrawn")]
    return [hop for part in parts for hop in part.get("hops") or []]


def _goes_to(hop: Mapping[str, Any], address: str) -> bool:
    return bool(hop.get("tx")) and address in (hop.get("to_address"), hop.get("to"))


def _short(address: str) -> str:
    return address if len(address) <= 14 else f"{address[:8]}…{address[-4:]}"


def not_theirs(case: Case) -> Iterator[Finding]:
    """Is it an address of theirs, by our labels?"""
    if case.category == "issuer":
        return
    for target in case.targets:
        holder = case.holders.get((target.chain, target.address))
        if holder is None and case.category:
            words = f"No label says that {_short(target.address)} is {case.profile.name}'s."
            yield Finding("not_labelled", words)
        elif holder is not None and holder.slug != case.request.desk_slug:
            words = (
                f"By our labels {_short(target.address)} is {holder.name}'s, not "
                f"{case.profile.name}'s: ask {holder.name}, or correct the label."
            )
            yield Finding("not_theirs", words)


def wallet_of_a_service(case: Case) -> Iterator[Finding]:
    """An issuer freezes private wallets; a service's wallet holds other people's money too."""
    if case.category != "issuer" and not case.profile.get("private_wallets_only"):
        return
    for target in case.targets:
        holder = case.holders.get((target.chain, target.address))
        if holder is not None and holder.category in SERVICES:
            words = (
                f"{_short(target.address)} is a wallet of {holder.name}, which holds others' money "
                f"too: issuers do not freeze those. Ask {holder.name}."
            )
            yield Finding("wallet_of_a_service", words)


def no_end(case: Case) -> Iterator[Finding]:
    """Desks lift a hold without an end, or refuse it."""
    until, now = case.field("ask_until"), timezone.now()
    if not until:
        yield Finding("no_end", "It names no end date: say until when you ask.")
        return
    end = datetime.fromisoformat(until.replace("Z", "+00:00"))
    most = case.profile.get("hold_most_days")
    if end <= now:
        yield Finding("no_end", "Its end date is over: say until when you ask.")
    elif most and end > now + timedelta(days=most + 1):
        words = f"{case.profile.name} holds for {most} days at most: ask for less, and renew."
        yield Finding("too_long", words)


def vague(case: Case) -> Iterator[Finding]:
    """A desk acts on one clear action."""
    if not case.field("ask_action"):
        yield Finding("vague", "It does not say what the desk is to do: choose one action.")


def wrong_channel(case: Case) -> Iterator[Finding]:
    """Through the door that the desk opens, and by whom it lets in."""
    ways = case.profile.channels
    for to in case.to:
        if to.channel == Channel.ROOM:
            continue
        if ways and to.channel not in {way["channel"] for way in ways}:
            takes = ", ".join(Channel(way["channel"]).label.lower() for way in ways)
            words = f"{case.profile.name} takes requests by other ways: {takes}."
            yield Finding("wrong_channel", words)
    is_police = case.viewer.capacity == Capacity.LAW_ENFORCEMENT
    outside = [to for to in case.to if to.channel != Channel.ROOM] or not case.to
    if case.profile.get("law_enforcement_only") and outside and not is_police:
        words = (
            f"{case.profile.name} takes requests from law enforcement only: a law-enforcement "
            "member of this room can hand it in, in its own name."
        )
        yield Finding("law_enforcement_only", words)


def wrong_format(case: Case) -> Iterator[Finding]:
    """Some desks cannot copy from a PDF; none of ours may fit at all."""
    takes = case.profile.get("formats")
    if takes and not set(takes) & set(OURS):
        yield Finding("wrong_format", f"{case.profile.name} takes {', '.join(takes)} only.")


def wrong_language(case: Case) -> Iterator[Finding]:
    """One of those that the desk reads."""
    takes, language = case.profile.get("languages"), case.field("language").strip().lower()
    code = LANGUAGES.get(language, language[:2])
    if takes and code not in {one[:2] for one in takes}:
        words = f"{case.profile.name} reads {', '.join(takes)} only: write it in one of those."
        yield Finding("wrong_language", words)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    hold_off,
    recipient,
    marking,
    missing_field,
    no_transaction,
    not_theirs,
    wallet_of_a_service,
    no_end,
    vague,
    wrong_channel,
    wrong_format,
    wrong_language,
)
