"""How values look on a page: exact amounts, full addresses, inert text. Arithmetic, no I/O."""
