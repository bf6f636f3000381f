"""Wasabi: the addresses that collect its coordinator's fees. On Bitcoin nothing is logged."""

from tracing.mixers.base import Mixer


class Wasabi(Mixer):
    slug = "wasabi"
    name = "Wasabi"
