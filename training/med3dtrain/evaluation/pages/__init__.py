"""What the pages of evaluations have in common, and their plots and pictures."""
