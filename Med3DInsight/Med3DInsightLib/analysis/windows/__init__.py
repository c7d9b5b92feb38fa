"""Windows over a volume: where they are, how a network scores them, what they cost, and labels from their scores."""
