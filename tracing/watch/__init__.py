"""Following chains: lease, ingest, reorgs, backfill, and the poster that tells the rooms."""
