"""How an analysis fails beside wrong input; free of torch, so that others can tell the errors apart."""

from __future__ import annotations

from ...errors import UserError


class MemoryShortage(UserError):
    """The analysis does not fit into memory, whatever was tried."""
