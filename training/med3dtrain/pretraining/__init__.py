"""Pretraining of a 3D encoder with captioned slices: sources, draws, the student, the loop, and what it is worth.

Knows torch and accelerate, the library, and the rooms that Testing/unit/project/test_training_rooms.py names.
"""
