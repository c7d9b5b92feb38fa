"""What can be done with a model and a volume; a Session segments or classifies, rooms within do the rest."""
