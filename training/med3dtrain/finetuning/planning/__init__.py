"""From a data set to a network with the encoder that it starts from, and how volumes are prepared for it."""
