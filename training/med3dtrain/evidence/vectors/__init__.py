"""The vector task: losses compared with an encoder that trains in seconds."""
