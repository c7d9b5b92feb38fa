"""Failures of transfers that may pass."""

from __future__ import annotations


class PassingFailure(Exception):
    """An attempt failed for a reason that may be gone when it is repeated; the message says why."""
