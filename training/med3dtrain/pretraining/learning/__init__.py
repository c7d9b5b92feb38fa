"""The student, what a step of it costs, and the loop."""
