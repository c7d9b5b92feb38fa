"""What can be done with a model and a volume: one Session per model."""
