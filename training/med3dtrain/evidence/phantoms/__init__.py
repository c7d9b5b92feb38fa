"""3D phantoms: the whole method on small volumes whose truth is known."""
