"""What no log may hold: links that let somebody in, and API tokens.

Django logs the path of every request that it refuses, and a link's token is in its path.
"""

import logging
import re

SECRETS = re.compile(r"(/(?:enrol|join)/|\bhft_)(?!passkey/)[\w-]{8,}")


class HideSecrets(logging.Filter):
    """Writes "…" in their place."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        hidden = SECRETS.sub(r"\1…", message)
        if hidden != message:
            record.msg, record.args = hidden, ()
        return True
