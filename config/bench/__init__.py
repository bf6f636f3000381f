"""What ``make bench`` measures: one module a subject, each answers a flat table of figures."""
