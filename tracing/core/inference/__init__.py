"""Inference: what behaviour on chain suggests of an address. People and sources decide.

Nothing here makes a sink or ends a branch above 1 % of a theft (docs/taint.md, docs/security.md).
"""
