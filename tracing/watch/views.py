"""Asking tokens whether they hold an address frozen. Reads the chain, writes nothing."""

from __future__ import annotations

import logging

from tracing.chains.errors import ChainError
from tracing.issuers.base import verdict
from tracing.watch.source import Source
from tracing.watch.tokens import FreezableToken

logger = logging.getLogger(__name__)
MOST_ASKED = 200  # accounts of one block; the rest is asked later
GAS = 500_000  # of one view: any token may be asked, an attacker's among them

Account = tuple[FreezableToken, str]


def ask(source: Source, accounts: list[Account], block_hash: str) -> dict[Account, bool | None]:
    """What the tokens' views say at a block, for the first MOST_ASKED accounts.

    None: no view answered with a bool there. An endpoint that fails confirms nothing and holds up
    nothing: then nobody has an answer.
    """
    asked = [(key, view) for key in accounts[:MOST_ASKED] for view in key[0].views]
    if not asked:
        return {}
    calls = [(token.contract, view.calldata(address)) for (token, address), view in asked]
    try:
        outputs = source.adapter.calls(calls, block_hash, gas=GAS)
    except ChainError as error:
        logger.warning("views of tokens cannot be read: %s", error)
        return {}
    read: dict[Account, list[bool | None]] = {}
    for (key, view), output in zip(asked, outputs, strict=True):
        read.setdefault(key, []).append(view.read(output))
    return {key: verdict(answers) for key, answers in read.items()}
