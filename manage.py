#!/usr/bin/env python
"""Django's command line for Holdfast."""

import os
import sys

from config.embedded.errors import EmbeddedError
from config.embedded.stack import ensure_database

# These start services of their own, or need no database at all.
WITHOUT_DATABASE = {
    "bench",
    "check",
    "collectstatic",
    "decode_block",
    "drill",
    "help",
    "makemigrations",
    "provenance",
    "run",
    "spectacular",
    "trace_flows",
    "version",
}


def main() -> None:
    """Run one command, with the embedded database where none is configured."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if not command.startswith("-") and command not in WITHOUT_DATABASE:
        try:
            ensure_database()
        except EmbeddedError as error:
            sys.exit(str(error))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
