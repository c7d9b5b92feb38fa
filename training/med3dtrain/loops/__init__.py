"""Training loops: optimisation, schedules, checkpoints, progress."""
