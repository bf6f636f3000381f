"""What importing web3 must not leave behind."""

import subprocess
import sys


def test_chains_leave_the_recursion_limit_as_it_was() -> None:
    script = (
        "import sys; before = sys.getrecursionlimit(); import tracing.chains.evm; import py_ecc; "
        "print(before, sys.getrecursionlimit())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    before, after = done.stdout.split()
    assert after == before == "1000"
