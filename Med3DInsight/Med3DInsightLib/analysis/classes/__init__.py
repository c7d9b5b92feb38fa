"""What a whole volume is, by a network that classifies."""
