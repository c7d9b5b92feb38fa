"""Everything that decides what fine-tuning makes of a data set."""
