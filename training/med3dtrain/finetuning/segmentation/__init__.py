"""Learning to segment."""
