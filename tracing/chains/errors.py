"""What can go wrong when a chain is asked. Messages never hold an endpoint's address or secret."""

from __future__ import annotations

from tracing.chains.quorum import Contradiction


class ChainError(Exception):
    """Base of the errors below; ``code`` is for programs."""

    code = "chain_error"


class RetryableChainError(ChainError):
    """The node is down, slow, busy, or does not have the block yet: ask again later."""

    code = "retry"


class NotYet(RetryableChainError):
    """The node answers well and does not have this block (yet): no fault of the node's."""

    code = "not_yet"


class RateLimited(RetryableChainError):
    """Too many requests for this endpoint. ``seconds``: how long it asks to be left alone."""

    code = "rate_limited"

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class WrongChain(ChainError):
    """The endpoint serves another chain than the one that was asked for."""

    code = "wrong_chain"

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}, the endpoint serves {found}")
        self.expected = expected
        self.found = found


class BadAnswer(ChainError):
    """The node's answer contradicts itself, its block, or the protocol. Nothing of it is used."""

    code = "bad_answer"


class Contradicted(BadAnswer):
    """The answer fails a check that an honest node cannot fail: the endpoint lies or is broken."""

    code = "contradicted"

    def __init__(self, contradiction: Contradiction) -> None:
        super().__init__(f"the endpoint contradicts what can be checked ({contradiction.kind})")
        self.contradiction = contradiction


class Unsupported(ChainError):
    """The node does not offer this method (for example traces)."""

    code = "unsupported"
