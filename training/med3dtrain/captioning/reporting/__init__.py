"""What a job costs, how far it is, and what it did."""
