"""18 April 2026, 17:35 to 18:55 UTC: the forged packet, loans, first conversions, the pause."""

from __future__ import annotations

from tracing.drills.kelpdao_stage import allow, numbered
from tracing.drills.script import UNIT, Script

DIVIDED = "how it was divided is an exercise value"
SPREAD = (17_000, 16_500, 16_500, 17_000, 16_500, 16_500, 16_500)  # 116,500 over seven addresses
# position: (funded by, rsETH parts supplied, WETH parts borrowed, wstETH borrowed).
# Sums as recorded: 89,567 rsETH supplied; 82,650 WETH and 821 wstETH borrowed; health 1.01 to 1.03.
POSITIONS = {
    "p1": ((("r1", 12_000),), (12_000,), (11_200,), 0),
    "p2": ((("r2", 11_500),), (11_500,), (6_000, 4_740), 0),
    "p3": ((("r3", 11_250),), (11_250,), (10_510,), 0),
    "p4": ((("r4", 11_000),), (6_000, 5_000), (10_280,), 0),
    "p5": ((("r5", 11_000),), (11_000,), (7_000, 3_260), 0),
    "p6": ((("r6", 11_000),), (11_000,), (10_300,), 0),
    "p7": ((("r7", 11_000),), (11_000,), (9_760,), 400),
    "p8": ((("r1", 5_000), ("r2", 5_000), ("r4", 817)), (10_817,), (9_600,), 421),
}


def theft(script: Script) -> None:
    """The forged packet on the Unichain route, and the spread over seven receiving addresses."""
    script.block("2026-04-18T17:35:11Z")
    packet = {"guid": "forged-1", "source": "30320", "to": "thief", "asset": "rsETH"}
    script.do("attest", by="dvn", adapter="adapter", amount=116_500 * UNIT, **packet)
    fields = {"from": "adapter", "amount": 116_500 * UNIT, "seed": "kelp", "note": "record"}
    script.do("release", by="thief", **fields, **packet)
    script.mark("theft")
    script.pace(60)
    for i, (name, amount) in enumerate(zip(numbered("r", 7), SPREAD, strict=True)):
        if i % 2 == 0:
            script.block()
        script.send("thief", name, amount * UNIT, "rsETH", note=f"record: seven; {DIVIDED}")
    poison(script)


def position_loans(script: Script) -> None:
    """Eight positions: fund, supply, borrow, unwrap. A price moves between the fourth and fifth."""
    names = list(POSITIONS)
    for first in range(0, 8, 2):
        pair = names[first : first + 2]
        for stage_of in (fund, supply, borrow, borrow_staked, unwrap_all):
            script.block()
            for name in pair:
                stage_of(script, name)
        if first == 2:
            script.block()
            script.do(
                "set_price", by="aave_gov", lender="market", asset="rsETH", price=2501_10000000
            )  # fmt: skip


def fund(script: Script, name: str) -> None:
    for source, amount in POSITIONS[name][0]:
        script.send(source, name, amount * UNIT, "rsETH")
    allow(script, name, "rsETH", "market")


def supply(script: Script, name: str) -> None:
    for part in POSITIONS[name][1]:
        amount = part * UNIT
        note = f"record: 89,567 rsETH in 8 positions; {DIVIDED}"
        script.convert("supply", name, "arsETH", "rsETH", "arsETH", amount, amount, note=note)


def borrow(script: Script, name: str) -> None:
    for part in POSITIONS[name][2]:
        lend(script, name, "WETH", part * UNIT)


def borrow_staked(script: Script, name: str) -> None:
    if POSITIONS[name][3]:
        lend(script, name, "wstETH", POSITIONS[name][3] * UNIT)


def lend(script: Script, name: str, asset: str, amount: int) -> None:
    fields = {"from": f"a{asset}", "to": name, "asset": asset, "amount": amount}
    note = f"record: 82,650 WETH and 821 wstETH; {DIVIDED}"
    script.do("borrow", by=name, debt=f"debt{asset}", lender="market", note=note, **fields)


def unwrap_all(script: Script, name: str) -> None:
    keep = 120 * UNIT if name == "p8" else 0
    unwrap(script, name, script.balance(name, "WETH") - keep)


def unwrap(script: Script, name: str, amount: int) -> None:
    script.convert("unwrap", name, "weth", "WETH", "ETH", amount, amount)


def swap(script: Script, who: str, sell: str, buy: str, amount: int, num: int, den: int) -> None:
    """Through the pool at its set rate; amounts are exercise values."""
    bought = amount * num // den
    allow(script, who, sell, "pool")
    script.convert("swap", who, "pool", sell, buy, amount, bought)


def cash_out(script: Script) -> None:
    """What was not supplied: swaps, a stable, an exchange, a rescue, and a change of mind at p8."""
    script.block()
    script.send("r7", "xr", 600 * UNIT, "rsETH")
    script.send("r7", "h2", 700 * UNIT, "rsETH")
    script.block()
    script.send("xr", "alder_dep1", 600 * UNIT, "rsETH")
    script.mark("alder_dep1")
    for pair in (("r3", 5_250, "r4", 4_883), ("r5", 5_500, "r6", 5_500)):
        for who, amount in (pair[:2], pair[2:]):
            script.block()
            swap(script, str(who), "rsETH", "WETH", int(amount) * UNIT, 108, 100)
    script.block()
    swap(script, "r7", "rsETH", "WETH", 1_400 * UNIT, 108, 100)
    swap(script, "r7", "rsETH", "USDX", 1_300 * UNIT, 2500 * 10**6, UNIT)
    script.block()
    for who, amount in (("p7", 400), ("p8", 421)):
        swap(script, who, "wstETH", "WETH", amount * UNIT, 123, 100)
    script.block()
    repay_some(script)
    script.block()
    script.send("r7", "whitehat", 1_500 * UNIT, "rsETH")
    for who in ("r3", "r4", "r5", "r6", "r7"):
        unwrap(script, who, script.balance(who, "WETH"))
    script.block()
    for who in ("p7", "p8"):
        unwrap(script, who, script.balance(who, "WETH"))
    stable_split(script)


def repay_some(script: Script) -> None:
    """p8 repays a little and takes a little collateral back (exercise): loans run both ways."""
    allow(script, "p8", "WETH", "market")
    fields = {"from": "p8", "to": "aWETH", "asset": "WETH", "amount": 120 * UNIT}
    script.do("repay", debtor="p8", debt="debtWETH", lender="market", **fields)
    amount = 110 * UNIT
    script.convert("withdraw", "p8", "arsETH", "arsETH", "rsETH", amount, amount)


def stable_split(script: Script) -> None:
    script.block()
    script.send("r7", "s0", 3_250_000 * 10**6, "USDX")
    allow(script, "s0", "USDX", "disperse")
    script.block()
    shares = (("s1", 1_200_000), ("s2", 900_000), ("s3", 650_000))
    script.disperse("s0", [(to, amount * 10**6) for to, amount in shares], "USDX")
    script.mark("stable_at_rest")
    script.block()
    look = {"from": "s0", "to": "lookalike", "asset": "USDX", "amount": 0}
    script.do("poison", by="duster", **look)


def poison(script: Script) -> None:
    """Dust, and a token that logs a transfer nobody made."""
    script.block()
    for name in ("r1", "p3"):
        script.send("duster", name, 10**14)
    fake = {"from": "r1", "to": "lookalike", "asset": "HOSTILE", "amount": 10**24}
    script.do("spoof", by="hostile_dev", **fake)


def pause(script: Script) -> None:
    """18:21 the pauser stops rsETH; a second packet of 40,000 reverts; freezes follow."""
    script.block("2026-04-18T18:21:00Z")
    script.do("pause", by="kelp_pauser", asset="rsETH", note="record")
    script.mark("pause")
    script.block()
    packet = {"guid": "forged-2", "source": "30320", "to": "thief", "asset": "rsETH"}
    script.do("attest", by="dvn", adapter="adapter", amount=40_000 * UNIT, **packet)
    fields = {"from": "adapter", "amount": 40_000 * UNIT, "reverts": True, "note": "record"}
    script.do("release", by="thief", **fields, **packet)
    script.block()
    script.do(
        "freeze",
        by="kelp_issuer",
        asset="rsETH",
        account="adapter",
        note="record: 43,373 rsETH frozen; where is an exercise value",
    )
    script.do("freeze", by="kelp_issuer", asset="rsETH", account="h2")
    script.block()
    script.send("r6", "disperse", UNIT // 100, reverts=True)
    script.quiet(4)
    early_exits(script)
    script.block("2026-04-18T18:52:00Z")
    script.do("reserve_freeze", by="aave_gov", lender="market", asset="rsETH", note="record")


def early_exits(script: Script) -> None:
    """Ether towards exchanges; one deposit exists on an orphaned branch of three blocks only."""
    script.block()
    script.send("r3", "xa", 420 * UNIT + UNIT // 100)
    script.send("r3", "xb", 300 * UNIT + UNIT // 100)
    script.send("r3", "m2", 181 * UNIT)
    script.block()
    script.send("xa", "alder_dep2", 420 * UNIT)
    script.mark("alder_dep2")
    deposit = bare("m2", "alder_dep3", 180 * UNIT)
    sweep = bare("alder_dep3", "alder_hot", 179 * UNIT)
    script.orphan([[deposit], [sweep], []], "withdraws the arrival of 180 ETH at an exchange")
    script.block()
    script.send("m2", "m3", 180 * UNIT)
    script.quiet(3)
    script.block()
    script.send("xb", "birch_dep1", 300 * UNIT)
    script.mark("birch_dep1")
    sweep_back = script.balance("alder_dep2") - UNIT
    script.send("alder_dep2", "alder_hot", sweep_back)
    script.block()
    script.send("s0", "birch_dep3", 500_000 * 10**6, "USDX")
    script.mark("birch_dep3")
    order_matters(script)


def order_matters(script: Script) -> None:
    """A clean and a tainted credit in one block; a reorg of depth one turns their order round."""
    clean, tainted = bare("stranger", "q1", 30 * UNIT), bare("m3", "q1", 60 * UNIT)
    script.orphan([[tainted, clean]], "the same transactions come back in another order", same=True)
    script.block()
    script.send("stranger", "q1", 30 * UNIT)
    script.send("m3", "q1", 60 * UNIT)
    script.block()
    script.send("q1", "q2", 50 * UNIT)
    script.block()
    script.send("q2", "birch_dep2", 45 * UNIT)


def bare(frm: str, to: str, amount: int) -> dict[str, str]:
    """A native send for an orphaned branch, which is not booked."""
    return {
        "kind": "transfer", "from": frm, "to": to, "asset": "ETH", "amount": str(amount),
        "fee": "42000000000000",
    }  # fmt: skip
