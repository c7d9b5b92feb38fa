"""Pages that load nothing and run nothing: markup, tables and lines of plots."""
