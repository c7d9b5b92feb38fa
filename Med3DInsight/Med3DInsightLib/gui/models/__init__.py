"""The dialog "Models" of both modules: what there is, fetched, imported, looked at, and removed."""
