"""Writes the drill *KelpDAO, 18 April 2026*: `python -m tracing.drills.kelpdao` > kelpdao.json.

Figures and times of the record come from the public sources listed with the drill's facts (Aave
governance thread 24481, Aave proposal 477, LayerZero's incident statement, the Arbitrum forum,
press of April to June 2026). Where the record is silent the amounts are exercise values and marked
so (`"exercise": true`). Addresses are generated; the only real one is the council's 0x...0DA0.
Real networks are folded into one local chain.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tracing.drills.kelpdao_flight import launder, recover
from tracing.drills.kelpdao_room import room
from tracing.drills.kelpdao_stage import prelude, stage
from tracing.drills.kelpdao_theft import cash_out, pause, position_loans, theft
from tracing.drills.script import Script

FILE = Path(__file__).with_name("kelpdao.json")
SEED = "kelpdao-2026-04-18"


def build() -> dict[str, Any]:
    """The whole scenario document. Pure: the same on every run."""
    script = Script("kelpdao", start="2026-04-18T16:40:00Z", gap=60)
    stage(script)
    prelude(script)
    theft(script)
    position_loans(script)
    cash_out(script)
    pause(script)
    launder(script)
    recover(script)
    room(script)
    document = script.finish()
    header = {
        "slug": "kelpdao",
        "title": "KelpDAO, 18 April 2026",
        "exercise": True,
        "notice": "Exercise. Facts from the public record; addresses are generated; amounts where "
        "the record is silent are exercise values.",
        "chain": {"id": 31337, "caip2": "eip155:31337", "genesis_time": "2026-04-18T16:40:00Z"},
        "fee_rule": {
            "base_fee": "0",
            "native_transfer": {"gas": "21000", "gas_price": "2000000000"},
            "contract_call": {"gas_price": "0"},
        },
        "background": {
            "seed": SEED,
            "accounts": 120,
            "genesis_balance": str(5_000 * 10**18),
            "tokens": ["USDX", "wstETH"],
            "max_native": str(2 * 10**18),
            "max_token": {"USDX": str(900 * 10**6), "wstETH": str(10**17)},
        },
    }
    return header | document


def text(document: dict[str, Any]) -> str:
    """The file's form: one line per step, account, asset and act, so that diffs can be read."""
    parts = [f" {json.dumps(key)}: {value(key, document[key])}" for key in document]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def value(key: str, item: Any) -> str:
    if key == "blocks":
        return rows([block(entry) for entry in item], "[]")
    if key in {"accounts", "assets"}:
        return rows([f"{json.dumps(k)}: {json.dumps(v)}" for k, v in item.items()], "{}")
    if key in {"acts", "forks", "organizations", "services", "seeds"}:
        return rows([json.dumps(entry) for entry in item], "[]")
    return json.dumps(item)


def block(entry: dict[str, Any]) -> str:
    head = {k: v for k, v in entry.items() if k != "steps"}
    steps = rows([json.dumps(step) for step in entry["steps"]], "[]", "   ")
    return f'{json.dumps(head)[:-1]}, "steps": {steps}}}'


def rows(lines: list[str], brackets: str, indent: str = "  ") -> str:
    if not lines:
        return brackets
    body = ",\n".join(indent + line for line in lines)
    return f"{brackets[0]}\n{body}\n{indent[:-1]}{brackets[1]}"


if __name__ == "__main__":
    FILE.write_text(text(build()), encoding="utf-8")
