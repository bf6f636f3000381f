"""What the modules of chains must not bring along."""

import subprocess
import sys


def test_chains_leave_the_recursion_limit_as_it_was() -> None:
    """py_ecc, under web3, raises it for the whole process: a deeply nested text, read by anybody
    here, would then run over the end of the C stack."""
    script = (
        "import sys; before = sys.getrecursionlimit(); "
        "import tracing.chains.evm, tracing.chains.pool, trie, coincurve, eth_abi, rlp; "
        "print(before, sys.getrecursionlimit(), {'web3', 'py_ecc'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "1000 1000 set()\n"
