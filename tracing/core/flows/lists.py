"""A list of addresses as a file: one a line."""

from __future__ import annotations

from collections.abc import Iterable

from tracing.core.flows.cells import BadCell, address
from tracing.core.flows.table import BadRow

_HEADERS = ("address", "addresses")


def read_list(lines: Iterable[str]) -> tuple[list[str], list[BadRow]]:
    """The addresses in order, each once, in the form that ``read`` keeps; and what is none.

    Blank lines, a byte order mark, a line that says "address", quotes and a comma at the end do no
    harm.
    """
    found: dict[str, None] = {}
    bad: list[BadRow] = []
    for number, line in enumerate(lines, 1):
        value = line.removeprefix("\ufeff").strip().rstrip(",").strip().strip('"').strip()
        if not value or value.lower() in _HEADERS:
            continue
        try:
            found[address(value, "address")] = None
        except BadCell as error:
            bad.append(BadRow(number, str(error)))
    return list(found), bad
