"""What the sections of Med3D Insight do: a task asks the worker, and puts answers into the scene."""
