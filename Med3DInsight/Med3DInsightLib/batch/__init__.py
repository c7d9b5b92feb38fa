"""Many volumes at once: every case of a folder, with resume and one summary table.

Free of torch and matplotlib until a case is computed, so that panels can look for cases and show the table.
"""
