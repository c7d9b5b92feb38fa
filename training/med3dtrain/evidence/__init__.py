"""Controlled studies: what helps, measured on tasks whose truth is known."""
