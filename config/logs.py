"""What no log may hold: links that let somebody in, API tokens, and what a room looks at.

Django logs the path of every request that it refuses. A link's token is in its path, and so is
the address that somebody opened. PostgreSQL tells the values of a row that it refuses.
"""

import logging
import re
from typing import Any

SECRETS = re.compile(r"(/(?:enrol|join|desk|calendar)/|\bhft_)(?!passkey/)[\w-]{8,}")
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


def configuration(level: str) -> dict[str, Any]:
    """Everything to stderr, from ``level`` on, through the filter above."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {
                "()": "config.logs.Plain",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            }
        },
        "filters": {"secrets": {"()": "config.logs.HideSecrets"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "plain",
                "filters": ["secrets"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "httpx": {"level": "WARNING"},
            # At DEBUG it writes what pages are made of.
            "django.template": {"level": "INFO"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }
