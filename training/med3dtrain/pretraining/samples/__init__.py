"""What a step reads: volumes with their captions, numbered draws of crops and slices."""
