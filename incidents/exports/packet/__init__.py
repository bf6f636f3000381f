"""What a packet is handed over as. One file per format."""
