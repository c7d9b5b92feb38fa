"""How well structures are outlined."""
