"""What no log may hold: links that let somebody in, API tokens, and what a room looks at.

Django logs the path of every request that it refuses. A link's token is in its path, and so is
the address that somebody opened. PostgreSQL tells the values of a row that it refuses.
"""

import logging
import re
from typing import Any

SECRETS = re.compile(r"(/(?:enrol|join)/|\bhft_)(?!passkey/)[\w-]{8,}")
DETAIL = re.compile(r"^(?:DETAIL|CONTEXT): .*$", re.M)
ACCOUNTS = re.compile(r"(/(?:addresses|provenance)/)(?!new/)[^\s/?]*:[^\s?]*")


class HideSecrets(logging.Filter):
    """Writes "…" in their place."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        hidden = ACCOUNTS.sub(r"\1…", SECRETS.sub(r"\1…", message))
        if hidden != message:
            record.msg, record.args = hidden, ()
        return True


class Plain(logging.Formatter):
    """Errors with where they came from, and without the values that the database tells of."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 (the library's name)
        return DETAIL.sub("DETAIL: …", super().formatException(ei))
