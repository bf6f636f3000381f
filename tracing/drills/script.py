"""Tools to write a drill: accounts, assets and blocks of steps, booked by the oracle at once.

The result is a plain document (the scenario file) in which every amount is spelled out; nothing
here is needed to play it or to judge it.
"""

from __future__ import annotations

import copy
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from eth_utils.crypto import keccak

from tracing.drills import oracle

UNIT = 10**18
FEE = 21_000 * 2_000_000_000  # a plain send at 2 gwei, base fee 0
ANY = 2**256 - 1  # allowance without limit


class Script:
    """A scenario under construction. ``document`` is what is written to the file."""

    def __init__(self, slug: str, start: str, gap: int) -> None:
        self.slug = slug
        self.clock = moment(start)
        self.gap = timedelta(seconds=gap)
        self.nonces: dict[str, int] = {}
        self.document: dict[str, Any] = {
            "genesis": {"balances": {}},
            "accounts": {},
            "assets": {},
            "blocks": [],
            "forks": [],
            "acts": [],
        }
        self.books = oracle.Books(self.document)
        self.background = 0
        self.marks: dict[str, int] = {}

    # -- who and what --------------------------------------------------------------------------

    def account(self, name: str, role: str, *, address: str = "", eth: int = 0, **more: Any) -> str:
        """A generated address, unless ``address`` is given; ``eth``: its balance at genesis."""
        digest = hashlib.sha256(f"holdfast drill {self.slug}: {name}".encode()).hexdigest()
        self.document["accounts"][name] = {"address": address or f"0x{digest[:40]}", "role": role}
        self.document["accounts"][name] |= more
        if eth:
            self.document["genesis"]["balances"][name] = str(eth)
            self.books.balances[name, oracle.NATIVE] = eth
        return name

    def address(self, name: str) -> str:
        return str(self.document["accounts"][name]["address"])

    def contract(self, name: str, artefact: str, by: str, *args: Any, **more: Any) -> str:
        """Deploy: the address follows from the deployer and its nonce, so the script knows it."""
        self.account(name, "contract", address=created(self.address(by), self.nonces.get(by, 0)))
        self.document["accounts"][name] |= more
        self.do("deploy", by=by, contract=name, artefact=artefact, args=list(args))
        return name

    def asset(
        self, key: str, contract: str, decimals: int, role: str = "plain", **more: Any
    ) -> str:
        chain = "eip155:31337"
        token = f"{chain}/erc20:{self.address(contract)}" if contract else f"{chain}/slip44:60"
        self.document["assets"][key] = {
            "asset": token, "symbol": key, "decimals": decimals, "role": role, "contract": contract,
            **more,
        }  # fmt: skip
        return key

    # -- when ----------------------------------------------------------------------------------

    def block(self, at: str = "") -> None:
        """Begin the next block, at a given time or one gap later."""
        time = moment(at) if at else self.clock + self.gap
        if time <= self.clock:
            raise ValueError(f"{at} is not after {self.clock}")
        self.clock = time
        number = len(self.document["blocks"]) + 1
        self.document["blocks"].append(
            {"n": number, "time": stamp(time), "background": self.background, "steps": []}
        )
        self.books.block = number

    @property
    def height(self) -> int:
        return len(self.document["blocks"])

    def pace(self, seconds: int) -> None:
        """Time between the blocks that follow."""
        self.gap = timedelta(seconds=seconds)

    def mark(self, name: str) -> None:
        """Remember the current height, so that acts of the room can refer to it."""
        self.marks[name] = self.height

    def quiet(self, blocks: int) -> None:
        """Blocks in which only the background goes on."""
        for _ in range(blocks):
            self.block()

    # -- steps ---------------------------------------------------------------------------------

    def do(self, kind: str, **fields: Any) -> str:
        """Add a step to the block and book it. Amounts may be ints; the file has strings."""
        steps = self.document["blocks"][-1]["steps"]
        step = {"id": f"s{self.height:04d}-{len(steps) + 1}", "kind": kind, **plain(fields)}
        if "note" not in step:
            step["exercise"] = True  # the record is silent about this one
        steps.append(step)
        sender = step.get("by", step.get("from"))
        if sender and kind != "state":
            self.nonces[sender] = self.nonces.get(sender, 0) + 1
        self.books.apply(step)
        return str(step["id"])

    def balance(self, name: str, asset: str = oracle.NATIVE) -> int:
        return self.books.balances.get((name, asset), 0)

    def send(self, frm: str, to: str, amount: int, asset: str = oracle.NATIVE, **more: Any) -> str:
        """A plain send; native ones pay the exact fee, token calls ride at gas price 0."""
        fee = FEE if asset == oracle.NATIVE else 0
        fields = {"from": frm, "to": to, "asset": asset, "amount": amount, "fee": fee}
        return self.do("transfer", **fields, **more)

    def send_all(self, frm: str, to: str, keep: int = 0) -> str:
        return self.send(frm, to, self.balance(frm) - FEE - keep)

    def convert(
        self,
        kind: str,
        who: str,
        at: str,
        sell: str,
        buy: str,
        sold: int,
        bought: int,
        **more: Any,
    ) -> str:
        fields = {
            "from": who,
            "to": at,
            "asset": sell,
            "amount": sold,
            "buys": buy,
            "bought": bought,
        }
        return self.do(kind, **fields, **more)

    def disperse(self, frm: str, shares: list[tuple[str, int]], asset: str = oracle.NATIVE) -> str:
        total = sum(amount for _, amount in shares)
        parts = [{"to": to, "amount": str(amount)} for to, amount in shares]
        fields = {"from": frm, "through": "disperse", "asset": asset, "amount": total}
        return self.do("disperse", **fields, shares=parts)

    # -- forks ---------------------------------------------------------------------------------

    def orphan(self, blocks: list[list[dict[str, Any]]], why: str, *, same: bool = False) -> None:
        """A branch that is mined from the next height on and then replaced by the canonical one.

        ``same``: the canonical blocks carry the same background transactions (come back in another
        order), else the orphans have a background of their own.
        """
        first = self.height + 1
        branch = [self._orphan(first + i, i, steps, same) for i, steps in enumerate(blocks)]
        fork = {"at": first, "depth": len(blocks), "why": why, "same_background": same}
        self.document["forks"].append(fork | {"orphans": branch})

    def _orphan(
        self, number: int, offset: int, steps: list[dict[str, Any]], same: bool
    ) -> dict[str, Any]:
        time = self.clock + self.gap * (offset + 1) - timedelta(seconds=0 if same else 3)
        named = [{"id": f"o{number:04d}-{i}", **plain(step)} for i, step in enumerate(steps, 1)]
        return {"n": number, "time": stamp(time), "background": self.background, "steps": named}

    def finish(self) -> dict[str, Any]:
        return copy.deepcopy(self.document)


def plain(fields: dict[str, Any]) -> dict[str, Any]:
    """JSON's shape of a step: base units as strings, everything else as it is."""
    return {
        k: str(v) if isinstance(v, int) and not isinstance(v, bool) else v
        for k, v in fields.items()
    }


def created(deployer: str, nonce: int) -> str:
    """The address of the contract that ``deployer`` creates at ``nonce`` (below 128)."""
    if not 0 <= nonce < 128:
        raise ValueError("nonce out of the one-byte range")
    encoded = b"\xd6\x94" + bytes.fromhex(deployer[2:]) + bytes([nonce or 0x80])
    return "0x" + keccak(encoded)[12:].hex()


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
