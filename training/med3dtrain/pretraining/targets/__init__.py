"""What the teacher says about slices and captions, and what a run keeps of it."""
