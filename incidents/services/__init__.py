"""The only places where shared state changes: one transaction, one timeline entry each."""
