"""`make clean`: forgets the embedded data, wherever it lies. Needs the standard library only."""

import os
import shutil
import sys
from pathlib import Path

from config.embedded.errors import AlreadyRunningError, EmbeddedError
from config.embedded.locks import FileLock
from config.embedded.place import forget_place

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("HOLDFAST_VAR") or ROOT / "var")


def reset(var: Path = VAR) -> None:
    """Remove ``var`` and what lies outside it. Raises AlreadyRunningError while it is in use."""
    if not var.exists():
        return
    owner = FileLock(var / "stack.lock")
    if not owner.take():
        raise AlreadyRunningError(f"Stop it first: {owner.read()}.")
    forget_place(var)
    shutil.rmtree(var)
    owner.release()


def main() -> None:
    """Reset the checkout's own var directory and say so."""
    try:
        reset()
    except EmbeddedError as error:
        sys.exit(str(error))
    print(f"{VAR} is gone: the next start begins with empty databases and a new drill.")


if __name__ == "__main__":
    main()
