"""The facts that ship with the project, into the directory: as often as one likes.

The starter directory, the contracts of bridges and mixers, the tokens that issuers can freeze and
those of the chains that ship. A row that is there keeps what somebody changed about who a service
is (its organization), and of a token what a person set. Labels that ship name their source; nothing
is taken from a chain.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from incidents import scope
from tracing import bridges, issuers
from tracing.core import caip
from tracing.issuers import tokens
from tracing.labels import categories, starter
from tracing.labels.base import LONGEST_NAME, LONGEST_SOURCE, LabelFact, slug
from tracing.mixers import contracts
from tracing.models import Asset, Label, Service
from tracing.services import chains, directory, directory_import, label_import, shipped_chains

# When the bridges' and mixers' facts were gathered.
AS_OF = date(2026, 11, 21)
# Their issuers, in the words of the tokens' file, where the directory calls them otherwise.
_ISSUERS = {
    "Paxos": "paxos",
    "PayPal/Paxos": "paxos",
    "Coinbase": "coinbase-issuer",
    "BitGo/BiT Global": "bitgo",
    "World Liberty / BitGo": "world-liberty",
    "TrueUSD": "trueusd",
}


@dataclass
class Shipped:
    """What was new or changed."""

    ethereum: directory_import.Imported
    services: int = 0
    assets: int = 0
    labels: list[label_import.Imported] = field(default_factory=list)

    @property
    def new_services(self) -> int:
        return (
            self.services + sum(done.services for done in self.labels) + self.ethereum.services.new
        )

    @property
    def new_assets(self) -> int:
        return self.assets + self.ethereum.assets.new

    @property
    def new_labels(self) -> int:
        return sum(done.new for done in self.labels) + self.ethereum.labels.new


@scope.trusted
@transaction.atomic
def load(*, dry_run: bool = False) -> Shipped:
    """Everything that ships. A repeat writes nothing; a dry run undoes all but the counts."""
    chains.ensure_known("eip155:1")
    data = json.loads(starter.ETHEREUM.read_text(encoding="utf-8"))
    done = Shipped(directory_import.import_directory(data))
    done.services = sum(_service(row) for row in starter.services().values())
    done.labels.append(label_import.save([f for f in starter.facts() if not _is_bridge(f)]))
    done.labels.append(label_import.save(list(_of_bridges())))
    done.labels.append(label_import.save(list(_of_mixers())))
    done.assets = sum(_token(row) for row in tokens.tokens())
    done.assets += shipped_chains.load_shipped_tokens()
    transaction.set_rollback(dry_run)
    return done


def _service(row: starter.ServiceFact) -> bool:
    """Whether the service or its desk was new here."""
    known = Service.objects.filter(slug=row.slug).first()
    desk = {name: getattr(row, name) for name in directory.DESK_FIELDS if getattr(row, name)}
    kind = categories.kind_of(row.category)
    if known is not None and all(getattr(known, name) for name in desk):
        return False
    if known is None and kind is not None:
        known = directory.ensure_service(row.slug, row.name, kind=kind, category=row.category)
    if known is not None and desk:
        directory.set_desk(known, {name: v for name, v in desk.items() if not getattr(known, name)})
    return True


def _is_bridge(one: LabelFact) -> bool:
    """Whether the bridges' facts know the address: an exchange that swaps at once into another
    chain is both, and whom to ask where the value went is what matters first."""
    return one.address in bridges.contracts().get(one.chain, {})


def _of_bridges() -> Iterator[LabelFact]:
    """The contracts that value goes into when it leaves a chain."""
    named = {name: bridge.facts.name for name, bridge in bridges.registry().items()}
    for chain, addresses in bridges.contracts().items():
        known = _services_at(chain, addresses, "bridge")
        for address, bridge in addresses.items():
            yield LabelFact(
                chain=chain,
                address=address,
                name=named[bridge],
                category="bridge",
                actor=known.get(address, slug(bridge)),
                source=f"Holdfast facts of bridges: {bridge}",
                dated=AS_OF,
            )


def _of_mixers() -> Iterator[LabelFact]:
    """The contracts into which value goes when it is mixed, where their source stands behind it."""
    for chain in {row.chain for row in contracts.contracts()}:
        rows = [row for row in contracts.of_chain(chain).values() if row.role != "registry"]
        known = _services_at(chain, [row.address for row in rows], "mixer")
        for row in rows:
            yield LabelFact(
                chain=chain,
                address=row.address,
                name=row.name[:LONGEST_NAME],
                category="mixer",
                actor=known.get(row.address, slug(row.mixer)),
                source=row.source[:LONGEST_SOURCE],
                dated=AS_OF,
            )


def _services_at(chain: str, addresses: Iterable[str], category: str) -> dict[str, str]:
    """Slugs of services of that category that a label names there already: no second one."""
    rows = Label.objects.filter(
        chain__caip2=chain,
        address__in=list(addresses),
        incident__isnull=True,
        service__category=category,
    ).order_by("-pk")
    return {row.address: row.service.slug for row in rows.select_related("service") if row.service}


def _token(row: tokens.Token) -> bool:
    """A token that its issuer can freeze, where its source read the contract. Whether it is new.

    What is there stays, but for the freeze interface and the issuer, if it has none.
    """
    if not row.address or row.status != tokens.VERIFIED or not row.chain.startswith("eip155:"):
        return False
    chain = chains.ensure_known(row.chain)
    asset = caip.erc20(row.chain, row.address)
    interfaces = ",".join(row.interfaces)
    known = Asset.objects.filter(caip19=asset).first()
    if known is not None and known.freeze_interface and known.issuer_id and not known.is_noted:
        return False
    if not issuers.is_named(interfaces):
        return False
    name = _ISSUERS.get(row.issuer, slug(row.issuer))
    issuer = Service.objects.filter(slug=name).first() or directory.ensure_service(
        name, row.issuer, kind=categories.KINDS["issuer"], category="issuer"
    )
    if known is not None:
        known.freeze_interface = known.freeze_interface or interfaces
        known.issuer = known.issuer or issuer
        known.is_noted = False
        known.save(update_fields=["freeze_interface", "issuer", "is_noted"])
        return True
    directory.ensure_asset(
        chain,
        asset,
        symbol=row.symbol,
        decimals=row.decimals,
        contract=row.address,
        issuer=issuer,
        freeze_interface=interfaces,
    )
    return True
