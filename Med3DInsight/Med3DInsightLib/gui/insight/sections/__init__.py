"""The sections of Med3D Insight: each connects one .ui file with a task."""
