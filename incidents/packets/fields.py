"""The fields of a freeze request: the one list.

They follow the Freeze Asset Request draft standard (CertiK and OKLink, August 2023, sections 01 to
05; github.com/CertiKProject/FAR), joined with what desks publish that they want. Names are stable:
profiles of desks say by them what a desk requires, and manifests carry them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from incidents.exceptions import BadInput
from incidents.packets.kinds import Field, Group, Kind, given

ACTIONS = (
    ("freeze", "Freeze the assets"),
    ("hold", "Hold the assets for the time being"),
    ("preserve", "Preserve the data of the account"),
    ("disclose", "Disclose who holds the account, as far as the law allows"),
    ("return", "Return the assets"),
)
_URGENCY = (
    ("emergency", "Emergency: funds are moving"),
    ("urgent", "Urgent: within hours"),
    ("normal", "Normal"),
)
_SCOPES = (("amount", "Up to the amounts named"), ("account", "The whole account"))
_KINDS = (
    ("key_compromise", "Theft through keys, custody or signing"),
    ("exploit", "Exploit of a contract"),
    ("bridge", "Theft from a bridge"),
    ("phishing", "Phishing or drainer"),
    ("insider", "Insider"),
    ("other", "Other"),
)

_FIELDS = (
    # header
    Field("case_reference", "Our case reference", Group.HEADER, longest=80),
    Field("language", "Language", Group.HEADER, help="Of this request.", longest=40),
    Field("urgency", "Urgency", Group.HEADER, Kind.CHOICE, choices=_URGENCY),
    Field("urgency_reason", "Why it is urgent", Group.HEADER, Kind.TEXT, longest=500),
    # requester (FAR 05)
    Field("requester_name", "Name", Group.REQUESTER, help="Who answers for this request."),
    Field("requester_role", "Role", Group.REQUESTER),
    Field("requester_organization", "Organization", Group.REQUESTER),
    Field("requester_email", "E-mail", Group.REQUESTER, Kind.MAIL, longest=254),
    Field("requester_phone", "Telephone", Group.REQUESTER, Kind.PHONE, help="+ and digits."),
    Field("requester_country", "Country", Group.REQUESTER, longest=60),
    Field("requester_alternates", "Others to reach, and their time zone", Group.REQUESTER,
          Kind.TEXT, longest=1000),
    # authority
    Field("acts_for", "Acts for", Group.AUTHORITY, help="The victim, an agency, counsel ..."),
    Field("authority_document", "Power of attorney or victim's declaration", Group.AUTHORITY),
    Field("authority_since", "Engaged since", Group.AUTHORITY, Kind.DATE),
    # law enforcement ("police report: required" in FAR)
    Field("agency", "Agency", Group.LAW_ENFORCEMENT),
    Field("agency_country", "Country", Group.LAW_ENFORCEMENT, longest=60),
    Field("agency_unit", "Unit", Group.LAW_ENFORCEMENT),
    Field("case_number", "Case or police report number", Group.LAW_ENFORCEMENT, longest=80),
    Field("officer", "Officer", Group.LAW_ENFORCEMENT),
    Field("officer_badge", "Badge or identity reference", Group.LAW_ENFORCEMENT, longest=80),
    Field("officer_email", "E-mail at a verified domain", Group.LAW_ENFORCEMENT, Kind.MAIL,
          longest=254),
    Field("officer_phone", "Telephone from an independent source", Group.LAW_ENFORCEMENT,
          Kind.PHONE, help="Found elsewhere than in the officer's own mail."),
    Field("order_reference", "Order or MLAT reference", Group.LAW_ENFORCEMENT, longest=120),
    Field("legal_basis", "Legal basis", Group.LAW_ENFORCEMENT, Kind.TEXT, longest=1000),
    # incident (FAR 02)
    Field("incident_at", "Date and time (UTC)", Group.INCIDENT, Kind.MOMENT),
    Field("victim", "Victim", Group.INCIDENT),
    Field("incident_kind", "Kind", Group.INCIDENT, Kind.CHOICE, choices=_KINDS),
    Field("loss_usd", "Loss in US dollars", Group.INCIDENT, Kind.USD),
    Field("loss_usd_at", "Price as of (UTC)", Group.INCIDENT, Kind.MOMENT),
    Field("crime_statement", "What happened, in one sentence", Group.INCIDENT, Kind.TEXT,
          longest=1000),
    Field("public_links", "Public links", Group.INCIDENT, Kind.LINKS, longest=5000,
          help="One per line."),
    # target (FAR 01): from the rows of targets
    *(
        Field(f"target_{name}", label, Group.TARGET, Kind.DERIVED)
        for name, label in (
            ("venue", "Desk"),
            ("chain", "Chain"),
            ("asset", "Asset, contract and decimals"),
            ("address", "Address"),
            ("tx", "Transaction into the address"),
            ("amount", "Amount"),
            ("usd", "US dollars at the time of the theft"),
            ("block", "Block and time"),
            ("account", "Account at the desk"),
        )
    ),
    # trace (FAR 03)
    Field("trace_path", "The way of the money", Group.TRACE, Kind.DERIVED),
    Field("trace_method", "How it was traced", Group.TRACE, Kind.TEXT, longest=1000),
    Field("trace_tool", "Tool and version", Group.TRACE),
    # evidence (FAR 02)
    Field("evidence_items", "Pieces of evidence", Group.EVIDENCE, Kind.ITEMS, longest=10_000,
          help="One per line: what it is | what it proves | SHA-256 of the file."),
    # ask
    Field("ask_action", "What is asked for", Group.ASK, Kind.CHOICE, choices=ACTIONS),
    Field("ask_scope", "Scope", Group.ASK, Kind.CHOICE, choices=_SCOPES),
    Field("ask_until", "Until (UTC)", Group.ASK, Kind.MOMENT,
          help="Desks lift a hold without an end, or refuse it."),
    Field("ask_no_notice", "Do not notify the user", Group.ASK, Kind.YES),
    Field("ask_contact", "Questions to", Group.ASK, Kind.TEXT, longest=500),
    Field("ask_note", "Anything else", Group.ASK, Kind.TEXT, longest=2000),
    # verification (FAR 05)
    Field("verified_by", "Verified by", Group.VERIFICATION),
    Field("verified_organization", "Organization", Group.VERIFICATION),
    Field("verified_on", "Date", Group.VERIFICATION, Kind.DATE),
    Field("verified_contact", "Contact", Group.VERIFICATION),
    # legal
    Field("statement_of_truth", "Statement of truth", Group.LEGAL, Kind.TEXT, longest=1000),
    Field("indemnity", "Indemnity", Group.LEGAL, Kind.TEXT, longest=1000),
    Field("confidentiality", "Confidentiality", Group.LEGAL, Kind.TEXT, longest=1000),
)  # fmt: skip

FIELDS: dict[str, Field] = {field.name: field for field in _FIELDS}
TITLES = {
    Group.HEADER: "Header",
    Group.REQUESTER: "Requester",
    Group.AUTHORITY: "Authority",
    Group.LAW_ENFORCEMENT: "Law enforcement",
    Group.INCIDENT: "Incident",
    Group.TARGET: "Targets",
    Group.TRACE: "Trace",
    Group.EVIDENCE: "Evidence",
    Group.ASK: "What is asked",
    Group.VERIFICATION: "Verification",
    Group.LEGAL: "Legal",
}


def check(values: Mapping[str, object]) -> dict[str, str]:
    """Values as they are kept, empty ones left out.

    :raises BadInput: an unknown field, or a value that it does not take; names the field.
    """
    unknown = sorted(set(values) - FIELDS.keys())
    if unknown:
        raise BadInput(f"There is no field {unknown[0][:60]!r}.", field=unknown[0][:60])
    cleaned = {name: FIELDS[name].clean(value) for name, value in values.items()}
    return {name: value for name, value in cleaned.items() if value}


def grouped(values: Mapping[str, Any]) -> dict[Group, list[tuple[Field, str]]]:
    """What is given, by group and in order."""
    shown: dict[Group, list[tuple[Field, str]]] = {}
    for field in _FIELDS:
        if value := given(dict(values), field):
            shown.setdefault(field.group, []).append((field, value))
    return shown


def said(field: Field, value: str) -> str:
    """A value for people: a choice by its words, a moment as "2026-04-18 17:35:00 UTC"."""
    if field.kind is Kind.MOMENT:
        return value.replace("T", " ").replace("Z", " UTC")
    return dict(field.choices).get(value, value)


def of_group(group: Group) -> list[Field]:
    """The fields of a group that somebody types."""
    return [field for field in _FIELDS if field.group is group and not field.is_derived]


def named(names: Iterable[str]) -> list[Field]:
    """Fields by name, in the list's order; names that are none are left out."""
    wanted = set(names)
    return [field for field in _FIELDS if field.name in wanted]
