"""What a step of a scenario is on the chain: transactions with exact calldata, gas and price."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from eth_abi.abi import encode

from tracing.drills.background import accounts as background_accounts

ARTEFACTS = Path(__file__).with_name("artefacts")
NATIVE_GAS = 21_000
CALL_GAS = 1_000_000
DEPLOY_GAS = 12_000_000
SHARE_GAS = 90_000
Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One transaction. ``reverts``: it is mined, and fails."""

    sender: str
    to: str | None
    value: int = 0
    data: str = "0x"
    gas: int = CALL_GAS
    gas_price: int = 0
    reverts: bool = False
    step: str = ""

    def request(self, nonce: int) -> dict[str, str]:
        """Parameters of eth_sendTransaction: all of them, so that the node estimates nothing."""
        fields = {
            "from": self.sender, "value": hex(self.value), "data": self.data,
            "gas": hex(self.gas), "gasPrice": hex(self.gas_price), "nonce": hex(nonce),
        }  # fmt: skip
        return fields if self.to is None else {**fields, "to": self.to}


@cache
def artefact(name: str) -> dict[str, Any]:
    """A compiled contract of this package."""
    loaded: dict[str, Any] = orjson.loads((ARTEFACTS / f"{name}.json").read_bytes())
    return loaded


def calldata(contract: str, method: str, *args: Any) -> str:
    """Selector and arguments. ``method`` is a bare name: the drill's contracts overload nothing."""
    for signature, selector in artefact(contract)["methods"].items():
        name, _, rest = signature.partition("(")
        if name == method:
            types = [kind for kind in rest.rstrip(")").split(",") if kind]
            return f"0x{selector}{encode(types, args).hex()}"
    raise KeyError(f"{contract} has no method {method}")


class Translator:
    """Turns steps of one scenario into calls."""

    def __init__(self, scenario: Mapping[str, Any]) -> None:
        self.scenario = scenario
        self.contracts = {
            step["contract"]: step["artefact"]
            for block in scenario["blocks"]
            for step in block["steps"]
            if step["kind"] == "deploy"
        }

    def address(self, name: str) -> str:
        return str(self.scenario["accounts"][name]["address"])

    def token(self, asset: str) -> str:
        """The account name of an asset's contract."""
        return str(self.scenario["assets"][asset]["contract"])

    def calls(self, step: Step) -> list[Call]:
        """The transactions of a step, in order. Raises KeyError for a kind nobody knows."""
        if step["kind"] == "fund_background":
            return self.fund_background(step)
        kind = "native" if step["kind"] == "transfer" and step["asset"] == "ETH" else step["kind"]
        to, value, method, args = KINDS[kind](self, step)
        sender = self.address(step.get("by", step.get("from")))
        common = {"sender": sender, "step": step["id"], "reverts": bool(step.get("reverts"))}
        if kind == "deploy":
            return [Call(to=None, data=method, gas=DEPLOY_GAS, **common)]
        if kind == "native":
            price = int(step.get("fee", "0")) // NATIVE_GAS
            target = self.address(to)
            return [Call(to=target, value=value, gas=NATIVE_GAS, gas_price=price, **common)]
        data = calldata(self.contracts[to], method, *args)
        gas = CALL_GAS + SHARE_GAS * len(step.get("shares", ()))
        gas = DEPLOY_GAS if kind == "list" else gas  # a listing creates two tokens
        return [Call(to=self.address(to), value=value, data=data, gas=gas, **common)]

    def fund_background(self, step: Step) -> list[Call]:
        """Give each background account ``each`` of a token, in one payment to all."""
        token, each = self.token(step["asset"]), int(step["each"])
        to = background_accounts(self.scenario["background"])
        sender, payer = self.address(step["by"]), self.address("disperse")
        approve = calldata(self.contracts[token], "approve", payer, each * len(to))
        args = (self.address(token), to, [each] * len(to))
        spread = calldata("Disperse", "disperseToken", *args)
        gas = CALL_GAS + SHARE_GAS * len(to)
        return [
            Call(sender, self.address(token), data=approve, step=step["id"]),
            Call(sender, payer, data=spread, gas=gas, step=step["id"]),
        ]


Shape = tuple[str, int, str, Sequence[Any]]  # account called, value, method, arguments
Handler = Callable[[Translator, Step], Shape]


def _deploy(t: Translator, s: Step) -> Shape:
    built = artefact(s["artefact"])
    constructors = [entry for entry in built["abi"] if entry["type"] == "constructor"]
    types = [str(entry["type"]) for made in constructors for entry in made["inputs"]]
    args = [
        t.address(arg[1:]) if arg.startswith("@") else int(arg) if kind.startswith("uint") else arg
        for arg, kind in zip(s["args"], types, strict=True)
    ]
    return "", 0, built["bytecode"] + encode(types, args).hex(), ()


def _swap(t: Translator, s: Step) -> Shape:
    sell, buy = (t.address(t.token(asset)) for asset in (s["asset"], s["buys"]))
    return s["to"], 0, "swap", (sell, buy, int(s["amount"]), t.address(s["from"]))


def _withdraw(t: Translator, s: Step) -> Shape:
    receipt = t.scenario["assets"][s["asset"]]
    args = (t.address(t.token(receipt["underlying"])), int(s["amount"]), t.address(s["from"]))
    return receipt["market"], 0, "withdraw", args


def _supply(t: Translator, s: Step) -> Shape:
    market = t.scenario["assets"][s["buys"]]["market"]
    return market, 0, "supply", (t.address(t.token(s["asset"])), int(s["amount"]))


def _lend(t: Translator, s: Step) -> Shape:
    args: tuple[Any, ...] = (t.address(t.token(s["asset"])), int(s["amount"]))
    if s["kind"] == "repay":
        args += (t.address(s["debtor"]),)
    return s["lender"], 0, s["kind"], args


def _liquidate(t: Translator, s: Step) -> Shape:
    debt, pays = (t.address(t.token(asset)) for asset in (s["asset"], s["pays"]))
    paid, seized = int(s["amount"]), int(s["seized"])
    args = (t.address(s["debtor"]), debt, paid, pays, seized, t.address(s["beneficiary"]))
    return s["lender"], 0, "liquidate", args


def _disperse(t: Translator, s: Step) -> Shape:
    to = [t.address(share["to"]) for share in s["shares"]]
    amounts = [int(share["amount"]) for share in s["shares"]]
    if s["asset"] == "ETH":
        return s["through"], int(s["amount"]), "disperseEther", (to, amounts)
    return s["through"], 0, "disperseToken", (t.address(t.token(s["asset"])), to, amounts)


def _bridge(t: Translator, s: Step) -> Shape:
    args = (t.address(s["to"]), s["destination"], s["recipient"], 2**63)
    return s["through"], int(s["amount"]), "depositWithExpiry", args


def _packet(t: Translator, s: Step) -> Shape:
    guid = hashlib.sha256(s["guid"].encode()).digest()
    args = (guid, int(s["source"]), t.address(s["to"]), int(s["amount"]))
    if s["kind"] == "attest":
        return s["adapter"], 0, "attest", args
    return s["from"], 0, "deliver", args


def _list(t: Translator, s: Step) -> Shape:
    args = (t.address(s["token"]), s["asset"], int(s["decimals"]), 0, int(s["threshold_bps"]))
    return s["lender"], 0, "list", args


def _rate(t: Translator, s: Step) -> Shape:
    sell, buy = (t.address(t.token(asset)) for asset in (s["sell"], s["buy"]))
    return s["pool"], 0, "setRate", (sell, buy, int(s["numerator"]), int(s["denominator"]))


def _three(method: str) -> Handler:
    """A token method with (from, to, amount)."""

    def shape(t: Translator, s: Step) -> Shape:
        args = (t.address(s["from"]), t.address(s["to"]), int(s["amount"]))
        return t.token(s["asset"]), 0, method, args

    return shape


def _two(method: str, who: str) -> Handler:
    """A token method with (account, amount)."""
    return lambda t, s: (t.token(s["asset"]), 0, method, (t.address(s[who]), int(s["amount"])))


KINDS: dict[str, Handler] = {
    "deploy": _deploy,
    "native": lambda t, s: (s["to"], int(s["amount"]), "", ()),
    "transfer": _two("transfer", "to"),
    "mint": _two("mint", "to"),
    "approve": _two("approve", "spender"),
    "poison": _three("transferFrom"),
    "spoof": _three("spoof"),
    "spam": lambda t, s: (
        t.token(s["asset"]), 0, "spam", ([t.address(a) for a in s["accounts"]], int(s["amount"])),
    ),
    "wrap": lambda t, s: (s["to"], int(s["amount"]), "deposit", ()),
    "unwrap": lambda t, s: (s["to"], 0, "withdraw", (int(s["amount"]),)),
    "swap": _swap,
    "supply": _supply,
    "withdraw": _withdraw,
    "borrow": _lend,
    "repay": _lend,
    "liquidate": _liquidate,
    "disperse": _disperse,
    "bridge": _bridge,
    "mix": lambda t, s: (
        s["to"], int(s["amount"]), "deposit", (hashlib.sha256(s["id"].encode()).digest(),),
    ),
    "attest": _packet,
    "release": _packet,
    "pause": lambda t, s: (t.token(s["asset"]), 0, "pause", ()),
    "unpause": lambda t, s: (t.token(s["asset"]), 0, "unpause", ()),
    "freeze": lambda t, s: (t.token(s["asset"]), 0, "blacklist", (t.address(s["account"]),)),
    "unfreeze": lambda t, s: (t.token(s["asset"]), 0, "unBlacklist", (t.address(s["account"]),)),
    "list": _list,
    "set_price": lambda t, s: (
        s["lender"], 0, "setAssetPrice", (t.address(t.token(s["asset"])), int(s["price"])),
    ),
    "rate": _rate,
    "reserve_freeze": lambda t, s: (
        s["lender"], 0, "setReserveFreeze", (t.address(t.token(s["asset"])), True),
    ),
}  # fmt: skip
