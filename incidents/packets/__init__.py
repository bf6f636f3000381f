"""What a packet says: its fields, and the manifest that is signed."""
