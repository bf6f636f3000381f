"""18 April, 19:00, to 8 May 2026: flight, the council's move, the bridge, then the returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import bech32

from tracing.drills.kelpdao_stage import allow, numbered
from tracing.drills.kelpdao_theft import DIVIDED, POSITIONS
from tracing.drills.script import UNIT, Script

COUNCIL_MOVE = 30_765_667501709008927568  # wei, the Arbitrum Security Council's figure
WALLETS = {"w1": 25_000 * UNIT, "w2": 25_700 * UNIT, "w3": 25_000 * UNIT}
PEEL = 1_070 * UNIT
Step = Callable[[], None]


def launder(script: Script) -> None:
    """Everything between the pause and the end of the laundering."""
    script.pace(900)
    script.quiet(10)
    stable_freezes(script)
    script.quiet(14)
    gather(script)
    mixers(script)
    script.quiet(36)
    council(script)
    script.block("2026-04-21T06:30:00Z")
    script.pace(1_740)
    routes = [wide(script), peel(script), tree(script)]
    while routes:
        script.block()
        for route in list(routes):
            step = next(route, None)
            if step is None:
                routes.remove(route)
            else:
                step()
    script.mark("laundered")


def stable_freezes(script: Script) -> None:
    """The issuer freezes three addresses; what then tries to move reverts."""
    script.block()
    for name in ("s1", "s2", "s3"):
        script.do("freeze", by="usdx_issuer", asset="USDX", account=name)
    script.mark("stable_frozen")
    script.block()
    script.send("s1", "s0", 1_000 * 10**6, "USDX", reverts=True)


def gather(script: Script) -> None:
    """Ether of loans and swaps goes to three wallets and to the one on the council's chain."""
    script.block()
    script.send("p1", "crumb", 5 * 10**14)
    clean = {name: script.balance(name) for name in WALLETS}
    for name, sources, last in (
        ("w1", ("p1", "p2"), "r3"),
        ("w2", ("p3", "p4"), "r4"),
        ("w3", ("p5", "r5", "r6"), "p6"),
    ):
        script.block()
        for source in sources:
            script.send_all(source, name)
        script.block()
        missing = WALLETS[name] - (script.balance(name) - clean[name])
        script.send(last, name, missing, note="record: about")
    for source in ("p6", "p7", "p8", "r3"):
        script.block()
        script.send_all(source, "arb")
    script.block()
    script.send("r7", "arb", COUNCIL_MOVE + UNIT // 20 - script.balance("arb"))


def mixers(script: Script) -> None:
    """Fixed denominations; a little is burnt."""
    script.block()
    script.send("r4", "m1", 332 * UNIT)
    for name, sizes in (("m1", (100, 100, 100, 10, 10, 10, 1)), ("m3", (100, 10))):
        for size in sizes:
            script.block()
            fields = {"from": name, "to": f"mixer{size}", "asset": "ETH", "amount": size * UNIT}
            script.do("mix", **fields)
    script.block()
    script.send("m1", "dead", 7 * UNIT // 10)
    script.mark("mixed")


def council(script: Script) -> None:
    """A move by change of state: no transaction of the owner, nothing else of it in the block."""
    script.block("2026-04-21T03:26:00Z")
    fields = {"from": "arb", "to": "council", "asset": "ETH", "amount": COUNCIL_MOVE}
    script.do("state", note="record", **fields)
    script.mark("council")
    script.pace(600)
    script.quiet(6)


def wide(script: Script) -> Iterator[Step]:
    """w1: twenty addresses in two payments; half of them hop once more before the bridge."""
    names = numbered("x", 20)
    for half in (names[:10], names[10:]):
        yield lambda half=half: pay(script, "w1", half, 1_250 * UNIT)  # type: ignore[misc]
    for name in names[:10]:
        yield lambda name=name: bridge(script, name, script.balance(name))  # type: ignore[misc]
    for i, name in enumerate(names[10:], 1):
        yield lambda name=name, i=i: hop_and_bridge(script, name, f"y{i}")  # type: ignore[misc]


def peel(script: Script) -> Iterator[Step]:
    """w2: a peel chain of 24 hops; each peels one bridge deposit off and passes the rest on."""
    yield lambda: dust(script, ("k3", "k11", "v2"))
    previous = "w2"
    for name in numbered("k", 24):
        yield lambda frm=previous, to=name: peel_once(script, frm, to)  # type: ignore[misc]
        previous = name
    yield lambda: bridge(script, "k24", script.balance("k24"))


def tree(script: Script) -> Iterator[Step]:
    """w3: five, then twenty addresses, then the bridge."""
    branches, leaves = numbered("v", 5), numbered("u", 20)
    yield lambda: pay(script, "w3", branches, 5_000 * UNIT - 10**15)
    for i, name in enumerate(branches):
        part = leaves[4 * i : 4 * i + 4]
        yield lambda name=name, part=part: pay(script, name, part, 1_249 * UNIT)  # type: ignore[misc]
    for name in leaves:
        yield lambda name=name: bridge(script, name, script.balance(name))  # type: ignore[misc]


def pay(script: Script, frm: str, to: list[str], each: int) -> None:
    script.disperse(frm, [(name, each) for name in to])


def dust(script: Script, names: tuple[str, ...]) -> None:
    for name in names:
        script.send("duster", name, 10**14)


def peel_once(script: Script, frm: str, to: str) -> None:
    script.send_all(frm, to)
    bridge(script, to, PEEL)


def hop_and_bridge(script: Script, frm: str, to: str) -> None:
    script.send_all(frm, to)
    bridge(script, to, script.balance(to))


def bridge(script: Script, name: str, amount: int) -> None:
    """A deposit to Bitcoin; recipients are well-formed addresses of its test network."""
    fields = {"from": name, "to": "vault", "asset": "ETH", "amount": amount}
    note = f"record: about 75,700 ETH; {DIVIDED}"
    recipient = bech32.encode("bcrt", 0, bytes.fromhex(script.address(name)[2:]))
    script.do(
        "bridge", through="bridge", destination="BTC.BTC", recipient=recipient, note=note, **fields
    )


def recover(script: Script) -> None:
    """Returns, the lender's liquidation to the return Safe, a freeze lifted, and a quiet end."""
    script.pace(10_800)
    script.quiet(30)
    script.block("2026-04-27T12:00:00Z")
    script.mark("plan")
    script.send("r7", "n1", 75 * UNIT)
    script.quiet(3)
    script.mark("return_accepted")
    script.document["accounts"]["safe"]["label_after"] = script.height
    script.quiet(4)
    script.block()
    script.send("n1", "safe", 74 * UNIT)
    script.block("2026-05-01T12:00:00Z")
    script.do("unpause", by="kelp_pauser", asset="rsETH")
    script.block()
    script.send("h2", "thief", 700 * UNIT, "rsETH", reverts=True)
    script.do("unfreeze", by="usdx_issuer", asset="USDX", account="s3")
    script.block()
    script.send("whitehat", "safe", 1_350 * UNIT, "rsETH")
    liquidations(script)
    script.quiet(85)
    script.block("2026-05-08T18:00:00Z")
    script.mark("end")


def liquidations(script: Script) -> None:
    """Six positions whole and a seventh in part; p8 stays (exercise)."""
    script.pace(3_600)
    script.block()
    script.do("set_price", by="aave_gov", lender="market", asset="rsETH", price=2130_00000000)
    for key in ("WETH", "wstETH"):
        allow(script, "aave_gov", key, "market")
    for name in list(POSITIONS)[:7]:
        script.block()
        seized = 9_000 * UNIT if name == "p7" else script.balance(name, "arsETH")
        fields = {"from": "aave_gov", "to": "aWETH", "asset": "WETH"}
        script.do(
            "liquidate", **fields, amount=script.balance(name, "debtWETH"), debtor=name,
            debt="debtWETH", collateral="arsETH", seized=seized, reserve="arsETH", pays="rsETH",
            beneficiary="safe", lender="market", note="record: proposal 477",
        )  # fmt: skip
    script.mark("liquidated")
