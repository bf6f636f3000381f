"""What ships with the project: facts with sources, loaded once however often it is asked for."""

import csv
import io
import json
from collections import Counter

import pytest
from django.core.management import call_command

from tests.tracing.labels.real import FACTS, needs_files
from tracing import bridges
from tracing.core import caip
from tracing.labels import starter
from tracing.labels.categories import KINDS
from tracing.mixers import contracts

pytestmark = pytest.mark.django_db


def loaded(*more: str) -> list[str]:
    out = io.StringIO()
    call_command("import_directory", "--starter", *more, stdout=out)
    return out.getvalue().splitlines()


def test_every_address_is_written_right_and_has_source_and_day() -> None:
    data = json.loads(starter.SERVICES.read_text())
    assert len({group["service"] for group in data["labels"]}) > 40
    for group in data["labels"]:
        assert group["source"].strip()
        assert group["service"] in starter.services()
        for row in group["addresses"]:
            address = row[0] if isinstance(row, list) else row
            canonical = caip.parse_address(group["chain"], address)
            assert caip.display_address(group["chain"], canonical) == address
    places = Counter((one.chain, one.address) for one in starter.facts())
    assert [place for place, count in places.items() if count > 1] == []
    assert {service.category for service in starter.services().values()} <= KINDS.keys()


def test_a_desk_that_is_told_has_its_source() -> None:
    desks = [row for row in starter.services().values() if row.desk_channel]
    assert len(desks) >= 9
    assert [row.slug for row in desks if not row.desk_source or not row.desk_wants] == []


@needs_files
def test_the_starter_holds_what_the_facts_say_of_exchanges() -> None:
    with FACTS.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    kept = {"exchange_hot", "exchange_reserve", "exchange_cold", "swap_service", "issuer"}
    wanted = [row for row in rows if row["category"] in kept]
    known = {one.address for one in starter.facts()}
    ethereum = json.loads(starter.ETHEREUM.read_text())["labels"]
    known |= {row["address"].lower() for row in ethereum}
    addresses = {
        row["address"].lower() if row["address"].startswith("0x") else row["address"]
        for row in wanted
    }
    assert len(wanted) == 2702
    assert addresses <= known


def test_it_is_loaded_once_and_keeps_what_a_person_set() -> None:
    from incidents.models import Organization
    from tracing.models import Asset, Label, Service

    assert loaded("--dry-run")[-1] == "Dry run: nothing was written."
    assert Label.objects.count() == 0
    loaded()
    counts = (Service.objects.count(), Asset.objects.count(), Label.objects.count())
    desk = Organization.objects.create(name="Binance desk", slug="binance-desk")
    Service.objects.filter(slug="binance").update(organization=desk, desk_wants="something else")
    again = loaded()
    assert again == [
        "services: 0 new or with a desk that is new",
        "assets: 0 new or with an interface that is new",
        "labels: 0 new",
    ]
    assert (Service.objects.count(), Asset.objects.count(), Label.objects.count()) == counts
    binance = Service.objects.get(slug="binance")
    assert (binance.organization, binance.desk_wants) == (desk, "something else")
    assert binance.desk_hold_days == 7


def test_what_ships_agrees_with_itself_and_makes_sinks() -> None:
    from incidents.access import SYSTEM
    from tracing.services import labels

    loaded()
    disagree = []
    for chain in (
        "eip155:1",
        "eip155:56",
        "eip155:42161",
        "bip122:000000000019d6689c085ae165831e93",
    ):
        told = labels.told(chain, SYSTEM)
        assert told
        disagree += [address for address, one in told.items() if one.decision.disagree]
        assert [address for address, one in told.items() if one.kind is None] == []
    assert disagree == []


def test_contracts_of_bridges_and_mixers_and_freezable_tokens_are_among_it() -> None:
    from tracing.models import Asset, Label

    loaded()
    for chain, addresses in bridges.contracts().items():
        rows = Label.objects.filter(chain__caip2=chain, service__kind="crossing")
        assert addresses.keys() <= set(rows.values_list("address", flat=True))
    mixers = [row for row in contracts.contracts() if row.is_sure and row.role == "pool"]
    assert len(mixers) > 40
    for row in mixers:
        rows = Label.objects.filter(chain__caip2=row.chain, address=row.address)
        assert "mixer" in {label.service.kind for label in rows if label.service}
    usdt = Asset.objects.get(caip19="eip155:42161/erc20:0xfd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9")
    assert usdt.issuer is not None
    assert (usdt.issuer.slug, usdt.freeze_interface) == ("tether", "tether,tether-v2")


def test_no_chain_is_watched_because_labels_know_it() -> None:
    from tracing.models import Chain
    from tracing.services import chains

    loaded()
    assert Chain.objects.count() > 5
    assert chains.watched() == []
