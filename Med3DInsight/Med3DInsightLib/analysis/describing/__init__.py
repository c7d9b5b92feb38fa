"""Slices described in words, and questions about them: who is asked, which slices are shown, and what came back."""
