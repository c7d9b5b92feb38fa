"""How a model draws the words of its answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sampling:
    """The longest answer in tokens, and chance: at temperature 0 the likeliest token is always taken.

    seed decides the draw at temperatures above 0. top_p keeps the likeliest tokens that together have that
    probability. Raises ValueError for what cannot be.
    """

    most_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.most_tokens < 1:
            raise ValueError(f"an answer of at most {self.most_tokens} tokens is empty")
        if not 0 <= self.temperature <= 5:
            raise ValueError(f"the temperature is {self.temperature}, not from 0 to 5")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p is {self.top_p}, not above 0 and at most 1")

    @property
    def is_greedy(self) -> bool:
        """Whether chance plays no part."""
        return self.temperature == 0

    def told_with(self, prompt_name: str) -> str:
        """The name of a prompt, with the draw if there is one: another seed is another source of captions."""
        if self.is_greedy:
            return prompt_name
        return f"{prompt_name} (temperature {self.temperature:g}, top_p {self.top_p:g}, seed {self.seed})"
