"""Learning to segment from label maps alone, by the images that are drawn from them."""
