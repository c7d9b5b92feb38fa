"""Texts as tokens, with a tokenizer of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .frozen_text_tower import Tokens
from .pretrained import PretrainedModel
from .token_limit import TokenLimit


class Tokenizing:
    """Makes tokens of texts, cut at the limit.

    A batch is padded to its longest text, or always to the limit: SigLIP was trained like that, has no
    attention mask, and embeds a text differently if it is padded otherwise.
    """

    def __init__(self, model: PretrainedModel, limit: TokenLimit, pad_to_limit: bool = False) -> None:
        self.limit = limit
        self._model = model
        self._padding = "max_length" if pad_to_limit else "longest"

    def __call__(self, texts: Sequence[str]) -> Tokens:
        """Tensors (B, T), by name."""
        tokenizer: Any = self._model.tokenizer
        whole = tokenizer(list(texts), truncation=False, verbose=False)["input_ids"]
        self.limit.note([len(tokens) for tokens in whole])
        return dict(
            tokenizer(
                list(texts),
                truncation=True,
                max_length=self.limit.tokens,
                padding=self._padding,
                return_tensors="pt",
            )
        )
