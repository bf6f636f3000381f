"""Sinbad: addresses that OFAC named on 2023-11-29. On Bitcoin nothing is logged."""

from tracing.mixers.base import Mixer


class Sinbad(Mixer):
    slug = "sinbad"
    name = "Sinbad"
