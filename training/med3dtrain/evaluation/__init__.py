"""How good a model is on cases whose truth is known: measures, intervals, comparisons and a report."""
