"""The drill's stage: contracts, liquidity, labels, and what attackers' addresses had before."""

from __future__ import annotations

from typing import Any

from tracing.drills.script import ANY, UNIT, Script, created

CAST = (  # name, role, genesis balance in whole native coins
    ("deployer", "neutral", 10),
    ("kelp_issuer", "kelpdao", 10),
    ("kelp_pauser", "kelpdao", 10),
    ("dvn", "layerzero", 10),
    ("aave_gov", "aave", 100_000),
    ("usdx_issuer", "issuer", 10),
    ("staker", "neutral", 10),
    ("maker", "neutral", 400_000),
    ("hostile_dev", "hostile", 10),
    ("duster", "hostile", 10),
    ("stranger", "neutral", 200),
)
HOSTILE_NAME = "\u202e<img src=x onerror=alert(1)>\u2066=HYPERLINK(1)\U0001f9a0\U0001f4b8"
HOSTILE_SYMBOL = "</td><b>US\u0405D\u200d\U0001f480"
DEAD = "0x000000000000000000000000000000000000dead"
COUNCIL = "0x0000000000000000000000000000000000000da0"
THRESHOLDS = {"ETH": 43_500 * 10**12, "rsETH": 40_000 * 10**12, "wstETH": 35_400 * 10**12}


def stage(script: Script) -> None:
    """Deploy, list, fund. Everything here is clean."""
    for name, role, coins in CAST:
        script.account(name, role, eth=coins * UNIT)
    deploy(script)
    assets(script)
    services(script)
    liquidity(script)


def deploy(script: Script) -> None:
    script.block()
    script.contract("weth", "WrappedNative", "deployer", issues=["WETH"])
    script.contract("rseth", "RestakedToken", "kelp_issuer", "rsETH", "rsETH", "@kelp_pauser")
    script.contract("adapter", "BridgeAdapter", "kelp_issuer", "@rseth", "@dvn", service="kelpdao")
    script.contract("usdx", "StableToken", "usdx_issuer", "USDX (exercise)", "USDX")
    script.contract("wsteth", "StakedToken", "staker", "wstETH", "wstETH")
    script.block()
    script.contract("pool", "Pool", "deployer", label="pool", service="exercise-swap")
    bridge: dict[str, Any] = {"label": "crossing", "service": "thorchain-like"}
    script.contract("bridge", "Bridge", "deployer", **bridge)
    script.account("vault", "bridge vault", **bridge)
    script.contract("disperse", "Disperse", "deployer")
    for size in (1, 10, 100):
        mixer = {"label": "mixer", "service": "exercise-mixer", "denomination": str(size * UNIT)}
        script.contract(f"mixer{size}", "Mixer", "deployer", str(size * UNIT), **mixer)
    script.contract("hostile", "HostileToken", "hostile_dev", HOSTILE_NAME, HOSTILE_SYMBOL)
    script.block()
    script.contract("market", "LendingMarket", "aave_gov", service="aave")


def assets(script: Script) -> None:
    """The asset table, and the market's listings that create receipts and debts."""
    script.asset("ETH", "", 18, threshold=str(THRESHOLDS["ETH"]))
    script.asset("WETH", "weth", 18, threshold=str(THRESHOLDS["ETH"]))
    script.asset("rsETH", "rseth", 18, threshold=str(THRESHOLDS["rsETH"]), issuer="kelpdao")
    script.asset("wstETH", "wsteth", 18, threshold=str(THRESHOLDS["wstETH"]))
    script.asset("USDX", "usdx", 6, threshold=str(100 * 10**6), issuer="usdx-issuer")
    script.asset("HOSTILE", "hostile", 18, threshold="1")
    nonce = 1
    for key, price in (
        ("rsETH", 2506_40000000),
        ("WETH", 2300_00000000),
        ("wstETH", 2829_00000000),
    ):
        token = script.document["assets"][key]["contract"]
        for role, prefix in (("receipt", "a"), ("debt", "debt")):
            name, address = f"{prefix}{key}", created(script.address("market"), nonce)
            issues = [name] if role == "receipt" else []
            label: dict[str, Any] = {"label": "pool"} if role == "receipt" else {}
            script.account(
                name, "contract", address=address, service="aave", issues=issues, **label
            )
            more = {"underlying": key, "lender": "aave", "market": "market"}
            floor = script.document["assets"][key]["threshold"]
            script.asset(name, name, 18, role, threshold=floor, **more)
            nonce += 1
        script.do(
            "list", by="aave_gov", lender="market", asset=key, token=token, decimals=18,
            threshold_bps=8_750
        )  # fmt: skip
        script.do("set_price", by="aave_gov", lender="market", asset=key, price=price)


def services(script: Script) -> None:
    """Addresses that a directory knows."""
    for name, service in (
        ("alder_dep1", "exchange-alder"),
        ("alder_dep2", "exchange-alder"),
        ("alder_dep3", "exchange-alder"),
        ("alder_hot", "exchange-alder"),
        ("birch_dep1", "exchange-birch"),
        ("birch_dep2", "exchange-birch"),
        ("birch_dep3", "exchange-birch"),
    ):
        script.account(name, "exchange", label="service", service=service)
    script.account("council", "custody", address=COUNCIL, label="custody", service="council")
    script.account("safe", "return address", label="return", service="return-safe")
    script.account("dead", "burn", address=DEAD)
    script.account("whitehat", "white-hat")


def liquidity(script: Script) -> None:
    """Reserves of the lender and the pool; supply figures as in the record where it has them."""
    script.block()
    mint(script, "kelp_issuer", "rsETH", "adapter", 159_873 * UNIT)  # 116,500 + 43,373
    mint(script, "kelp_issuer", "rsETH", "maker", 487_349 * UNIT)  # 116,500 is about 18 % of all
    mint(script, "staker", "wstETH", "maker", 20_000 * UNIT)
    mint(script, "usdx_issuer", "USDX", "maker", 50_000_000 * 10**6)
    script.convert("wrap", "maker", "weth", "ETH", "WETH", 150_000 * UNIT, 150_000 * UNIT)
    script.convert("wrap", "aave_gov", "weth", "ETH", "WETH", 80_000 * UNIT, 80_000 * UNIT)
    script.block()
    for key, amount in (("WETH", 100_000), ("wstETH", 2_000)):
        allow(script, "maker", key, "market")
        script.convert("supply", "maker", f"a{key}", key, f"a{key}", amount * UNIT, amount * UNIT)
    script.block()
    script.send("maker", "pool", 40_000 * UNIT, "WETH")
    script.send("maker", "pool", 6_000_000 * 10**6, "USDX")
    for sell, buy, num, den in (
        ("rsETH", "WETH", 108, 100),
        ("wstETH", "WETH", 123, 100),
        ("rsETH", "USDX", 2500 * 10**6, UNIT),
    ):
        script.do(
            "rate", by="deployer", pool="pool", sell=sell, buy=buy, numerator=num, denominator=den
        )  # fmt: skip
    script.block()
    script.do("fund_background", by="maker", asset="USDX", each=50_000 * 10**6)
    script.do("fund_background", by="maker", asset="wstETH", each=10 * UNIT)


def prelude(script: Script) -> None:
    """Before the theft: clean value on addresses that taint will reach (FIFO spends it first)."""
    script.background = 8
    for name in ATTACKERS:
        script.account(name, "attacker")
    script.account("lookalike", "hostile", address=lookalike(script.address("s1")))
    script.quiet(3)
    for name, asset, amount in (
        ("p3", "rsETH", 25 * UNIT),
        ("r5", "rsETH", 3 * UNIT),
        ("s0", "USDX", 10_000 * 10**6),
    ):
        script.block()
        script.send("maker", name, amount, asset)
    for name, amount in (
        ("w2", 12 * UNIT),
        ("arb", 5 * UNIT // 2),
        ("m1", 4 * UNIT // 5),
        ("w1", UNIT // 2),
    ):
        script.block()
        script.send("maker", name, amount)
    script.quiet(2)
    script.block()
    victims = ["thief", "p3", "w2", "arb"]
    script.do("spam", by="hostile_dev", asset="HOSTILE", accounts=victims, amount=UNIT)
    script.quiet(14)


def mint(script: Script, by: str, asset: str, to: str, amount: int) -> None:
    script.do("mint", by=by, asset=asset, to=to, amount=amount)


def allow(script: Script, owner: str, asset: str, spender: str) -> None:
    fields = {"from": owner, "asset": asset, "spender": spender, "amount": ANY}
    script.do("approve", **fields)


def lookalike(address: str) -> str:
    """Same first six and last four digits, as address poisoners make them."""
    return address[:8] + "5" * 30 + address[-4:]


def numbered(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{i}" for i in range(1, count + 1)]


ATTACKERS = [
    "thief", *numbered("r", 7), *numbered("p", 8), "w1", "w2", "w3", "arb", "s0", "s1", "s2", "s3",
    "h2", "xr", "xa", "xb", "m1", "m2", "m3", "q1", "q2", "n1", "crumb", *numbered("x", 20),
    *numbered("y", 10), *numbered("k", 24), *numbered("v", 5), *numbered("u", 20),
]  # fmt: skip
