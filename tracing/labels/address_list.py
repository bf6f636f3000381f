"""Plain lists of sanctioned addresses: one a line, or a JSON list of them.

As 0xB10C/ofac-sanctioned-digital-currency-addresses publishes OFAC's, one file per currency. The
file says neither chain nor date.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from tracing.labels.base import BadLabelFile, BadRow, LabelFact, LabelFormat, Said, fact, whole

LONGEST_LIST = 32 << 20


class AddressList(LabelFormat):
    slug = "ofac-list"
    name = "OFAC addresses of one currency: a list (.txt) or JSON"
    asks = ("chain", "dated")

    def read(self, stream: BinaryIO, said: Said) -> Iterator[LabelFact | BadRow]:
        whose = Said(said.chain, said.source or "OFAC SDN list", said.dated)
        text = whole(stream, LONGEST_LIST)
        if text.lstrip().startswith("["):
            yield from _json(text, whose)
            return
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield _row(f"line {number}", line, whose)


def _json(text: str, said: Said) -> Iterator[LabelFact | BadRow]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadLabelFile(f"It is not JSON: {error}.") from error
    if not isinstance(found, list):
        raise BadLabelFile("It is no list of addresses.")
    for index, address in enumerate(found):
        yield _row(f"[{index}]", address, said)


def _row(place: str, address: object, said: Said) -> LabelFact | BadRow:
    try:
        return fact(
            said,
            address=address,
            name="OFAC sanctioned",
            category="sanction",
            confidence="authority_data",
        )
    except ValueError as error:
        return BadRow(place, str(error))
