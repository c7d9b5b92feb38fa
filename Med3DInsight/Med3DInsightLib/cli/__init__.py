"""The command line: every subcommand is a dataclass whose fields are its options."""
