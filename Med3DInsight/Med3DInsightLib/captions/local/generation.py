"""A batch of pictures and texts in, texts out."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from ..backends.backend import Finish
from ..backends.replying import CheckStop, Tell, go_on
from ..prompting.sampling import Sampling
from .attendance import PieceStreamer, StopCheck
from .opened_model import OpenedModel


@dataclass(frozen=True)
class Generated:
    """One answer, and what it cost to read and to write, in tokens."""

    text: str
    finish: Finish
    tokens_in: int
    tokens_out: int


def generate(
    model: OpenedModel,
    pngs: Sequence[Sequence[bytes]],
    texts: Sequence[str],
    sampling: Sampling,
    check_stop: CheckStop = go_on,
    tell: Tell | None = None,
) -> list[Generated]:
    """What model says to each text with its pictures; raises torch.OutOfMemoryError if they are too many.

    check_stop is called at every token. tell is told the pieces of the answer as they come, if there is one text.
    """
    inputs = _inputs(model, pngs, texts)
    settings = _generation(model.module.generation_config, sampling)
    told = None if tell is None else PieceStreamer(model.tokenizer, tell)
    with torch.inference_mode(), torch.random.fork_rng(enabled=not sampling.is_greedy):
        if not sampling.is_greedy:
            torch.manual_seed(_seed(sampling.seed, [png for of_one in pngs for png in of_one]))
        tokens: Tensor = model.module.generate(
            **inputs, generation_config=settings, stopping_criteria=[StopCheck(check_stop)], streamer=told
        )
    length = inputs["input_ids"].shape[1]
    written = tokens if model.module.config.is_encoder_decoder else tokens[:, length:]
    read = inputs["attention_mask"].sum(1).tolist()
    ends = _ends(settings)
    return [
        _generated(model, row, int(tokens_in), ends, sampling.most_tokens)
        for row, tokens_in in zip(written.tolist(), read, strict=True)
    ]


def _inputs(model: OpenedModel, pngs: Sequence[Sequence[bytes]], texts: Sequence[str]) -> Any:
    """Tokens (B, T), pixels and what else the model reads, on its device; pixels in its number format."""
    conversations = [
        [{"role": "user", "content": [*_images(of_one), {"type": "text", "text": text}]}]
        for of_one, text in zip(pngs, texts, strict=True)
    ]
    inputs = model.processor.apply_chat_template(
        conversations,
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        processor_kwargs={"padding": True},
    )
    return inputs.to(model.device, model.module.dtype)


def _images(pngs: Sequence[bytes]) -> list[dict[str, Any]]:
    return [{"type": "image", "image": _rgb(png)} for png in pngs]


def _generation(own: Any, sampling: Sampling) -> Any:
    """The model's own settings (end tokens, repetition penalty) with the user's limit and draw."""
    settings = deepcopy(own)
    settings.max_length = None
    settings.max_new_tokens = sampling.most_tokens
    settings.do_sample = not sampling.is_greedy
    settings.num_beams = 1
    settings.temperature = None if sampling.is_greedy else sampling.temperature
    settings.top_p = None if sampling.is_greedy else sampling.top_p
    settings.top_k = None if sampling.is_greedy else 0
    return settings


def _generated(model: OpenedModel, row: list[int], tokens_in: int, ends: set[int], most: int) -> Generated:
    end = next((number for number, token in enumerate(row) if token in ends), None)
    # A shorter answer than the others of its batch is padded behind its end.
    kept = row if end is None else row[: end + 1]
    unfinished = Finish.LIMIT if len(row) >= most else Finish.UNKNOWN
    text = model.tokenizer.decode(kept, skip_special_tokens=True).strip()
    return Generated(text, unfinished if end is None else Finish.COMPLETE, tokens_in, len(kept))


def _ends(settings: Any) -> set[int]:
    tokens = settings.eos_token_id
    return set(tokens) if isinstance(tokens, list | tuple) else {tokens} - {None}


def _rgb(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
        return picture.convert("RGB")


def _seed(seed: int, pngs: Sequence[bytes]) -> int:
    """A seed that depends on the pictures, so that a job that was stopped draws the rest as it would have."""
    digest = hashlib.sha256(seed.to_bytes(16, "big", signed=True))
    for png in pngs:
        digest.update(hashlib.sha256(png).digest())
    return int.from_bytes(digest.digest()[:7], "big")
