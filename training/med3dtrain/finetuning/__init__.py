"""Fine-tuning: from a data set and, perhaps, a pretrained encoder to a model bundle with measured quality."""
