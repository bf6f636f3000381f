"""Refusals of the core. ``code`` is for programs, the message for the field of a form."""

from __future__ import annotations


class InvalidIdentifier(ValueError):
    """A chain, address, asset, hash or amount is not what it should be."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class BadPlugin(Exception):
    """A file of a plug-in folder has no plug-in, two of them, or a slug that is taken."""

    def __init__(self, module: str, reason: str) -> None:
        super().__init__(f"{module}: {reason}")
        self.module = module
        self.reason = reason
