"""What label maps say about a slice: names of structures, sides, shares, and the sentences about them."""
