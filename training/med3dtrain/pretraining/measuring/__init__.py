"""What a student is worth on volumes that it has not learnt from."""
