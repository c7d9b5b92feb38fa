"""What every run leaves behind: its lock, log, provenance and finished parts, complete or not there."""
