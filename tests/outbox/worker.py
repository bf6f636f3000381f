"""Workers of the outbox in processes of their own, for tests that kill them.

One process reads Django once and forks a worker for each line on its stdin:
``{"pks": [...], "point": "...", "at": 2, "threads": 1}``. It answers with two lines, the worker's
pid and how it ended. A worker kills itself (SIGKILL) at the point, at its ``at``-th delivery:

* ``composed``: before the claim;
* ``claimed``: the claim is committed, the network is not touched;
* ``accepted``: the mail server said 250, and nothing is written of it;
* ``writing``: inside the transaction that writes the fate;
* ``written``: after that was committed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

NAME = "default1@killed"


def main() -> None:
    django.setup()
    from incidents.services import outbox  # noqa: F401 (before the first fork)
    from incidents.services.letters.base import letters

    letters()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            work(order)
            os._exit(0)
        say(str(pid))
        say(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))


def work(order: dict[str, Any]) -> None:
    from django.conf import settings

    from incidents.services import outbox

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", order["port"]
    settings.MAIL_ENABLED, settings.EMAIL_TIMEOUT = True, 5
    outbox._me = outbox._Worker()
    outbox.work_as(NAME)
    if order["point"]:
        die_at(order["point"], order["at"])
    with ThreadPoolExecutor(order["threads"]) as pool:
        list(pool.map(outbox.carry_out, order["pks"]))


def die_at(point: str, at: int) -> None:
    """Have this process kill itself at the ``at``-th time that it comes by the point."""
    from incidents.notifiers.mail import Mail
    from incidents.services import outbox

    seen = []

    def die() -> None:
        seen.append(1)
        if len(seen) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def after(function: Callable[..., Any]) -> Callable[..., Any]:
        def through(*args: Any, **kwargs: Any) -> Any:
            answer = function(*args, **kwargs)
            die()
            return answer

        return through

    places: dict[str, tuple[Any, str]] = {
        "composed": (outbox, "_composed"),
        "claimed": (outbox, "_claim"),
        "accepted": (Mail, "hand_over"),
        "writing": (outbox, "_settle"),
        "written": (outbox, "_written"),
    }
    owner, name = places[point]
    setattr(owner, name, after(getattr(owner, name)))


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    main()
