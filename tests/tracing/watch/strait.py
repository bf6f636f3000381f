"""Two chains with a bridge between them: a shore each, one room that follows both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from config.embedded.node import Node
from incidents import access
from incidents.choices import Marking
from incidents.models import Incident, Participation
from incidents.ports import Strip, money
from tests.cast import Cast, organization, person
from tests.tracing.bridges.logs import contract_of, own_log
from tests.tracing.watch.puppet import HAND, MOUTH, Step, pay, say, script
from tests.tracing.watch.town import ETHER, EXCHANGE, FINAL_DEPTH, STRANGER, VICTIM, Town
from tracing.core.caip import erc20
from tracing.core.logs import Log
from tracing.core.policies import PolicyName
from tracing.core.types import AccountKind
from tracing.models import Crossing, Exposure, Trace
from tracing.services import directory, endpoints, gaps, replay, traces

NEAR, FAR = "eip155:1", "eip155:8453"
HANDS = "0x" + "4a" * 20
RELAYER = "0x" + "e9" * 20
USDC = {NEAR: "0x" + "75" * 20, FAR: "0x" + "76" * 20}
WETH = {NEAR: "0x" + "77" * 20, FAR: "0x" + "78" * 20}
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
MINTER = "0x" + "3e" * 20
NOBODY = "0x" + "00" * 20


@dataclass
class Shore(Town):
    """One of the two chains."""

    def take_over(self, url: str = "") -> None:
        from tracing.models import Chain
        from tracing.watch import lease as leases
        from tracing.watch.loop import Watcher
        from tracing.watch.source import Source

        Chain.objects.filter(pk=self.chain.pk).update(lease_until=None)
        lease = leases.claim(self.chain.pk)
        assert lease is not None
        self.watcher = Watcher(leases.chain_of(lease), lease)
        self.source = Source(endpoints.adapter_for(self.watcher.chain), self.native)

    @property
    def name(self) -> str:
        return str(self.chain.caip2)

    @property
    def native(self) -> str:
        return str(self.chain.native_asset)

    def together(self, sender: str, *steps: Step) -> str:
        """One transaction that does all of it, in a block of its own."""
        tx = self.send(sender, HANDS, sum(value for _, value, _ in steps), script(*steps))
        self.mine()
        receipt = self.node.call("eth_getTransactionReceipt", tx)
        assert receipt["status"] == "0x1", receipt
        return tx

    def log(self, slug: str, event: str, role: str, **values: object) -> Log:
        return own_log(slug, event, self.name, role, values)

    def token(self, frm: str, to: str, amount: int) -> Step:
        """USDC moves."""
        topics = tuple("0x" + account[2:].rjust(64, "0") for account in (frm, to))
        return say(Log(USDC[self.name], (TRANSFER, *topics), f"0x{amount:064x}", "", 0))

    def trace(
        self,
        tx: str,
        incident: Incident | None = None,
        *,
        policy: PolicyName = PolicyName.FIFO,
    ) -> Trace:
        seat = Participation.objects.get(
            incident=self.incident, organization=organization(self.cast.lead)
        )
        actor = access.actor_of(seat, person(self.cast.lead))
        found = traces.propose(self.name, tx)
        return traces.start(
            self.incident,
            found,
            found.likely,
            actor=actor,
            policy=policy,
            marking=Marking.AMBER,
        )

    def held(self, trace: Trace, asset: str = "") -> dict[str, int]:
        rows = Exposure.objects.filter(trace=trace, asset=asset or self.native, tainted__gt=0)
        return {row.address: int(row.tainted) for row in rows}

    def check(self) -> None:
        assert self.canonical() == self.on_chain()
        assert gaps.look(self.chain) == []
        assert replay.differences(self.incident, self.name) == []


@dataclass
class Strait:
    near: Shore
    far: Shore
    deposits: int = 0
    told: dict[str, Any] = field(default_factory=dict)  # of the latest deposit

    def follow(self) -> None:
        """Both watchers, until neither has anything to do."""
        for _ in range(3):
            self.near.follow()
            self.far.follow()

    # -- Across: ether goes into its pool here and comes from a relayer there ------------------

    def leave(
        self,
        sender: str,
        amount: int,
        *,
        to: str = "",
        frm: Shore | None = None,
        number: int = 0,
        first: tuple[Step, ...] = (),
        value: int | None = None,
    ) -> str:
        """A deposit; ``number`` is its id (0: the next). ``first``: before it in the transaction;
        ``value``: what really goes into the pool."""
        here = frm or self.near
        there = self.far if here is self.near else self.near
        self.deposits += 1
        self.told = {
            "inputToken": word(WETH[here.name]),
            "outputToken": word(WETH[there.name]),
            "inputAmount": amount,
            "outputAmount": amount - amount // 20,
            "depositId": number or self.deposits,
            "fillDeadline": 2**32 - 1,
            "exclusivityDeadline": 0,
            "depositor": word(sender),
            "recipient": word(to or sender),
            "exclusiveRelayer": bytes(32),
        }
        log = here.log(
            "across",
            "FundsDeposited",
            "spoke_pool",
            **self.told,
            destinationChainId=int(there.name.partition(":")[2]),
            quoteTimestamp=0,
            message=b"",
        )
        return here.together(sender, *first, say(log, amount if value is None else value))

    def arrive(self, to: str, amount: int, *, at: Shore | None = None) -> str:
        """A relayer fills the latest deposit, as the deposit was told: ``to`` gets ``amount``."""
        there = at or self.far
        here = self.near if there is self.far else self.far
        log = there.log(
            "across",
            "FilledRelay",
            "spoke_pool",
            **self.told,
            repaymentChainId=1,
            originChainId=int(here.name.partition(":")[2]),
            relayer=word(RELAYER),
            messageHash=bytes(32),
            relayExecutionInfo=(word(to), bytes(32), amount, 0),
        )
        return there.together(RELAYER, pay(to, amount), say(log))

    # -- CCTP: dollars are burnt here and minted there -----------------------------------------

    def burn(self, sender: str, amount: int, *, to: str) -> str:
        self.deposits += 1
        log = self.near.log(
            "cctp_v1",
            "DepositForBurn",
            "messenger",
            nonce=self.deposits,
            burnToken=USDC[NEAR],
            amount=amount,
            depositor=sender,
            mintRecipient=word(to),
            destinationDomain=6,
            destinationTokenMessenger=bytes(32),
            destinationCaller=bytes(32),
        )
        taken = self.near.token(sender, MINTER, amount)
        return self.near.together(sender, taken, self.near.token(MINTER, NOBODY, amount), say(log))

    def mint(self, to: str, amount: int) -> str:
        """The latest burn comes out."""
        there = self.far
        minted = there.log(
            "cctp_v1",
            "MintAndWithdraw",
            "messenger",
            mintRecipient=to,
            amount=amount,
            mintToken=USDC[FAR],
        )
        parts = (bytes(4), word(USDC[NEAR]), word(to), amount.to_bytes(32), bytes(32))
        received = there.log(
            "cctp_v1",
            "MessageReceived",
            "transmitter",
            caller=RELAYER,
            sourceDomain=0,
            nonce=self.deposits,
            sender=bytes(32),
            messageBody=b"".join(parts),
        )
        issued = there.token(NOBODY, to, amount)
        return there.together(RELAYER, issued, say(minted), say(received))

    # -- what the room sees ------------------------------------------------------------------

    def crossing(self) -> Crossing:
        return Crossing.objects.latest("pk")

    def strip(self, viewer: access.Actor = access.SYSTEM) -> Strip:
        (strip,) = money().strips(self.near.incident, viewer)
        parts = (strip.at_large, strip.held, strip.frozen, strip.recovered, strip.lost)
        assert sum(parts) == strip.stolen
        assert min(parts) >= 0
        assert strip.at_services + strip.in_crossing <= strip.at_large
        return strip


def word(address: str) -> bytes:
    return bytes(12) + bytes.fromhex(address[2:])


def shore(node: Node, caip2: str, cast: Cast) -> Shore:
    """A fresh chain with the bridges' contracts and an exchange on it."""
    node.call("anvil_reset")
    node.call("anvil_setNextBlockBaseFeePerGas", "0x0")
    node.call("anvil_autoImpersonateAccount", True)
    for rich in (VICTIM, STRANGER, RELAYER):
        node.call("anvil_setBalance", rich, hex(1_000_000 * ETHER))
    chain = endpoints.configure(caip2, name=caip2, url=node.url, start=0, final_depth=FINAL_DEPTH)
    directory.ensure_asset(chain, chain.native_asset, symbol="ETH", decimals=18, follow_threshold=1)
    directory.ensure_asset(
        chain, erc20(caip2, USDC[caip2]), symbol="USDC", decimals=6, follow_threshold=1
    )
    assert cast.exchange.organization
    exchange = directory.ensure_service(
        "big-exchange",
        "Big Exchange",
        kind=AccountKind.SERVICE,
        category="exchange",
        organization=cast.exchange.organization,
    )
    directory.ensure_label(chain, EXCHANGE, exchange, source="test", dated=date(2026, 11, 21))
    node.call("anvil_setCode", HANDS, HAND)
    mouths = [USDC[caip2], contract_of("across", caip2, "spoke_pool")]
    mouths += [contract_of("cctp_v1", caip2, role) for role in ("messenger", "transmitter")]
    for mouth in mouths:
        node.call("anvil_setCode", mouth, MOUTH)
    return Shore(node, chain, cast, exchange)


def build(near: Node, far: Node, cast: Cast) -> Strait:
    return Strait(shore(near, NEAR, cast), shore(far, FAR, cast))
