"""What happens at every token that a model writes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..backends.replying import CheckStop, Tell

_UNFINISHED = "\ufffd"


class StopCheck:
    """A stopping criterion of transformers that never says stop: check_stop ends the work by raising something."""

    def __init__(self, check_stop: CheckStop) -> None:
        self._check_stop = check_stop

    def __call__(self, tokens: Tensor, scores: Any, **_: Any) -> Tensor:
        """Tokens (B, T); the answer (B,) is no for all."""
        self._check_stop()
        return torch.zeros(len(tokens), dtype=torch.bool, device=tokens.device)


class PieceStreamer:
    """A streamer of transformers that tells the text of one answer as it grows.

        model.generate(..., streamer=PieceStreamer(tokenizer, tell))

    A token may end within a character, so that pieces are told when the text that they complete can be read.
    """

    def __init__(self, tokenizer: Any, tell: Tell) -> None:
        self._tokenizer = tokenizer
        self._tell = tell
        self._tokens: list[int] = []
        self._told = 0
        self._has_read = False

    def put(self, tokens: Tensor) -> None:
        """What was read, at first, then what is written, token by token."""
        if not self._has_read:
            self._has_read = True
            return
        self._tokens += tokens.flatten().tolist()
        text = self._tokenizer.decode(self._tokens, skip_special_tokens=True)
        if not text.endswith(_UNFINISHED):
            self._pass_on(text)

    def end(self) -> None:
        """Nothing more comes."""
        self._pass_on(self._tokenizer.decode(self._tokens, skip_special_tokens=True))

    def _pass_on(self, text: str) -> None:
        if len(text) > self._told:
            self._tell(text[self._told :])
            self._told = len(text)
