"""A set of volumes with captions from label maps, to pretrain with."""
