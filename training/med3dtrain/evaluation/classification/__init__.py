"""How well whole volumes are classified, and whether probabilities mean what they say."""
