"""Frozen text encoders of image-text models and sentence encoders, opened from files on this computer.

transformers is imported only where a model is opened. Pretraining builds its teachers on these.
"""
