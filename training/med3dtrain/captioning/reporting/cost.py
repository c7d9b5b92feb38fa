"""How many tokens captions will take, before any is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from Med3DInsightLib.captions.pictures import SlicePicture

_PATCH = 28
_CHARACTERS_PER_TOKEN = 4.0
_AROUND = 16


@dataclass(frozen=True)
class TokenEstimate:
    """Tokens of one slice: the picture, the prompt around it, and the answer."""

    picture: float
    prompt: float
    answer: float

    def of(self, slices: int) -> tuple[int, int]:
        """Tokens read and written for so many slices."""
        return round(slices * (self.picture + self.prompt)), round(slices * self.answer)


def estimate_tokens(
    pictures: Sequence[SlicePicture], prompts: Sequence[str], picture_tokens: int, answer_tokens: int
) -> TokenEstimate:
    """What a slice takes on average; raises ValueError without pictures.

    A picture has picture_tokens if that is not 0, or else one token for 28x28 pixels, as in Qwen2-VL (Wang et
    al. 2024); models with a fixed number have from 64 (SmolVLM) over 256 (MedGemma) to 2880 (LLaVA-NeXT). A
    token of English is taken to have 4 characters, and a chat template to add 16.
    """
    if not pictures:
        raise ValueError("without pictures nothing can be estimated")
    count = len(pictures)
    pixels = sum(-(-each.width // _PATCH) * -(-each.height // _PATCH) for each in pictures) / count
    characters = sum(len(prompt) for prompt in prompts) / count
    return TokenEstimate(picture_tokens or pixels, characters / _CHARACTERS_PER_TOKEN + _AROUND, answer_tokens)
