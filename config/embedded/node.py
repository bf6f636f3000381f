"""The drill's chain: anvil, a real EVM node, from the npm package @foundry-rs/anvil."""

import gzip
import http.client
import json
import os
import platform
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded.errors import DidNotStartError, EmbeddedError, ProgramMissingError
from config.embedded.ports import HOST
from config.embedded.supervisor import Rank, Supervisor

ROOT = Path(__file__).resolve().parents[2]
DRILL_CHAIN_ID = 31337


def find_program() -> Path:
    """anvil from node_modules, else from PATH."""
    systems = {"Linux": "linux", "Darwin": "darwin"}
    machines = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    system = systems.get(platform.system(), "none")
    machine = machines.get(platform.machine(), "none")
    package = ROOT / "node_modules" / "@foundry-rs" / f"anvil-{system}-{machine}"
    # The binary itself: npm's wrapper needs its install script, which we do not run.
    bundled = package / "bin" / "anvil"
    if os.access(bundled, os.X_OK):
        return bundled
    if found := shutil.which("anvil"):
        return Path(found)
    raise ProgramMissingError(
        "No anvil, the drill's chain node: run `make setup` with npm installed, "
        "or set HOLDFAST_NODE_URL to a node of your own."
    )


@dataclass(frozen=True)
class NodeOptions:
    """How the chain begins. Times are Unix seconds, fees wei, balances whole ether."""

    chain_id: int = DRILL_CHAIN_ID
    manual_mining: bool = True
    """Only evm_mine makes blocks: their content and time are then the caller's alone."""
    timestamp: int | None = None
    number: int | None = None
    base_fee: int | None = None
    hardfork: str = "prague"
    gas_limit: int | None = None
    accounts: int = 10
    balance: int = 10_000
    auto_impersonate: bool = False
    state: Path | None = None
    """Loaded at every start when it is there; written by ``Node.save`` and ``Node.stop``."""
    memory_of_blocks: int = 100_000

    def argv(self, port: int) -> list[str]:
        """The command line. Requests from web pages are refused (no CORS headers)."""
        argv = [str(find_program()), "--host", HOST, "--port", str(port), "--no-cors", "--quiet"]
        argv += ["--chain-id", str(self.chain_id), "--hardfork", self.hardfork]
        argv += ["--accounts", str(self.accounts), "--balance", str(self.balance)]
        argv += ["--order", "fifo", "--transaction-block-keeper", str(self.memory_of_blocks)]
        argv += ["--no-request-size-limit", "--disable-min-priority-fee"]
        # Value may be passed on in the block in which it arrives: a thief does.
        argv.append("--disable-pool-balance-checks")
        if self.manual_mining:
            argv.append("--no-mining")
        if self.auto_impersonate:
            argv.append("--auto-impersonate")
        numbers = {
            "--timestamp": self.timestamp,
            "--number": self.number,
            "--block-base-fee-per-gas": self.base_fee,
            "--gas-limit": self.gas_limit,
        }
        for flag, number in numbers.items():
            if number is not None:
                argv += [flag, str(number)]
        # Never --state or --dump-state: anvil writes the file in place every minute and at its
        # end, and one that was killed while writing never starts again.
        if self.state is not None and self.state.exists():
            argv += ["--load-state", str(self.state)]
        return argv


@dataclass(frozen=True)
class Node:
    """A running anvil."""

    port: int
    options: NodeOptions
    name: str
    supervisor: Supervisor

    @property
    def url(self) -> str:
        """Where its JSON-RPC is served (websockets on the same port)."""
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """The pid of the process."""
        return self.supervisor.pid(self.name)

    def call(self, method: str, *params: Any) -> Any:
        """One JSON-RPC call: for set-up and tests, not for the watcher.

        Raises EmbeddedError with the node's words when it answers with an error.
        """
        return rpc(self.port, method, *params)

    def wait_until_ready(self, timeout: float = 30.0) -> None:
        """Return once it answers with its chain id. Raises DidNotStartError."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                found = int(rpc(self.port, "eth_chainId", timeout=2.0), 16)
            except (OSError, ValueError, http.client.HTTPException):
                time.sleep(0.02)
                continue
            wanted = self.options.chain_id
            if found != wanted:
                raise DidNotStartError(
                    f"The node on port {self.port} has chain id {found}, not {wanted}."
                )
            return
        raise DidNotStartError(f"The node did not answer on port {self.port} in {timeout:.0f} s.")

    def save(self) -> None:
        """Write the chain, past states included, to ``state`` of the options: all or nothing.

        Transactions that wait for a block are not part of it.
        """
        if self.options.state is None:
            raise EmbeddedError("This node has no file for its state.")
        packed = bytes.fromhex(self.call("anvil_dumpState", True).removeprefix("0x"))
        fresh = self.options.state.with_name(f"{self.options.state.name}.new")
        with fresh.open("wb") as file:
            file.write(gzip.decompress(packed))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.options.state)

    def stop(self) -> None:
        """Stop it; with ``state`` in its options the chain is written first."""
        if self.options.state is not None and self.supervisor.is_running(self.name):
            self.save()
        self.supervisor.stop(self.name)


def start_node(
    supervisor: Supervisor,
    port: int,
    options: NodeOptions | None = None,
    *,
    name: str = "node",
    restart: bool = True,
) -> Node:
    """Start anvil on 127.0.0.1:``port`` and wait until it answers with its chain id.

    Raises DidNotStartError when it ends at once or stays silent, ProgramMissingError without anvil.
    """
    options = options or NodeOptions()
    if options.state is not None:
        options.state.parent.mkdir(parents=True, exist_ok=True)
    supervisor.start(
        name,
        lambda: options.argv(port),
        rank=Rank.SERVICE,
        restart=restart,
        stop_signal=signal.SIGKILL,  # it has nothing to say goodbye to: see Node.save
    )
    node = Node(port, options, name, supervisor)
    try:
        node.wait_until_ready()
    except DidNotStartError:
        supervisor.stop(name)
        raise
    return node


def rpc(port: int, method: str, *params: Any, timeout: float = 60.0) -> Any:
    """One JSON-RPC call to a node of ours on 127.0.0.1."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request("POST", "/", body, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    if "error" in answer:
        raise EmbeddedError(f"{method}: {answer['error'].get('message', answer['error'])}")
    return answer["result"]
