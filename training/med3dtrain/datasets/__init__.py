"""Labelled data sets: which cases there are, what is wrong with them, and what they are like."""
