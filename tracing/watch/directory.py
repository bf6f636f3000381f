"""Labels, assets and thresholds as the engine takes them, read anew for each block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass, field

from incidents import access
from incidents.access import EVERY_PARTY
from incidents.services import addresses
from tracing.core import caip
from tracing.core.types import (
    SEIZED_ADDRESS,
    AccountKind,
    AssetInfo,
    AssetRole,
    BlockMovements,
)
from tracing.mixers import contracts as mixers
from tracing.models import Asset, Chain, Label, Service, TokenProbe, Trace
from tracing.services import labels, names
from tracing.watch.tokens import FreezableToken, freezable


@dataclass(frozen=True)
class Directory:
    """What is known of one chain, at one moment.

    ``words``: labels by address, all that every party may know of, rooms' own words among them.
    ``asked``: the addresses whose labels were read; None: all were. Others are read when needed.
    """

    chain: Chain
    asked: set[str] | None
    words: dict[str, list[Label]]
    assets: dict[str, Asset]
    oracles: dict[str, str]  # lender's slug -> its price oracle
    custodians: tuple[str, ...]
    # Asset -> what a token that no directory has answered about its freeze interface.
    probed: dict[str, str] = field(default_factory=dict)

    def label_at(self, address: str, trace: Trace | None = None) -> Label | None:
        """The label that counts at an address, in the room of a trace; without one, in none."""
        self.know([address])
        room = trace.incident_id if trace else None
        known = [row for row in self.words.get(address, ()) if row.incident_id in (None, room)]
        return labels.judged(known).label if known else None

    def know(self, addresses: Iterable[str]) -> None:
        """Read the labels of these addresses as well, in one query."""
        if self.asked is None:
            return
        missing = set(addresses) - self.asked
        if missing:
            self.words.update(_words(self.chain, missing))
            self.asked.update(missing)

    def labelled(self, addresses: Collection[str]) -> set[str]:
        """Those of these addresses that have a label."""
        rows = Label.objects.filter(chain=self.chain, address__in=addresses)
        found = access.visible(EVERY_PARTY, rows)
        return set(found.values_list("address", flat=True))

    @property
    def asset_infos(self) -> dict[str, AssetInfo]:
        return {
            row.caip19: AssetInfo(
                asset=row.caip19,
                role=AssetRole(row.role),
                underlying=row.underlying or None,
                lender=row.lender.slug if row.lender else None,
                contract=row.contract or None,
            )
            for row in self.assets.values()
        }

    def kinds(self, trace: Trace) -> dict[str, AccountKind]:
        """Labels that make sinks, and the return addresses that this incident accepted.

        Only what every party may know: a finding is told to the room under its trace's marking,
        and "arrived" would tell of a label that was kept from somebody. Such value is followed on.
        Where stolen value was received first, the seed wins over any label.
        """
        found = dict.fromkeys(mixers.of_chain(trace.chain.caip2), AccountKind.MIXER)
        for address in list(self.words):
            service = self.service_at(address, trace)
            if service is not None and service.kind:
                found[address] = AccountKind(service.kind)
        for address in labels.seed_receivers(trace, found):
            del found[address]
        found = names.bridge_kinds(self.chain.caip2) | found
        returns = addresses.accepted_returns(trace.incident, trace.chain.caip2, EVERY_PARTY)
        found[SEIZED_ADDRESS] = AccountKind.CUSTODY
        return found | dict.fromkeys(returns, AccountKind.RETURN)

    def infos_of(self, real: Container[str]) -> dict[str, AssetInfo]:
        """What is known of real assets."""
        return {asset: info for asset, info in self.asset_infos.items() if asset in real}

    def vouched(self) -> set[str]:
        """Assets that are real for every trace."""
        return {row.caip19 for row in self.assets.values() if not row.is_noted}

    def rebasing(self) -> set[str]:
        """Assets whose balances change although nothing was moved."""
        return {row.caip19 for row in self.assets.values() if row.is_rebasing}

    def thresholds(self) -> dict[str, int]:
        """Thresholds that somebody set, in base units per asset."""
        return {
            row.caip19: int(row.follow_threshold)
            for row in self.assets.values()
            if row.follow_threshold
        }

    def custody(self) -> list[str]:
        """Addresses into which a council moves what it secured."""
        return list(self.custodians)

    def freezable(self) -> dict[str, FreezableToken]:
        """Tokens with a known freeze interface, by contract."""
        return freezable(self.assets.values(), self.probed)

    def bridge_contracts(self) -> dict[str, str]:
        """Address -> slug of the bridge whose contract the label that counts says it is."""
        found = {address: self.service_at(address) for address in self.words}
        return {
            address: service.slug
            for address, service in found.items()
            if service is not None and service.kind == AccountKind.CROSSING
        }

    def service_at(self, address: str, trace: Trace | None = None) -> Service | None:
        """The service of the label that counts at an address (`label_at`)."""
        label = self.label_at(address, trace)
        return label.service if label else None


def load(chain: Chain, *blocks: BlockMovements) -> Directory:
    """The directory of a chain, as it stands now; with blocks, labels of their addresses only, and
    of those that act without being in a movement of them: custodians, who move value by change of
    state, and bridges, whose contracts log for others."""
    silent = _silent(chain)
    assets = list(Asset.objects.filter(chain=chain).select_related("lender", "issuer"))
    wanted = None
    if blocks:
        wanted = {row.contract for row in assets if row.contract} | silent.keys()
        wanted |= set().union(*map(addresses_of, blocks))
    lenders = Service.objects.exclude(oracle="").values_list("slug", "oracle")
    probes = TokenProbe.objects.filter(chain=chain).values_list("contract", "interface")
    return Directory(
        chain=chain,
        asked=wanted,
        words=_words(chain, wanted),
        assets={row.caip19: row for row in assets},
        oracles=dict(lenders),
        custodians=tuple(a for a, kind in silent.items() if kind == AccountKind.CUSTODY),
        probed={caip.erc20(chain.caip2, contract): slugs for contract, slugs in probes},
    )


def _words(chain: Chain, addresses: Collection[str] | None) -> dict[str, list[Label]]:
    known = Label.objects.filter(chain=chain)
    if addresses is not None:
        known = known.filter(address__in=addresses)
    words: dict[str, list[Label]] = defaultdict(list)
    for row in access.visible(EVERY_PARTY, known).select_related("service").order_by("pk"):
        words[row.address].append(row)
    return dict(words)


def _silent(chain: Chain) -> dict[str, str]:
    """Custodians and bridges: address -> kind."""
    rows = Label.objects.filter(
        chain=chain,
        incident__isnull=True,
        service__kind__in=(AccountKind.CUSTODY, AccountKind.CROSSING),
    )
    rows = access.visible(EVERY_PARTY, rows).order_by("pk")
    return dict(rows.values_list("address", "service__kind"))


def addresses_of(block: BlockMovements) -> set[str]:
    """Every address that takes part in a block."""
    found: set[str | None] = set()
    for tx in block.transactions:
        found |= {tx.sender, tx.to}
        for movement in tx.movements:
            found |= {movement.frm, movement.to}
    return {address for address in found if address is not None}


def at(chain: Chain, addresses: Collection[str]) -> Directory:
    """The labels of these addresses, as they stand now, and nothing else of a chain."""
    known = set(addresses)
    return Directory(chain, known, _words(chain, known), assets={}, oracles={}, custodians=())
