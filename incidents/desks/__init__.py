"""What is known of desks: the facts that a profile may hold, and the starter set."""
