"""The shape of what people type. Rules of the room are in services; here is only form."""
