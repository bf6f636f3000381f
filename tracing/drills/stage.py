"""Sets a drill's stage: the chain, the directory, the organizations and their people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from incidents.access import Proof
from incidents.choices import Capacity, Channel
from incidents.models import Organization, Person
from incidents.services import desk_contacts, lookup, organizations
from incidents.services.desk_contacts import NewContact
from tracing.core.types import AccountKind, AssetRole
from tracing.models import Chain, Service
from tracing.services import directory, endpoints

# The scenario's words for services, in the terms of the core.
KINDS = {
    "exchange": AccountKind.SERVICE,
    "issuer": AccountKind.SERVICE,
    "lender": AccountKind.POOL,
    "dex": AccountKind.POOL,
    "bridge": AccountKind.CROSSING,
    "mixer": AccountKind.MIXER,
    "council": AccountKind.CUSTODY,
    "return": AccountKind.RETURN,
}
SOURCE = "drill"
PHONE = "+442079460000"  # of numbers that are for fiction (Ofcom)
MAIL = "drill.invalid"  # a domain that can never exist (RFC 2606)


@dataclass(frozen=True)
class Stage:
    """Who and what the acts refer to."""

    scenario: Mapping[str, Any]
    chain: Chain
    organizations: dict[str, Organization]
    people: dict[str, Person]

    def address(self, account: str) -> str:
        """The address behind a name of the scenario."""
        return str(self.scenario["accounts"][account]["address"])

    def asset(self, symbol: str) -> str:
        """The CAIP-19 identifier behind a symbol of the scenario."""
        return str(self.scenario["assets"][symbol]["asset"])

    def organization_of(self, person: str) -> Organization:
        """The organization of one of the cast."""
        for row in self.scenario["organizations"]:
            if any(p["slug"] == person for p in row["people"]):
                return self.organizations[row["slug"]]
        raise KeyError(person)

    def capacity_of(self, slug: str) -> Capacity:
        """The capacity in which an organization sits in the drill's room."""
        row = next(r for r in self.scenario["organizations"] if r["slug"] == slug)
        return Capacity(row["capacity"])


def set_stage(scenario: Mapping[str, Any], node_url: str) -> Stage:
    """Everything that must be known before the first block. Safe to repeat."""
    chain = endpoints.configure(
        scenario["chain"]["caip2"],
        name="Drill chain",
        url=node_url,
        operator="drill",
        start=0,
    )
    cast = {
        row["slug"]: organizations.ensure_organization(row["slug"], row["name"])
        for row in scenario["organizations"]
    }
    people = {
        person["slug"]: organizations.ensure_person(
            f"{person['slug']}@{MAIL}",
            person["slug"].replace(".", " ").title(),
            cast[person["organization"]],
        )
        for row in scenario["organizations"]
        for person in row["people"]
    }
    services = _services(scenario, cast)
    _assets(scenario, chain, services)
    _labels(scenario, chain, services)
    if settings.MAIL_ENABLED:
        _contacts(scenario, cast, people)
    return Stage(scenario, chain, cast, people)


def _contacts(
    scenario: Mapping[str, Any], cast: Mapping[str, Organization], people: Mapping[str, Person]
) -> None:
    """Mailboxes of the desks, verified by a second person, for whoever sends requests to them."""
    senders = {act["by"] for act in scenario["acts"] if act["act"] == "send_freeze_request"}
    desks = [row for row in scenario["services"] if row["organization"]]
    for row in scenario["organizations"]:
        slugs = [person["slug"] for person in row["people"]]
        if not senders.intersection(slugs) or len(slugs) < 2:
            continue
        sender, first, second = cast[row["slug"]], people[slugs[0]], people[slugs[1]]
        for desk in desks:
            if lookup.contact(sender, desk["slug"]) is not None:
                continue
            new = NewContact(
                desk["slug"], desk["name"], Channel.MAIL, f"desk@{desk['slug']}.{MAIL}", PHONE
            )
            made = desk_contacts.add(sender, new, by=first, proof=Proof.CODE)
            desk_contacts.verify(made, "Called, in the exercise.", by=second, proof=Proof.CODE)


def _services(scenario: Mapping[str, Any], cast: Mapping[str, Organization]) -> dict[str, Service]:
    market = scenario["accounts"]["market"]["address"]
    return {
        row["slug"]: directory.ensure_service(
            row["slug"],
            row["name"],
            kind=KINDS[row["kind"]],
            category=row["kind"],
            organization=cast.get(row["organization"] or ""),
            oracle=market if row["kind"] == "lender" else "",
        )
        for row in scenario["services"]
    }


def _assets(scenario: Mapping[str, Any], chain: Chain, services: Mapping[str, Service]) -> None:
    assets = scenario["assets"]
    for row in assets.values():
        issuer = services.get(row.get("issuer", ""))
        contract = scenario["accounts"][row["contract"]]["address"] if row["contract"] else ""
        directory.ensure_asset(
            chain,
            row["asset"],
            symbol=row["symbol"],
            decimals=row["decimals"],
            contract=contract,
            role=AssetRole(row["role"]),
            underlying=assets[row["underlying"]]["asset"] if "underlying" in row else "",
            lender=services.get(row.get("lender", "")),
            issuer=issuer,
            # Both issued tokens of the drill log their freezes as Circle's token does.
            freeze_interface="circle" if issuer is not None else "",
            follow_threshold=int(row["threshold"]),
        )


def _labels(scenario: Mapping[str, Any], chain: Chain, services: Mapping[str, Service]) -> None:
    dated = datetime.fromisoformat(scenario["chain"]["genesis_time"]).astimezone(UTC).date()
    for name, account in scenario["accounts"].items():
        # A return address is a decision of the room (two people), not a label.
        if "label" in account and account["label"] != AccountKind.RETURN:
            directory.ensure_label(
                chain,
                account["address"],
                services[account["service"]],
                source=SOURCE,
                dated=dated,
                name=name,
            )
