"""Fetching catalogues and models from other computers, when a user asks for it."""
