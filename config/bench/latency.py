"""How long it takes from a block on the node to its alert at a connected browser.

A whole stack of its own: anvil, PostgreSQL, Redis, worker, beat and web. The thief moves some of
what he stole in a block every second, among transactions of strangers; the listener is a socket as
the room's page opens it. The clock starts right before the node is asked to mine the block.
"""

from __future__ import annotations

import json
import random
import sys
import time
from typing import Any

from config.bench import recorded
from config.bench.clock import child
from config.embedded import ports
from config.embedded.room import Room
from config.embedded.stack import Stack
from tracing.drills.node import Rpc
from tracing.drills.probe import Probe, percentile

CAIP2 = f"eip155:{recorded.CHAIN_ID}"
SEED = 20261121
ETHER = 10**18
STRANGERS = 20  # transactions of a block beside the thief's
PATIENCE = 60.0


def figures(alerts: int, pause: float) -> dict[str, Any]:
    """Milliseconds to the alert; ``pause``: seconds between two blocks, about.

    :raises EmbeddedError: something did not start.
    :raises subprocess.CalledProcessError: the run broke off.
    """
    with Stack.scratch(node_options=recorded.OPTIONS, say=lambda _: None) as stack:
        room = Room(stack, ports.any_free(), {"HOLDFAST_DRILL": "1", "HOLDFAST_LOG": "WARNING"})
        room.migrate()
        room.start()
        assert stack.node is not None  # noqa: S101 (it was asked for)
        env = {**room.env, "DJANGO_SETTINGS_MODULE": "config.settings"}
        found: dict[str, Any] = child(
            "config.bench.latency", room.url, stack.node.url, alerts, pause, env=env
        )
        return found


class Chain:
    """The node, and what happens on it."""

    def __init__(self, url: str) -> None:
        self.rpc = Rpc(url)
        self.people = [str(one).lower() for one in self.rpc("eth_accounts")]
        self.fresh = iter(range(1, 10**9))

    def send(self, frm: str, value: int, to: str = "") -> str:
        """A transaction for the next block; without ``to``, to somebody new."""
        to = to or recorded.address(next(self.fresh))
        asked = {"from": frm, "to": to, "value": hex(value), "gas": "0x5208", "gasPrice": "0x0"}
        return str(self.rpc("eth_sendTransaction", asked))

    def mine(self) -> tuple[int, str, float]:
        """A block: its number, its hash, and the time right before it was made."""
        served_at = time.time()
        self.rpc("evm_mine")
        head = self.rpc("eth_getBlockByNumber", "latest", False)
        return int(head["number"], 16), str(head["hash"]), served_at


def main(site: str, node: str, alerts: int, pause: float) -> None:
    """Play, listen, and print one line of JSON."""
    import django

    django.setup()
    from config.bench.theft import Theft

    chain = Chain(node)
    victim, thief, *strangers = chain.people
    theft = Theft(CAIP2, node)
    chain.rpc("anvil_setBalance", thief, "0x0")  # else it would spend its own first
    tx = chain.send(victim, 10_000 * ETHER, thief)
    number, block_hash, _ = chain.mine()
    theft.follow(tx)
    theft.wait(block_hash, PATIENCE)
    probe = Probe(site, theft.slug, theft.cookie())
    probe.start()
    chance = random.Random(SEED)  # noqa: S311 - a workload, not a secret
    for _ in range(alerts):
        for at in range(STRANGERS):
            chain.send(strangers[at], ETHER)
        chain.send(thief, ETHER)
        time.sleep(pause * chance.uniform(0.5, 1.5))
        number, block_hash, served_at = chain.mine()
        probe.served[block_hash] = served_at
    theft.wait(block_hash, PATIENCE)
    probe.stop()
    taken = sorted(probe.latencies_ms)
    found = {f"p{share}": round(percentile(taken, share / 100), 1) for share in (50, 95, 99)}
    recorded_ms = {
        f"recorded_p{share}": round(percentile(probe.recorded_ms, share / 100), 1)
        for share in (50, 95)
    }
    print(
        json.dumps(
            {
                "alerts": len(taken),
                "blocks": number,
                "pause_s": pause,
                "latency_ms": found | recorded_ms | {"most": round(max(taken, default=0.0), 1)},
                "reconnects": probe.reconnects,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
