"""What can go wrong with cached embeddings."""

from __future__ import annotations

from Med3DInsightLib.errors import UserError


class CacheError(UserError):
    """Embeddings that are needed are not in the cache, or the cache cannot be written."""
