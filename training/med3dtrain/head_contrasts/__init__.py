"""A data set of synthetic heads, each of a known contrast, for learning to tell contrasts apart."""
