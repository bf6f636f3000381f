"""The drill's room: organizations, people, services of the directory, and acts at certain blocks.

No invented words in real parties' mouths: claims and statements are built from the public record
only, and say that they are reports of it. Parties that the record does not name are invented and
carry "(exercise)" in their names.
"""

from __future__ import annotations

from typing import Any

from tracing.drills.script import UNIT, Script

ORGANIZATIONS: tuple[tuple[str, str, str, bool, tuple[str, ...]], ...] = (
    # slug, name, capacity (as the room's closed list has it), confidential, people
    ("kelpdao", "KelpDAO", "affected", False, ("kelp.lead", "kelp.second")),
    ("layerzero", "LayerZero", "affected", False, ("layerzero.lead", "layerzero.second")),
    ("aave", "Aave", "affected", False, ("aave.risk", "aave.guardian")),
    ("council", "Arbitrum Security Council", "bridge", False, ("council.member",)),
    ("analytics", "Analytics firm (exercise)", "analytics", False, ("analyst.one", "analyst.two")),
    ("exchange-alder", "Exchange Alder (exercise)", "exchange", False, ("alder.desk",)),
    ("exchange-birch", "Exchange Birch (exercise)", "exchange", False, ("birch.desk",)),
    ("usdx-issuer", "USDX issuer (exercise)", "issuer", False, ("usdx.desk",)),
    ("police", "Law enforcement (exercise)", "law_enforcement", True, ("officer.one",)),
    ("whitehat", "White-hat (exercise)", "white_hat", False, ("whitehat.one",)),
    ("coordinator", "Coordinator (exercise)", "coordinator", False, ("coordinator.one",)),
)
PARTS = {"aave": "lender", "council": "Layer-2 council"}  # where a capacity alone says too little
REAL = frozenset({"kelpdao", "layerzero", "aave", "council"})

SERVICES: tuple[tuple[str, str, str, str], ...] = (
    # slug, name, kind, organization that answers for it ("" none here)
    ("exchange-alder", "Exchange Alder (exercise)", "exchange", "exchange-alder"),
    ("exchange-birch", "Exchange Birch (exercise)", "exchange", "exchange-birch"),
    ("usdx-issuer", "USDX issuer (exercise)", "issuer", "usdx-issuer"),
    ("kelpdao", "KelpDAO, issuer of rsETH", "issuer", "kelpdao"),
    ("aave", "Aave-like market (exercise)", "lender", "aave"),
    ("exercise-swap", "Swap pool (exercise)", "dex", ""),
    ("thorchain-like", "THORChain-like bridge (exercise)", "bridge", ""),
    ("exercise-mixer", "Mixer of fixed denominations (exercise)", "mixer", ""),
    ("council", "Arbitrum Security Council custody", "council", "council"),
    ("return-safe", "Return Safe", "return", ""),
)

OPENING = (
    "Exercise. Record, 18 April 2026, 17:35 UTC: a forged packet on the Unichain to Ethereum route "
    "released 116,500 rsETH (about $292 M)."
)
LAYERZERO_REPORT = (
    "Exercise. Public record, 19/20 April 2026: LayerZero's publication attributes the theft to "
    "Lazarus and names the one-of-one verifier configuration of the route."
)
KELP_REPORT = (
    "Exercise. Public record, 19/20 April 2026: KelpDAO's answer is that the one-of-one "
    "configuration was LayerZero's default."
)
AAVE_REPORT = (
    "Exercise. Public record: 89,567 rsETH supplied in 8 positions; 82,650 WETH and 821 wstETH "
    "borrowed; rsETH and wrsETH frozen on all deployments at 18:52 UTC."
)
COUNCIL_REPORT = (
    "Exercise. Public record, 21 April 2026, 03:26 UTC: 30,765.667501709008927568 ETH moved to "
    "0x0000000000000000000000000000000000000DA0, releasable only by governance."
)
STATUS_FIRST = (
    "Exercise. 116,500 rsETH were released by a forged packet on 18 April 2026 at 17:35 UTC. rsETH "
    "was paused at 18:21 UTC."
)
STATUS_PLAN = (
    "Exercise. Public record, 27 April 2026: DeFi United published a joint plan, aligned with "
    "KelpDAO and LayerZero."
)


def room(script: Script) -> None:
    """Add organizations, services, seeds and acts to the scenario."""
    document = script.document
    document["organizations"] = [
        {
            "slug": slug,
            "name": name,
            "capacity": capacity,
            "part": PARTS.get(slug, capacity.replace("_", " ")),
            "confidential": confidential,
            "in_public_record": slug in REAL,
            "people": [{"slug": person, "organization": slug} for person in people],
        }
        for slug, name, capacity, confidential, people in ORGANIZATIONS
    ]
    document["services"] = [
        {"slug": slug, "name": name, "kind": kind, "organization": organization or None}
        for slug, name, kind, organization in SERVICES
    ]
    document["seeds"] = [seed(document)]
    document["acts"] = [
        {"id": f"a{i:02d}", **act}
        for i, act in enumerate(sorted(acts(script), key=lambda act: int(act["block"])), 1)
    ]


def seed(document: dict[str, Any]) -> dict[str, str]:
    steps = [step for block in document["blocks"] for step in block["steps"] if "seed" in step]
    step = steps[0]
    return {
        "key": step["seed"], "step": step["id"], "receiver": step["to"], "asset": step["asset"],
        "amount": step["amount"],
    }  # fmt: skip


def acts(script: Script) -> list[dict[str, Any]]:
    """What people do in the room, each after its block was applied by the watcher."""
    return [*opening(script), *requests(script), *positions(script), *returns(script)]


def opening(script: Script) -> list[dict[str, Any]]:
    start, pause = script.marks["theft"] + 1, script.marks["pause"]
    result = [
        act(start, "open_incident", "kelp.lead", title="KelpDAO, 18 April 2026", text=OPENING),
        act(start, "start_trace", "kelp.lead", seeds=["kelp"]),
        act(start, "accept_terms", "kelp.lead"),
        act(start, "accept_terms", "kelp.second"),
    ]
    arrivals = (1, 1, 2, 3, 4, 5, 5, 6, 7, 8)  # blocks later, in the order of ORGANIZATIONS
    for later, (slug, _, _, confidential, people) in zip(arrivals, ORGANIZATIONS[1:], strict=True):
        invite = {"organization": slug, "confidential": confidential}
        result.append(act(start + later, "invite", "kelp.lead", **invite))
        result += [act(start + later, "accept_terms", person) for person in people]
    result.append(act(pause + 2, "publish_status", "kelp.lead", text=STATUS_FIRST))
    return result


def requests(script: Script) -> list[dict[str, Any]]:
    """Freeze requests: drafted by the watcher on arrival, approved and sent by two, answered."""
    result: list[dict[str, Any]] = []
    for mark, account, asset, desk, delay in (
        ("alder_dep1", "alder_dep1", "rsETH", "exchange-alder", 2),
        ("alder_dep2", "alder_dep2", "ETH", "exchange-alder", 4),
        ("birch_dep1", "birch_dep1", "ETH", "exchange-birch", 2),
        ("birch_dep3", "birch_dep3", "USDX", "exchange-birch", 2),
        ("stable_at_rest", "s1", "USDX", "usdx-issuer", 3),
        ("stable_at_rest", "s2", "USDX", "usdx-issuer", 3),
        ("stable_at_rest", "s3", "USDX", "usdx-issuer", 3),
    ):
        block, target = script.marks[mark] + delay, {"target": [account, asset], "desk": desk}
        result.append(act(block, "approve_freeze_request", "kelp.lead", **target))
        result.append(act(block, "approve_freeze_request", "layerzero.lead", **target))
        result.append(act(block + 1, "send_freeze_request", "kelp.lead", **target))
    for mark, account, asset, person, answer, amount, delay in (
        ("alder_dep1", "alder_dep1", "rsETH", "alder.desk", "held", 600 * UNIT, 9),
        ("alder_dep2", "alder_dep2", "ETH", "alder.desk", "held", 250 * UNIT, 9),
        ("birch_dep1", "birch_dep1", "ETH", "birch.desk", "declined", 0, 12),
    ):
        fields = {"target": [account, asset], "answer": answer, "amount": str(amount)}
        result.append(act(script.marks[mark] + delay, "answer_freeze", person, **fields))
    return result


def positions(script: Script) -> list[dict[str, Any]]:
    """Two affected parties state different things; both stay on the record."""
    dispute, council = script.marks["council"] - 24, script.marks["council"]
    return [
        act(dispute, "claim", "layerzero.lead", text=LAYERZERO_REPORT),
        act(dispute + 1, "claim", "kelp.lead", text=KELP_REPORT),
        act(dispute + 2, "claim", "aave.risk", text=AAVE_REPORT),
        act(council + 1, "claim", "council.member", text=COUNCIL_REPORT),
    ]


def returns(script: Script) -> list[dict[str, Any]]:
    """The joint plan, and the return address that two people of two parties accept."""
    plan, accepted = script.marks["plan"], script.marks["return_accepted"]
    statement = {"statement": "plan", "text": STATUS_PLAN}
    return [
        act(plan, "draft_statement", "coordinator.one", **statement),
        act(plan + 1, "sign_statement", "kelp.lead", statement="plan"),
        act(plan + 1, "sign_statement", "layerzero.lead", statement="plan"),
        act(plan + 2, "sign_statement", "aave.risk", statement="plan"),
        act(plan + 2, "publish_status", "coordinator.one", text=STATUS_PLAN, statement="plan"),
        act(accepted - 1, "propose_return_address", "kelp.lead", account="safe"),
        act(accepted, "accept_return_address", "kelp.second", account="safe"),
        act(accepted, "accept_return_address", "aave.risk", account="safe"),
    ]


def act(block: int, kind: str, by: str, **fields: Any) -> dict[str, Any]:
    return {"block": block, "act": kind, "by": by, **fields}
