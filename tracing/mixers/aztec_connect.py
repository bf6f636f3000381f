"""Aztec Connect: closed to deposits since 2023, exits only. Its events are not known here."""

from tracing.mixers.base import Mixer


class AztecConnect(Mixer):
    slug = "aztec-connect"
    name = "Aztec Connect"
