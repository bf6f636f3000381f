"""A drill's view of its chain node: JSON-RPC over one connection, and how the node must run."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

GAS_LIMIT = 1_000_000_000  # so large that no block is half full: the base fee then stays at 0


class NodeError(RuntimeError):
    """The node answered a call with an error."""


class WrongNodeError(RuntimeError):
    """The node is not one on which this drill can be played (chain id, first block, fees)."""


def options(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """What an anvil for this drill is started with (keyword arguments of the embedded node)."""
    chain = scenario["chain"]
    return {
        "chain_id": int(chain["id"]),
        "timestamp": unix(chain["genesis_time"]),
        "base_fee": 0,
        "gas_limit": GAS_LIMIT,
        "manual_mining": True,
        "auto_impersonate": True,
    }


class Rpc:
    """JSON-RPC to one node. Not for use by two threads at once."""

    def __init__(self, url: str, timeout: float = 60.0) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError(f"{url} is not an http address of a node")
        self._path = parts.path or "/"
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def __call__(self, method: str, *params: Any) -> Any:
        """The result of one call. Raises NodeError with the node's words, OSError without one."""
        body = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        headers = {"Content-Type": "application/json"}
        try:
            self._connection.request("POST", self._path, body, headers)
            answer = orjson.loads(self._connection.getresponse().read())
        except (OSError, http.client.HTTPException):
            self._connection.close()  # the next call connects anew; never send twice by ourselves
            raise
        if "error" in answer:
            raise NodeError(f"{method}: {answer['error'].get('message', answer['error'])}")
        return answer["result"]

    def close(self) -> None:
        self._connection.close()


def check(rpc: Rpc, scenario: Mapping[str, Any]) -> None:
    """Raise WrongNodeError unless the node began as ``options`` says."""
    wanted = options(scenario)
    first = rpc("eth_getBlockByNumber", "0x0", False)
    found = {
        "chain_id": int(rpc("eth_chainId"), 16),
        "timestamp": int(first["timestamp"], 16),
        "base_fee": int(first["baseFeePerGas"], 16),
        "gas_limit": int(first["gasLimit"], 16),
    }
    for name, value in found.items():
        if value != wanted[name]:
            raise WrongNodeError(f"the node's {name} is {value}, the drill needs {wanted[name]}")


def unix(time: str) -> int:
    """Seconds since 1970 of an ISO time with its zone."""
    return int(datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp())
