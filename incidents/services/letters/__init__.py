"""What leaves through the outbox: one file per kind, found by the name before the colon of a
delivery's subject."""
