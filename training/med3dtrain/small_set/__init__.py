"""A small set of volumes with captions from label maps, for pretraining on a CPU."""
