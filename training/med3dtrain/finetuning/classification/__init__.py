"""Learning to say what a whole volume is."""
