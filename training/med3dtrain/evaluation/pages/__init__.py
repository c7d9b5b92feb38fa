"""Pages that load nothing and run nothing, and what is on them: tables, plots and pictures."""
