"""Texts that are longer than a tower can read."""

from __future__ import annotations

import logging
from collections.abc import Sequence

_log = logging.getLogger(__name__)


class TokenLimit:
    """Counts the texts that a tower has to cut, and says so once.

    limit = TokenLimit(64, "google/medsiglip-448")
    limit.note([12, 80])        # a warning: 1 of 2 texts ...
    limit.cut                   # 1
    """

    def __init__(self, tokens: int, name: str) -> None:
        self.tokens = tokens
        self.cut = 0
        self._name = name

    def note(self, lengths: Sequence[int]) -> None:
        """Count the texts of these lengths in tokens; the first that are too long are told in the log."""
        longer = sum(length > self.tokens for length in lengths)
        if longer and not self.cut:
            _log.warning(
                "%s reads at most %d tokens: %d of these %d texts were cut there; further ones are cut without a word",
                self._name,
                self.tokens,
                longer,
                len(lengths),
            )
        self.cut += longer
