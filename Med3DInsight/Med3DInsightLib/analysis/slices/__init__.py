"""Reading slices of a volume with a pretrained encoder: embeddings, attention, and search by text."""
