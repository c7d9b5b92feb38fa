"""Means over seeds with their intervals, and charts of them: what studies of several runs show."""
