"""Labels, assets and thresholds as the engine takes them, read anew for each block."""

from __future__ import annotations

from dataclasses import dataclass, field

from incidents.access import EVERY_PARTY
from incidents.services import addresses
from tracing.core import caip
from tracing.core.types import SEIZED_ADDRESS, AccountKind, AssetInfo, AssetRole
from tracing.models import Asset, Chain, Label, Service, TokenProbe, Trace
from tracing.services import names
from tracing.watch.tokens import FreezableToken, freezable


@dataclass(frozen=True)
class Directory:
    """What is known of one chain, at one moment."""

    labels: dict[str, Label]
    assets: dict[str, Asset]
    oracles: dict[str, str]  # lender's slug -> its price oracle
    # Asset -> what a token that no directory has answered about its freeze interface.
    probed: dict[str, str] = field(default_factory=dict)

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
        """
        found = {
            address: AccountKind(label.service.kind)
            for address, label in self.labels.items()
            if label.service is not None and label.service.kind
        }
        returns = addresses.accepted_returns(trace.incident, trace.chain.caip2, EVERY_PARTY)
        found[SEIZED_ADDRESS] = AccountKind.CUSTODY
        return found | dict.fromkeys(returns, AccountKind.RETURN)

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
        return [
            address
            for address, label in self.labels.items()
            if label.service is not None and label.service.kind == AccountKind.CUSTODY
        ]

    def freezable(self) -> dict[str, FreezableToken]:
        """Tokens with a known freeze interface, by contract."""
        return freezable(self.assets.values(), self.probed)

    def service_at(self, address: str) -> Service | None:
        """The service that a sourced label names."""
        label = self.labels.get(address)
        return label.service if label else None


def load(chain: Chain) -> Directory:
    """The directory of a chain, as it stands now."""
    assets = Asset.objects.filter(chain=chain).select_related("lender", "issuer")
    lenders = Service.objects.exclude(oracle="").values_list("slug", "oracle")
    probes = TokenProbe.objects.filter(chain=chain).values_list("contract", "interface")
    return Directory(
        labels=names.labels(chain.caip2, EVERY_PARTY),
        assets={row.caip19: row for row in assets},
        oracles=dict(lenders),
        probed={caip.erc20(chain.caip2, contract): slugs for contract, slugs in probes},
    )
