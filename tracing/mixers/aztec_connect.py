"""Aztec Connect: exits only, as its source says; its events are not known here."""

from tracing.mixers.base import Mixer


class AztecConnect(Mixer):
    slug = "aztec-connect"
    name = "Aztec Connect"
