"""What the user can say about captions, and what goes together."""
