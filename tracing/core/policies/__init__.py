"""Policies: which units leave an account when tainted and clean ones are mixed in it."""

from tracing.core.policies.names import CONSERVING, VERSIONS, PolicyName

__all__ = ["CONSERVING", "VERSIONS", "PolicyName"]
