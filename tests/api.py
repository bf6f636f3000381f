"""A client of the API, and bodies that are right."""

from typing import Any

from rest_framework.test import APIClient

from incidents.models import Person
from tests import factories
from tests.factories import ADDRESS, AMBER, CHAIN, TOKEN

Body = dict[str, Any]


def client_of(person: Person | None) -> APIClient:
    """A signed-in session that speaks JSON; nobody without a person."""
    client = APIClient()
    client.default_format = "json"
    if person is not None:
        client.force_login(person)
    return client


def room(slug: str, path: str = "") -> str:
    """An address inside a room."""
    return f"/api/v1/incidents/{slug}/{path}"


# Findings that a person goes over when sending what tests make.
ANYWAY = ["missing_field", "no_transaction", "no_end", "vague", "wrong_channel", "marking"]
NOTE: Body = {"text": "They move.", "marking": AMBER}
RECORD: Body = {"chain": CHAIN, "address": factories.SHOWN_ADDRESS, "marking": AMBER}
STATEMENT: Body = {"title": "What happened", "text": "At 17:35 UTC ...", "marking": AMBER}
DRAFT: Body = {
    "desk_name": "Far Exchange",
    "chain": CHAIN,
    "address": ADDRESS,
    "asset": TOKEN,
    "symbol": "RSX",
    "decimals": 18,
    "amount": "1000",
    "marking": AMBER,
}
FLOWS: Body = {
    "csv": f"from,to,amount,block\n{ADDRESS},{factories.address(9)},12.5,1\n",
    "terminals": [factories.address(9)],
    "marking": AMBER,
}
